package privacy

import (
	"strings"
	"unicode"
)

// nameWords is what requests_name_words holds of a name, written as there.
const nameWords = `array_to_tsvector(array_remove(regexp_split_to_array(lower(r.name), '[[:space:],.;:()"''/-]+'), ''))`

// lookup is the condition of a search: a reference, an e-mail or a number as it
// begins, or each word of a name as it begins. Every part is a range of an index.
func (q *question) lookup(s string) string {
	any := []string{
		q.prefix("ref", reference(s)),
		q.prefix("email", strings.ToLower(s)),
	}
	if number := phonePrefix(s); number != "" {
		any = append(any, "r.phone <> '' AND "+q.prefix("phone", number))
	}
	if w := wordQuery(s); w != "" {
		any = append(any, nameWords+" @@ "+q.arg(w)+"::tsquery")
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// prefix compares bytes, as the indexes for it do. Nothing that people write
// sorts behind the last character there is.
func (q *question) prefix(column, s string) string {
	return "(r." + column + " ~>=~ " + q.arg(s) + " AND r." + column + " ~<=~ " + q.arg(s+string(unicode.MaxRune)) + ")"
}

// reference reads "7f3k29qd", "cs 7f3k" and "CS-7F3K-29QD" alike.
func reference(s string) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(s) {
		if c != '-' && c != ' ' {
			b.WriteRune(c)
		}
	}
	plain := strings.TrimPrefix(b.String(), "CS")
	for _, c := range plain {
		if c < '0' || c > '9' && c < 'A' || c > 'Z' {
			return strings.ToUpper(s) // no reference: nothing begins like this
		}
	}
	if len(plain) > 4 {
		plain = plain[:4] + "-" + plain[4:]
	}
	return "CS-" + plain
}

// phonePrefix keeps what a number consists of; "" for what is no number, or
// so short that it would be every number.
func phonePrefix(s string) string {
	var b strings.Builder
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9', c == '+' && i == 0:
			b.WriteRune(c)
		case strings.ContainsRune(" -()./", c):
		default:
			return ""
		}
	}
	number := strings.TrimPrefix(b.String(), "00")
	if len(number) < 3 {
		return ""
	}
	if number[0] != '+' && len(number) < b.Len() {
		return "+" + number
	}
	return number
}

// wordQuery asks for words that begin as the ones that were typed, all of them.
func wordQuery(s string) string {
	typed := strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(`,.;:()"'/-`, c) })
	quote := strings.NewReplacer(`\`, `\\`)
	for i, w := range typed {
		typed[i] = "'" + quote.Replace(w) + "':*"
	}
	return strings.Join(typed, " & ")
}
