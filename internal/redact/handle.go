package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// addHandle takes the name of an account elsewhere.
func (r *Redactor) addHandle(who int32, s string) {
	p := strings.TrimLeft(plain(strings.TrimSpace(s)), "@")
	if utf8.RuneCountInString(p) < 3 || len(p) > longestHandle {
		return
	}
	key := hashOf(p)
	if old, taken := r.account[key]; !taken || old != 0 && who == 0 {
		r.account[key] = who
		r.begins = append(r.begins, handleStart(p))
	}
}

const longestHandle = 64

// handleStart is the first word of a handle, by which it is noticed.
func handleStart(p string) uint64 {
	for i, c := range p {
		if unicode.IsLetter(c) {
			end := onWhile(p, i, longestHandle, unicode.IsLetter)
			return hashOf(p[i:end])
		}
	}
	return 0
}

func handleSign(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' || c == '.' || c == '-' || unicode.IsMark(c)
}

// handles finds known handles wherever they stand, and unknown ones by what
// stands before them.
func (x *reading) handles() {
	if len(x.r.account) > 0 {
		last := int32(-1)
		for _, t := range x.tokens {
			if t.kind == letter && t.start >= last && x.r.starts.has(t.hash) {
				if end := x.knownHandle(t.start, t.end); end > 0 {
					last = end
				}
			}
		}
	}
	if x.roles&isApp != 0 {
		for i := range x.tokens {
			if x.is(i, isApp) {
				x.appHandle(i)
			}
		}
	}
	x.maps()
	for _, link := range []string{".me/", "/x.com/", " x.com/"} {
		for i := 0; ; {
			n := strings.Index(x.text[i:], link)
			if n < 0 {
				break
			}
			i += n + len(link)
			x.profile(i)
		}
	}
}

// maps finds links that show a place.
func (x *reading) maps() {
	for _, link := range []string{"maps.google.", "google.com/maps", "maps.app.goo.gl", "goo.gl/maps", "maps.apple.com", "geo:", "openstreetmap.org/?mlat", "what3words.com/", "w3w.co/"} {
		for i := 0; ; {
			n := strings.Index(x.text[i:], link)
			if n < 0 {
				break
			}
			in := func(c rune) bool { return !unicode.IsSpace(c) && c != '<' && c != '>' && c != '"' && c != ')' }
			start, end := backWhile(x.text, i+n, longestHandle, in), onWhile(x.text, i+n, longestFound/2, in)
			if end > i+n+len(link) {
				x.find(found{start: int32(start), end: int32(end), kind: Address, who: -1, rank: rankGuess})
			}
			i = max(end, i+n+len(link))
		}
	}
}

// knownHandle reads the word around a place and looks it up, with and without
// the full stop behind it.
func (x *reading) knownHandle(start, end int32) int32 {
	from := backWhile(x.text, int(start), longestHandle, handleSign)
	to := onWhile(x.text, int(end), longestHandle, handleSign)
	word := x.text[from:to]
	trimmed := strings.TrimLeft(word, ".-")
	from += len(word) - len(trimmed)
	for try := 0; try < 4; try++ {
		trimmed = strings.TrimRight(trimmed, ".-")
		if trimmed == "" {
			return 0
		}
		p := plain(trimmed)
		if who, ok := x.r.account[hashOf(p)]; ok {
			f := found{start: int32(from), end: int32(from + len(trimmed)), kind: Handle, who: who, rank: rankHandle, sure: true}
			if strings.HasSuffix(x.text[:from], "@") {
				f.start--
				f.kind = Mention
			} else if !telling(p) {
				f.sure, f.rank = false, rankHint
			}
			if who == 0 {
				x.keep(f)
			} else {
				x.find(f)
			}
			return f.end
		}
		cut := strings.LastIndexAny(trimmed, ".-")
		if cut < 0 {
			return 0
		}
		trimmed = trimmed[:cut]
	}
	return 0
}

// telling says whether a handle cannot be an everyday word.
func telling(p string) bool {
	if strings.ContainsAny(p, "0123456789_.-") {
		return true
	}
	e := words0(p)
	return e == nil && utf8.RuneCountInString(p) >= 6
}

// mention reads what stands behind an @ that is no address.
func (x *reading) mention(at, after int) int {
	if before, _ := utf8.DecodeLastRuneInString(x.text[:at]); at > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return after
	}
	end := onWhile(x.text, after, longestHandle, handleSign)
	word := strings.TrimRight(x.text[after:end], ".-")
	end = after + len(word)
	p := plain(word)
	if p == "" {
		return after
	}
	f := found{start: int32(at), end: int32(end), kind: Mention, who: -1, rank: rankHandle, sure: true, key: stranger(Handle, p)}
	if who, ok := x.r.account[hashOf(p)]; ok {
		if f.who = who; who == 0 {
			x.keep(f)
			return end
		}
		x.find(f)
		return end
	}
	letters := strings.ContainsFunc(word, unicode.IsLetter)
	digits, _ := digitsOf(word)
	if e := words0(p); e != nil && e.roles&isEveryone != 0 || !letters && len(digits) < 7 {
		return end
	}
	i := x.tokenAt(int32(after))
	switch {
	case !letters:
		f.who = x.dialled(digits)
		f.key = stranger(Phone, "+"+digits)
	case i < len(x.tokens) && x.tokens[i].part >= 0 && int(x.tokens[i].end) == end:
		switch n := x.r.names[x.tokens[i].part]; {
		case n.first < 0:
			f.who = 0
		case !n.many && !n.mine:
			f.who = n.first
		}
	}
	if f.who == 0 {
		x.keep(f)
		return end
	}
	x.find(f)
	return end
}

// appHandle reads the account behind the name of an app: a link, or a label.
func (x *reading) appHandle(i int) {
	t := x.tokens[i]
	rest := x.text[t.end:min(len(x.text), int(t.end)+longestHandle)]
	for _, top := range []string{".com/", ".net/", ".org/", ".tv/"} {
		if strings.HasPrefix(rest, top) {
			x.profile(int(t.end) + len(top))
			return
		}
	}
	if i+1 >= len(x.tokens) {
		return
	}
	gap := x.gap(i + 1)
	label := strings.TrimSpace(gap)
	next := i + 1
	for next < i+3 && next+1 < len(x.tokens) && x.is(next, isVerb) && !strings.Contains(label, ":") { // "insta is anna.s"
		next++
		label = strings.TrimSpace(x.gap(next))
	}
	if len(gap) > 6 || label != "" && label != ":" && label != "-" && label != "=" && label != "(" {
		return
	}
	start := int(x.tokens[next].start)
	end := onWhile(x.text, start, longestHandle, handleSign)
	word := strings.TrimRight(x.text[start:end], ".-")
	if tail := onWhile(x.text, start+len(word)+1, 5, unicode.IsDigit); strings.HasPrefix(x.text[start+len(word):], "#") && tail > start+len(word)+1 {
		word = x.text[start:tail] // tessa#4711
	}
	shaped := strings.ContainsAny(word, "_0123456789") || strings.Contains(strings.Trim(word, "."), ".")
	e := words0(plain(word))
	if len(word) < 3 || !strings.ContainsFunc(word, unicode.IsLetter) || !shaped && (label == "" || e != nil) || x.mine(int32(start)) {
		return
	}
	x.find(found{start: int32(start), end: int32(start + len(word)), kind: Handle, who: -1, key: stranger(Handle, plain(word)), rank: rankHandle, sure: shaped || label == ":"})
}

// profile reads the account in a link to it.
func (x *reading) profile(at int) {
	for _, dir := range []string{"in/", "u/", "user/", "users/", "profile/", "add/", "@"} {
		if strings.HasPrefix(x.text[at:], dir) {
			at += len(dir)
		}
	}
	if strings.HasPrefix(x.text[at:], "+") {
		at++
	}
	end := onWhile(x.text, at, longestHandle, handleSign)
	word := strings.TrimRight(x.text[at:end], ".-")
	if len(word) < 3 || x.mine(int32(at)) {
		return
	}
	f := found{start: int32(at), end: int32(at + len(word)), kind: Handle, who: -1, key: stranger(Handle, plain(word)), rank: rankHandle, sure: true}
	if digits, _ := digitsOf(word); len(digits) == len(word) && len(digits) >= 7 {
		f.kind, f.key = Phone, stranger(Phone, "+"+digits)
		if f.who = x.dialled(digits); f.who == 0 {
			x.keep(f)
			return
		}
	}
	x.find(f)
}
