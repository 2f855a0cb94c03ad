package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addEmail takes a known address.
func (r *Redactor) addEmail(who int32, s string) {
	local, host, ok := strings.Cut(strings.TrimSpace(s), "@")
	if !ok || local == "" || host == "" || strings.ContainsAny(s, " \t\n") && strings.TrimSpace(s) != s && len(s) > 254 {
		return
	}
	for _, key := range []string{mailKey(local, host), mailKey(untagged(local), host)} {
		if old, taken := r.emails[key]; !taken || old != 0 && who == 0 {
			r.emails[key] = who
		}
	}
}

func untagged(local string) string {
	before, _, _ := strings.Cut(local, "+")
	return before
}

// mailKey makes writings of one address equal, those in letters that only look
// alike too.
func mailKey(local, host string) string {
	return strings.Map(lookalike, plain(local)) + "@" + strings.Map(lookalike, plain(host))
}

// addresses finds addresses of mail, written plainly or so that programs do
// not find them, and mentions.
func (x *reading) addresses() {
	if x.at {
		for i := 0; i < len(x.text); {
			n := strings.IndexAny(x.text[i:], "@＠﹫")
			if n < 0 {
				break
			}
			at := i + n
			_, size := utf8.DecodeRuneInString(x.text[at:])
			if i = x.address(at, at+size); i == 0 {
				i = x.spacedAddress(at, at+size)
			}
			if i == 0 {
				i = x.mention(at, at+size)
			}
		}
	}
	for _, coded := range []string{"%40", "&#64;", "=40", "&commat;"} {
		for i := 0; strings.Contains(x.text[i:], coded); {
			at := i + strings.Index(x.text[i:], coded)
			i = max(x.address(at, at+len(coded)), at+len(coded))
		}
	}
	if x.at && x.roles&isAt != 0 {
		for i := 1; i+1 < len(x.tokens); i++ {
			if x.is(i, isAt) {
				x.saidAddress(i)
			}
		}
	}
}

// longestLocal and longestHost are limits of mail itself.
const (
	longestLocal = 64
	longestHost  = 253
)

func localSign(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || strings.ContainsRune("._%+-&", c) || invisible(c) || c >= 0xFF01 && c <= 0xFF5E
}

func hostSign(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || c == '.' || c == '-' || invisible(c) || c == '．' || c == '。'
}

// fullStops are the dots of other scripts.
var fullStops = strings.NewReplacer("．", ".", "。", ".")

// address reads an address around a sign, and gives where it ends, or 0.
func (x *reading) address(at, after int) int {
	for _, room := range []string{"", " ", "\n", "\r\n", "  "} {
		left, right := at, after
		if room != "" {
			before := strings.HasSuffix(x.text[:at], room)
			behind := strings.HasPrefix(x.text[after:], room)
			if !before && !behind {
				continue
			}
			if before {
				left -= len(room)
			}
			if behind {
				right += len(room)
			}
		}
		start := backWhile(x.text, left, longestLocal, localSign)
		end := onWhile(x.text, right, longestHost, hostSign)
		start += len(x.text[start:left]) - len(strings.TrimLeft(x.text[start:left], ".-%&"))
		end = right + len(strings.TrimRight(x.text[right:end], ".-。．"))
		if start >= left || end <= right {
			continue
		}
		local, host := x.text[start:left], fullStops.Replace(x.text[right:end])
		if x.addressed(start, end, local, host, room != "") {
			return end
		}
	}
	return 0
}

// spacedAddress reads an address with a space between all its signs.
func (x *reading) spacedAddress(at, after int) int {
	start, local := at, ""
	for len(local) < longestLocal && start > 1 && x.text[start-1] == ' ' {
		c, size := utf8.DecodeLastRuneInString(x.text[:start-1])
		if !localSign(c) || start-1-size > 0 && x.text[start-2-size] != ' ' && x.text[start-2-size] != '\n' {
			break
		}
		start -= 1 + size
		local = string(c) + local
	}
	end, host := after, ""
	for len(host) < longestHost && end+1 < len(x.text) && x.text[end] == ' ' {
		c, size := utf8.DecodeRuneInString(x.text[end+1:])
		if !hostSign(c) || end+1+size < len(x.text) && x.text[end+1+size] != ' ' && x.text[end+1+size] != '\n' {
			break
		}
		end += 1 + size
		host += string(c)
	}
	if len(local) < 2 || len(host) < 4 || !x.addressed(start, end, local, host, true) {
		return 0
	}
	return end
}

// addressed takes an address that has been read, if it is one.
func (x *reading) addressed(start, end int, local, host string, doubtful bool) bool {
	f := found{start: int32(start), end: int32(end), kind: Email, who: -1, rank: rankEmail, sure: true}
	for _, l := range []string{local, untagged(local)} {
		if who, ok := x.r.emails[mailKey(l, host)]; ok {
			if who == 0 {
				x.keep(f)
				return true
			}
			f.who, f.rank = who, rankNumber
			x.find(f)
			return true
		}
	}
	if !named(host) {
		return false
	}
	top := words0(plain(host[strings.LastIndex(host, ".")+1:]))
	if doubtful && (top == nil || top.roles&isHost == 0) {
		return false
	}
	if digits, _ := digitsOf(local); len(digits) >= 7 && len(digits) == len(local) && messenger(host) {
		f.kind = Phone
		f.who = x.dialled(digits)
		if f.who == 0 {
			x.keep(f)
			return true
		}
		f.key = stranger(Phone, "+"+digits)
		x.find(f)
		return true
	}
	f.key = stranger(Email, mailKey(untagged(local), host))
	if x.mine(f.start) {
		return true
	}
	first, _, _ := strings.Cut(plain(local), "-")
	if e := words0(first); e != nil && e.roles&isMailbox != 0 {
		f.sure, f.rank = false, rankGuess
	}
	x.find(f)
	return true
}

func messenger(host string) bool {
	host = plain(host)
	return strings.HasSuffix(host, "whatsapp.net") || host == "c.us" || host == "g.us"
}

// named says whether a host has a name that ends as names of hosts do.
func named(host string) bool {
	dot := strings.LastIndex(host, ".")
	if dot < 1 || strings.Contains(host, "..") {
		return false
	}
	letters := 0
	for _, c := range host[dot+1:] {
		if invisible(c) {
			continue
		}
		if !unicode.IsLetter(c) && !unicode.IsMark(c) && !strings.HasPrefix(host[dot+1:], "xn--") {
			return false
		}
		letters++
	}
	return letters >= 2
}

func backWhile(s string, at, most int, is func(rune) bool) int {
	for n := 0; at > 0 && n < most; n++ {
		c, size := utf8.DecodeLastRuneInString(s[:at])
		if !is(c) || c == utf8.RuneError {
			break
		}
		at -= size
	}
	return at
}

func onWhile(s string, at, most int, is func(rune) bool) int {
	for n := 0; at < len(s) && n < most; n++ {
		c, size := utf8.DecodeRuneInString(s[at:])
		if !is(c) || c == utf8.RuneError {
			break
		}
		at += size
	}
	return at
}

// saidAddress reads "anna at example dot org", with or without brackets.
func (x *reading) saidAddress(i int) {
	bracketed := strings.ContainsAny(x.gap(i), "[({<") && strings.ContainsAny(x.gap(i+1), "])}>")
	if !bracketed && (!blank(x.gap(i)) || !blank(x.gap(i+1))) {
		return
	}
	if !bracketed && !x.hostFollows(&x.tokens[i]) {
		return
	}
	first, local := x.saidLocal(i - 1)
	last, host, said := x.saidHost(i + 1)
	if local == "" || host == "" {
		return
	}
	f := found{start: x.tokens[first].start, end: x.tokens[last].end, kind: Email, who: -1, rank: rankEmail, sure: true}
	if who, ok := x.r.emails[mailKey(local, host)]; ok {
		if who == 0 {
			x.keep(f)
			return
		}
		f.who, f.rank = who, rankNumber
		x.find(f)
		return
	}
	top := words0(plain(host[strings.LastIndex(host, ".")+1:]))
	if !strings.Contains(host, ".") || top == nil || top.roles&isHost == 0 || x.mine(f.start) {
		return
	}
	if !bracketed && !said {
		if e := x.tokens[i-1].entry; e != nil && e.roles&isCommon != 0 {
			return // "see you at example.org"
		}
		f.sure, f.rank = false, rankGuess
	}
	f.key = stranger(Email, mailKey(local, host))
	x.find(f)
}

func blank(s string) bool { return s != "" && len(s) <= 3 && strings.TrimSpace(s) == "" }

// saidLocal goes back over the words of the part before the at.
func (x *reading) saidLocal(i int) (int, string) {
	local := x.str(i)
	for n := 0; i > 0 && n < 8; n++ {
		gap := x.gap(i)
		if gap == "." || gap == "_" || gap == "-" || gap == "+" || gap == "" {
			i--
			local = x.str(i) + gap + local
			continue
		}
		if i > 1 && x.is(i-1, isDot) && small(gap) && small(x.gap(i-1)) {
			i -= 2
			local = x.str(i) + "." + local
			continue
		}
		break
	}
	return i, local
}

// saidHost goes on over the words of the part behind the at, and says whether
// a dot was said.
func (x *reading) saidHost(i int) (last int, host string, said bool) {
	host = x.str(i)
	for n := 0; i+1 < len(x.tokens) && n < 8; n++ {
		gap := x.gap(i + 1)
		if gap == "." || gap == "-" || gap == "" {
			i++
			host += gap + x.str(i)
			continue
		}
		if strings.Trim(gap, " ()[]{}") == "." {
			i++
			host += "." + x.str(i)
			said = true
			continue
		}
		if i+2 < len(x.tokens) && x.is(i+1, isDot) && small(gap) && small(x.gap(i+2)) {
			i += 2
			host += "." + x.str(i)
			said = true
			continue
		}
		break
	}
	return i, host, said
}

// small is a gap around the word for a dot: a space, a bracket.
func small(gap string) bool { return len(gap) <= 3 && strings.Trim(gap, " ()[]{}<>") == "" }
