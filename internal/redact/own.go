package redact

import (
	"slices"
	"strings"
)

// mine says whether the subject says of what stands at a place that it is the
// subject's own. Every word between "my" and the value must be one that says
// so: "my number is", but not "my sister's number is".
func (x *reading) mine(at int32) bool {
	if x.author != Subject || x.inQuote(at) {
		return false
	}
	if x.bye > 0 && at > x.bye {
		return true
	}
	for k := x.tokenAt(at) - 1; k >= 0; k-- {
		if strings.ContainsAny(x.gap(k+1), "!?\n") || strings.Contains(x.gap(k+1), ". ") && !x.is(k, isPhone) {
			return false
		}
		switch {
		case x.is(k, isMine):
			return true
		case x.is(k, isMe):
			return x.is(k-1, isReach) || x.is(k-2, isReach) || x.is(k+1, isReach)
		case x.is(k, isReach) && x.reachesMe(k), plain(x.str(k)) == "bin" && x.reachedAt(at):
			return true
		case !x.is(k, isOwnWord|isVerb|isPhone|isApp) || x.is(k, isKin|isTheirs|isFrom):
			return false
		}
	}
	return false
}

// reachedAt reads "unter … zu erreichen", "unter … erreichbar".
func (x *reading) reachedAt(at int32) bool {
	for k, words := x.tokenAt(at), 0; k < len(x.tokens) && words < 3; k++ {
		if x.tokens[k].kind != letter {
			continue
		}
		if words++; x.is(k, isReach) {
			return true
		}
	}
	return false
}

// reachesMe says whether a word has "me" in it.
func (x *reading) reachesMe(k int) bool {
	w := plain(x.str(k))
	return strings.HasSuffix(w, "ame") || strings.HasSuffix(w, "eme") || strings.HasSuffix(w, "mami") || strings.HasSuffix(w, "vimi") || strings.HasSuffix(w, "rmi") || strings.HasSuffix(w, "rme")
}

// tokenAt gives the first token that ends behind a place.
func (x *reading) tokenAt(at int32) int {
	i, _ := slices.BinarySearchFunc(x.tokens, at, func(t token, at int32) int { return int(t.end - at - 1) })
	return i
}

func (x *reading) inQuote(at int32) bool {
	i, _ := slices.BinarySearchFunc(x.quoted, at, func(s span, at int32) int { return int(s.end - at - 1) })
	return i < len(x.quoted) && x.quoted[i].start <= at
}

// parts finds what the author quotes, and where the author signs.
func (x *reading) divide() {
	if x.author != Subject {
		return
	}
	x.quotes()
	if x.roles&isBye == 0 {
		return
	}
	for i := range x.tokens {
		t := x.tokens[i]
		if !x.is(i, isBye) || x.inQuote(t.start) || !x.lineStart(t.start) && !x.is(i-1, isBye|isGreeting|isFiller) {
			continue
		}
		rest := x.text[t.end:min(int(t.end)+40, len(x.text))]
		line, _, _ := strings.Cut(rest, "\n")
		if len(line) < 40 {
			x.bye = t.end
		}
	}
}

func (x *reading) lineStart(at int32) bool {
	before := strings.TrimRight(x.text[max(0, int(at)-8):at], " \t*_-")
	return before == "" || strings.HasSuffix(before, "\n")
}

// quotes finds quoted lines, and everything under the head of a forwarded or
// answered message.
func (x *reading) quotes() {
	at := int32(0)
	for line := range strings.Lines(x.text) {
		end := at + int32(len(line))
		trimmed := strings.TrimSpace(line)
		if head(trimmed) && strings.HasPrefix(strings.TrimLeft(x.text[end:], " \r\n"), ">") {
			x.quoted = append(x.quoted, span{at, end})
			at = end
			continue
		}
		if strings.HasPrefix(trimmed, ">") {
			if n := len(x.quoted); n > 0 && x.quoted[n-1].end == at {
				x.quoted[n-1].end = end
			} else {
				x.quoted = append(x.quoted, span{at, end})
			}
		} else if head(trimmed) {
			x.quoted = append(x.quoted, span{at, int32(len(x.text))})
			return
		}
		at = end
	}
}

// head says whether a line is the head of a quoted message.
func head(line string) bool {
	if len(line) > 300 || !strings.ContainsAny(line, ":-") {
		return false
	}
	if strings.HasPrefix(line, "---") && strings.Trim(line, "-") != "" {
		return true
	}
	p := plain(line)
	for _, s := range []string{" wrote:", " schrieb", " a ecrit", " escribio:", " ha scritto:", " escreveu:", " написал", " yazdi"} {
		if strings.Contains(p, s) && strings.HasSuffix(p, ":") {
			return true
		}
	}
	for _, s := range []string{"from: ", "von: ", "fwd: ", "wg: ", "forwarded"} {
		if strings.HasPrefix(p, s) {
			return true
		}
	}
	return false
}

// dialled gives who has a number that is written with its country's code, or
// -1.
func (x *reading) dialled(digits string) int32 {
	who := int32(-1)
	for _, n := range x.r.lengths {
		if n > len(digits) {
			break
		}
		for _, o := range x.r.numbers[digitHash(digits[len(digits)-n:])] {
			if own := digits[len(digits)-n:]; o.own == own && strings.HasPrefix(digits, o.code) && len(digits)-n-len(o.code) <= 1 && (who < 0 || o.who == 0) {
				who = o.who
			}
		}
	}
	return who
}
