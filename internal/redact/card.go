package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cards finds contact cards, the heads of mails and of quoted messages.
func (x *reading) cards() {
	x.vcards()
	if x.roles&(isField|isFrom|isWrote) == 0 && !x.at && len(x.digits) < 4 {
		return
	}
	slices.SortFunc(x.keeps, func(a, b found) int { return int(a.start - b.start) })
	at := 0
	for line := range strings.Lines(x.text) {
		x.line(at, strings.TrimRight(line, "\r\n"))
		at += len(line)
	}
}

// vcards hides the values of a card that a program wrote.
func (x *reading) vcards() {
	for from := 0; ; {
		n := strings.Index(x.text[from:], "BEGIN:VCARD")
		if n < 0 {
			return
		}
		start := from + n
		end := len(x.text)
		if n := strings.Index(x.text[start:], "END:VCARD"); n >= 0 {
			end = start + n
		}
		at := start
		for line := range strings.Lines(x.text[start:end]) {
			label, value, ok := strings.Cut(line, ":")
			begin := at + len(label) + 1
			at += len(line)
			label, _, _ = strings.Cut(label, ";")
			if _, after, grouped := strings.Cut(label, "."); grouped {
				label = after
			}
			kind, shown := cardFields[strings.ToUpper(label)]
			if !ok || !shown || strings.TrimSpace(value) == "" {
				continue
			}
			f := found{start: int32(begin), end: int32(begin + len(strings.TrimRight(value, "\r\n"))), kind: kind, who: -1, sure: true, rank: rankAddress}
			f.key = stranger(kind, plain(value))
			if f.end-f.start <= longestFound {
				x.find(f)
			}
		}
		from = end
	}
}

var cardFields = map[string]Kind{
	"FN": Name, "N": Name, "NICKNAME": Name, "TEL": Phone, "EMAIL": Email, "ADR": Address, "LABEL": Address, "IMPP": Handle, "URL": Handle, "X-ABLABEL": Name,
	"X-WA-BIZ-NAME": Name, "NOTE": Name, "BDAY": Name, "PHOTO": Name, "X-SOCIALPROFILE": Handle, "ORG": Name, "TITLE": Name, "WAID": Phone,
}

// line reads one line as the head of a message, or as a line of a card.
func (x *reading) line(at int, line string) {
	if len(line) < 4 {
		return
	}
	x.export(at, line)
	rest := strings.TrimLeft(line, "> \t*_•-")
	begin := at + len(line) - len(rest)
	if label, value, ok := strings.Cut(rest, ":"); ok && len(label) <= 40 {
		value0 := strings.TrimLeft(value, " \t*_")
		where := begin + len(label) + 1 + len(value) - len(value0)
		switch r := labelRoles(label); {
		case r&(isFrom|isField) != 0 || fromLabel(plain(strings.TrimSpace(label))):
			x.labelled(where, value0, r)
		}
	}
	if len(line) < 400 {
		x.attribution(begin, rest)
	}
}

// fromLabel are labels at the head of a mail that are everyday words too.
func fromLabel(p string) bool {
	switch p {
	case "from", "von", "de", "da", "от", "to", "an", "a", "para", "кому", "van", "aan", "od", "do", "kimden", "kime", "fra", "til", "من", "الى", "cc", "bcc", "reply-to", "sender":
		return true
	}
	return false
}

// labelRoles are the roles that all words of a label share.
func labelRoles(label string) role {
	all := ^role(0)
	n := 0
	for _, w := range strings.FieldsFunc(label, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) }) {
		e := words0(plain(w))
		if e == nil {
			return 0
		}
		if e.roles&isField == 0 && e.roles&(isVerb|isMine|isTheirs|isParticle) != 0 {
			continue
		}
		all &= e.roles
		n++
	}
	if n == 0 {
		return 0
	}
	return all
}

// labelled takes a name behind a label, up to what is no name any more.
func (x *reading) labelled(at int, value string, r role) {
	i := x.tokenAt(int32(at))
	if i >= len(x.tokens) || int(x.tokens[i].start) > at+3 {
		return
	}
	for x.is(i, isTitle) && i+1 < len(x.tokens) {
		i++
	}
	n := x.nameFrom(i, true)
	if n == 0 {
		return
	}
	if k := i + n; k < len(x.tokens) && x.gap(k) == ", " && x.tokens[k].caps == capital && (n == 1 || x.is(k, isGiven)) {
		n += max(1, x.nameAt(k)) // Prado, Leticia
	}
	end := int(x.tokens[i+n-1].end)
	if end > at+len(value) {
		return
	}
	rest := strings.TrimSpace(x.text[end : at+len(value)])
	if !x.inQuote(int32(at)) && x.author == Subject && x.ownCard(at) {
		return
	}
	sure := rest == "" || strings.ContainsAny(rest[:1], "<[(,;|/-–•") || strings.ContainsFunc(rest, unicode.IsDigit)
	f := found{start: x.tokens[i].start, end: int32(end), kind: Name, who: -1, rank: rankGuess}
	if sure {
		f.sure, f.rank, f.key = true, rankStranger, stranger(Name, plain(x.text[f.start:f.end]))
	}
	x.find(f)
}

// ownCard says whether a card in the subject's message is the subject's: one
// that has the subject's own name, number or address in it.
func (x *reading) ownCard(at int) bool {
	const near = 300
	i, _ := slices.BinarySearchFunc(x.keeps, int32(at-near), func(k found, at int32) int { return int(k.start - at) })
	return i < len(x.keeps) && int(x.keeps[i].start) < at+near
}

// attribution takes the name in "On Monday, Anna Schmidt wrote:".
func (x *reading) attribution(at int, line string) {
	trimmed := strings.TrimRight(line, " \t:")
	if len(trimmed) == len(strings.TrimRight(line, " \t")) {
		return // no colon at its end
	}
	from, to := x.tokenAt(int32(at)), x.tokenAt(int32(at+len(trimmed)-1))
	if to >= len(x.tokens) || to-from > 40 {
		return
	}
	wrote := -1
	for k := from; k <= to; k++ {
		if x.is(k, isWrote) {
			wrote = k
		}
	}
	if wrote < 0 {
		return
	}
	for k := from; k <= to; k++ {
		n := x.nameAt(k)
		if n == 0 || k <= wrote && k+n > wrote || n == 1 && x.is(k, isCommon) {
			continue
		}
		f := found{start: x.tokens[k].start, end: x.tokens[k+n-1].end, kind: Name, who: -1, sure: true, rank: rankStranger}
		f.key = stranger(Name, plain(x.text[f.start:f.end]))
		x.find(f)
		k += n
	}
}

// export takes the name in a line of a conversation that an app exported:
// "[12.05.24, 10:30] Anna Schmidt: hello", "12/05/24, 10:30 - Anna: hello".
func (x *reading) export(at int, line string) {
	head, _, ok := strings.Cut(line, ": ")
	if !ok || len(head) > 80 {
		return
	}
	cut := strings.LastIndexAny(head, "]-–")
	if cut < 8 || !strings.Contains(head[:cut], ":") || strings.Count(head[:cut], ".")+strings.Count(head[:cut], "/")+strings.Count(head[:cut], "-") < 1 {
		return
	}
	_, size := utf8.DecodeRuneInString(head[cut:])
	name := head[cut+size:]
	trimmed := strings.TrimLeft(name, " ~\u00a0\u200e")
	if trimmed == "" || !strings.ContainsFunc(head[:cut], unicode.IsDigit) || strings.ContainsFunc(trimmed, unicode.IsDigit) {
		return
	}
	start := at + cut + size + len(name) - len(trimmed)
	f := found{start: int32(start), end: int32(start + len(trimmed)), kind: Name, who: -1, sure: true, rank: rankStranger}
	f.key = stranger(Name, plain(trimmed))
	x.find(f)
}
