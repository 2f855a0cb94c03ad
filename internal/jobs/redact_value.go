package jobs

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/redact"
)

// cell hides in one value.
func (r *row) cell(i int, cell []byte) []byte {
	c := r.t.Columns[i]
	switch {
	case c.Group == datamap.Staff:
		return cell // stands for somebody already
	case c.Kind == connector.KindJSON:
		out, ok := eachLeaf(cell, func(n int, text string, path func() string) (string, bool) {
			if !c.Free {
				return r.guard(text)
			}
			return r.free(i, n, text, path)
		})
		if ok {
			return out
		}
	case c.Kind == connector.KindNumber && c.Group != datamap.Data:
		return r.number(cell)
	case c.Kind == connector.KindBool, c.Kind == connector.KindTime:
		return cell
	}
	text, read := string(cell), true
	if plain, ok := unhexed(text); ok {
		text, read = plain, utf8.ValidString(plain)
	}
	if c.Free && read {
		out, _ := r.free(i, 0, text, nil)
		return []byte(out)
	}
	switch out, changed := r.guard(text); {
	case !changed:
		return cell
	case read:
		return []byte(out)
	}
	return []byte(redact.Bar) // bytes that are no text: nobody can tell what is left of them
}

// unhexed reads what the store writes of bytes.
func unhexed(text string) (string, bool) {
	if !strings.HasPrefix(text, `\x`) {
		return "", false
	}
	plain, err := hex.DecodeString(text[2:])
	return string(plain), err == nil
}

// number hides a whole number that somebody else is reached by. Those of rows and
// of other things may look like what nobody may see, and are not.
func (r *row) number(cell []byte) []byte {
	if len(cell) < leastDigits {
		return cell
	}
	for _, m := range r.v.marks(string(cell), redact.Unknown) {
		if !m.Never && r.v.reaches(m, string(cell)) {
			r.note.Masked = append(r.note.Masked, string(m.Kind))
			return []byte(r.v.names.Replace(m))
		}
	}
	return cell
}

// guard hides in a value that is no text of people what nobody may see, what
// somebody else whom the store knows is reached by or called, and what staff hid
// wherever it stands. A value that looks like a key from its first sign to its
// last is one of the store's own.
func (r *row) guard(text string) (string, bool) {
	v := r.v
	if v.rules.Empty() && v.count(text) {
		return text, false
	}
	who, there, opaque := v.encoded(text)
	if there && v.rules.Person(v.token(who)) != privacy.ActKeep {
		r.note.Masked = append(r.note.Masked, string(redact.Phone))
		return v.names.Of(who), true
	}
	if opaque && solid(text) {
		return text, false
	}
	var marks []redact.Mark
	for _, m := range v.marks(text, redact.Unknown) {
		if m.Never && !opaque && (m.Kind != redact.Code || m.Start > 0 || m.End < len(text)) || !m.Never && v.reaches(m, text) {
			marks = append(marks, m)
		}
	}
	if marks = v.rules.Everywhere(text, marks); len(marks) == 0 {
		return text, false
	}
	for _, m := range marks {
		r.note.Masked = append(r.note.Masked, string(m.Kind))
	}
	return redact.Write(text, marks, v.names.Replace), true
}

// tail is the end of a telephone number, which all its writings share.
func tail(digits string) string { return digits[max(0, len(digits)-leastDigits):] }

// count says that a text is a number and nobody's: a time, an amount, a key. It
// is too short for what nobody may see, and ends like nothing that anybody is
// reached by.
func (v *veil) count(text string) bool {
	const shortest = 11 // a tax number
	if len(text) >= shortest {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return !v.tails[tail(text)]
}

// reaches says whether a mark is what somebody else whom the store knows is
// reached by, or all of their name: one word of it may be a town or a street.
func (v *veil) reaches(m redact.Mark, text string) bool {
	switch m.Kind {
	case redact.Name:
		if !m.Sure || len(strings.FieldsFunc(text[m.Start:m.End], func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) })) < 2 {
			return false
		}
	case redact.Phone, redact.Email, redact.Handle:
	default:
		return false
	}
	return v.known[m.Who] && v.rules.Person(v.token(m.Who)) != privacy.ActKeep
}
