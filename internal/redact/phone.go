package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// phones finds numbers of people whom the store does not know. Most digits
// in messages are no numbers to call: dates, amounts and orders are told apart
// by what stands around them.
func (x *reading) phones() {
	if len(x.digits) < fewDigits {
		return
	}
	x.take()
	x.dates()
	from := 0
	for _, end := range x.chainEnds {
		to := int(end)
		for at := from; at < to; {
			if x.taken[at] {
				at++
				continue
			}
			next := at + 1
			for next < to && !x.taken[next] && !x.parts(next, at) {
				next++
			}
			x.segment(at, next)
			at = next
		}
		from = to
	}
}

// take marks the digits that already belong to something else.
func (x *reading) take() {
	for _, list := range [][]found{x.found, x.keeps} {
		for _, f := range list {
			if f.rank < rankEmail && (f.kind != Phone || f.rank == rankAddress) {
				continue
			}
			i, _ := slices.BinarySearchFunc(x.digits, f.start, func(d digit, at int32) int { return int(d.start - at) })
			for ; i < len(x.digits) && x.digits[i].start < f.end; i++ {
				x.taken[i] = true
			}
		}
	}
}

// dates takes dates, times and amounts with thousands.
func (x *reading) dates() {
	for i := 0; i+2 < len(x.tokens); i++ {
		a, b, c := x.tokens[i], x.tokens[i+1], x.tokens[i+2]
		if a.kind != figure || b.kind != figure || c.kind != figure {
			continue
		}
		gap, behind := strings.TrimSpace(x.gap(i+1)), strings.TrimSpace(x.gap(i+2))
		if len(x.gap(i+1)) > 2 || gap != behind || len(gap) != 1 || strings.Trim(gap, "./-") != "" {
			continue
		}
		if x.dated(i, i+1, i+2) {
			for k := i; k <= i+2; k++ {
				x.takeToken(k)
			}
			i += 2
		}
	}
}

func (x *reading) takeToken(k int) {
	t := x.tokens[k]
	for d := t.digit; d < t.digit+int32(t.letters) && int(d) < len(x.taken); d++ {
		x.taken[d] = true
	}
}

func (x *reading) figuresOf(k int) int {
	n := 0
	t := x.tokens[k]
	if t.letters > 4 {
		return -1
	}
	for _, d := range x.digits[t.digit : t.digit+int32(t.letters)] {
		n = n*10 + int(d.value)
	}
	return n
}

func (x *reading) dated(i, j, k int) bool {
	a, b, c := x.figuresOf(i), x.figuresOf(j), x.figuresOf(k)
	la, lb, lc := x.tokens[i].letters, x.tokens[j].letters, x.tokens[k].letters
	day := func(n int) bool { return n >= 1 && n <= 31 }
	year := func(n int, l uint8) bool {
		return l == 2 || l == 4 && n >= 1900 && n < 2100 || l == 4 && n >= 2400 && n < 2600
	}
	if la == 4 && lb <= 2 && lc <= 2 {
		return year(a, la) && day(b) && day(c) && (b <= 12 || c <= 12)
	}
	return la <= 2 && lb <= 2 && year(c, lc) && day(a) && day(b) && (a <= 12 || b <= 12)
}

// parts says whether digit i begins something new after those from first on.
func (x *reading) parts(i, first int) bool {
	a, b := x.digits[i-1], x.digits[i]
	if a.token == b.token {
		return false
	}
	if a.spoken != b.spoken {
		return true
	}
	if a.spoken {
		return false
	}
	gap := strings.Map(func(c rune) rune {
		if invisible(c) {
			return -1
		}
		return c
	}, x.text[min(a.end, b.start):b.start])
	if strings.ContainsFunc(gap, unicode.IsLetter) || strings.ContainsAny(gap, ",;:|=\"{}\\،") || strings.Contains(gap, "+") || utf8.RuneCountInString(gap) > 3 || strings.Contains(gap, "  ") {
		return true
	}
	return strings.Contains(gap, "\n") && !(i-first < 8 && (x.digits[first].value == 0 || x.plus(first)))
}

func (x *reading) plus(d int) bool {
	before := x.text[:x.digits[d].start]
	return strings.HasSuffix(before, "+") || strings.HasSuffix(before, "＋") || strings.HasSuffix(before, "+ ") || strings.HasSuffix(before, "+(")
}

// longestDialled is the longest number with what is dialled before it.
const longestDialled = 18

// longestRow is how many digits may stand in a row, with spaces only, before
// they are figures of a table rather than several numbers.
const longestRow = 60

// segment looks for numbers among digits that belong together, the longest
// first, from each group of digits on.
func (x *reading) segment(from, to int) {
	if x.digits[from].spoken {
		x.said(from, to)
		return
	}
	table := to-from > longestRow
	for at := from; at < to && to-at >= 5; {
		best := 0
		ends := 0
		if at > from && !x.spaced(at) || table && x.digits[at].value != 0 && !x.plus(at) {
			ends = 8 // within one reference, such as 77-120045-3, or a table of figures
		}
		for end := min(to, at+longestDialled); end > at && ends < 8; end-- {
			if end < to && x.digits[end].token == x.digits[end-1].token {
				continue
			}
			if end-at < 5 {
				break
			}
			ends++
			if x.number(at, end, at == from, end == to) {
				best = end
				break
			}
		}
		if best == 0 {
			best = at + 1
			for best < to && (x.digits[best].token == x.digits[best-1].token || x.single(best) && x.single(best-1)) {
				best++
			}
		}
		at = best
	}
}

// spaced says whether white space stands before a digit.
func (x *reading) spaced(d int) bool {
	return strings.ContainsAny(x.text[min(x.digits[d-1].end, x.digits[d].start):x.digits[d].start], " \t\n\u00a0")
}

// single says whether a digit stands alone.
func (x *reading) single(d int) bool { return x.tokens[x.digits[d].token].letters == 1 }

// said takes digits that are said one by one: seven in a row are a number.
func (x *reading) said(from, to int) {
	n := to - from
	if n < 6 || n > 17 {
		return
	}
	d := x.digitString(from, to)
	first := int(x.digits[from].token)
	v := x.verdict(d, false)
	if n < 7 && !x.toldBefore(first, isPhone) || x.ordered(first) {
		return
	}
	f := found{start: x.digits[from].start, end: x.digits[to-1].end, kind: Phone, who: -1, rank: rankPhone, sure: n >= 9 || v.valid || x.toldBefore(first, isPhone), key: x.strangerNumber(d, v)}
	if x.mine(f.start) {
		return
	}
	if !f.sure {
		f.rank = rankGuess
	}
	x.find(f)
}

func (x *reading) digitString(from, to int) string {
	d := make([]byte, 0, 24)
	for _, one := range x.digits[from:to] {
		d = append(d, one.value+'0')
	}
	return string(d)
}

// verdict is what a number may be.
type verdict struct {
	valid, possible bool
	e164            string
	national        bool // read as a number of one of the regions
	usual           bool // with the sign before it that the country uses: 0, or none where there is none
}

// maxLookups is how many numbers of one text are read by the rules of their
// countries; then their lengths alone decide, and more is hidden.
const maxLookups = 400

func (x *reading) verdict(d string, plus bool) verdict {
	key := d
	if plus {
		key = "+" + d
	}
	if v, ok := x.verdicts[key]; ok {
		return v
	}
	if x.lookups++; x.lookups > maxLookups+len(x.text)/256 {
		return verdict{valid: (plus || d[0] == '0') && len(d) >= 8, possible: len(d) >= 7, e164: d, usual: true}
	}
	v := x.judge(d, plus)
	if x.verdicts == nil {
		x.verdicts = map[string]verdict{}
	}
	x.verdicts[key] = v
	return v
}

func (x *reading) judge(d string, plus bool) verdict {
	if cut, ok := strings.CutPrefix(d, "00"); ok && !plus {
		plus, d = true, cut
	} else if cut, ok := strings.CutPrefix(d, "011"); ok && !plus && len(d) > 12 {
		plus, d = true, cut
	}
	if plus {
		num, err := phonenumbers.Parse("+"+d, "")
		if err != nil {
			return verdict{}
		}
		return verdict{valid: phonenumbers.IsValidNumber(num), possible: phonenumbers.IsPossibleNumber(num), e164: phonenumbers.Format(num, phonenumbers.E164), usual: true}
	}
	var best verdict
	for _, region := range x.r.regions {
		num, err := phonenumbers.Parse(d, region)
		if err != nil {
			continue
		}
		v := verdict{valid: phonenumbers.IsValidNumber(num), possible: phonenumbers.IsPossibleNumber(num), e164: phonenumbers.Format(num, phonenumbers.E164), national: true}
		trunk := phonenumbers.GetNddPrefixForRegion(region, true)
		v.usual = trunk != "0" || strings.HasPrefix(d, "0")
		if v.valid && v.usual {
			return v
		}
		if v.valid && !best.valid || v.possible && !best.possible && !best.valid {
			best = v
		}
	}
	if len(d) >= 10 && d[0] != '0' {
		if num, err := phonenumbers.Parse("+"+d, ""); err == nil && phonenumbers.IsValidNumber(num) {
			if !best.valid || contains(x.r.regions, phonenumbers.GetRegionCodeForNumber(num)) {
				return verdict{valid: true, possible: true, e164: phonenumbers.Format(num, phonenumbers.E164), usual: len(d) >= 11 && contains(x.r.regions, phonenumbers.GetRegionCodeForNumber(num))}
			}
		}
	}
	return best
}

func (x *reading) strangerNumber(d string, v verdict) string {
	if v.e164 != "" {
		d = v.e164
	}
	return stranger(Phone, d)
}

// number decides about digits from at to end.
func (x *reading) number(at, end int, opens, closes bool) bool {
	n := end - at
	first, last := int(x.digits[at].token), int(x.digits[end-1].token)
	if n > longestDialled || n < 5 || !x.stands(at, end) {
		return false
	}
	plus := x.plus(at)
	d := x.digitString(at, end)
	told := x.toldNumber(first)
	ordered := x.ordered(first)
	f := found{start: x.widened(x.digits[at].start), end: x.digits[end-1].end, kind: Phone, who: -1, rank: rankPhone}
	if who, ok := x.r.locals[digitHash(d)]; ok && opens && closes && !ordered {
		f.who, f.rank = who, rankHint
		if x.mine(f.start) {
			return true
		}
		x.find(f)
		return true
	}
	if n < 7 && !(told && n >= 6 && opens && closes) {
		return false
	}
	if ordered && !plus && d[0] != '0' {
		return false
	}
	if !closes && !x.spaced(end) && !plus && d[0] != '0' {
		return false // 302-1234567-1234567 is an order
	}
	v := x.verdict(d, plus)
	grouped := first != last
	switch {
	case plus && n >= 8 && n <= 15 && (v.possible || v.valid):
		f.sure = true
	case plus && n >= 9 && n <= 15:
		f.sure = true // a number with a digit too many or too few is still somebody's
	case told && !strings.HasPrefix(d, "000") && (v.valid || v.possible || n >= 7 && n <= 15) && !ordered:
		f.sure = v.valid || v.possible || n >= 8
	case v.valid && strings.HasPrefix(d, "0") && !strings.HasPrefix(d, "000") && n >= 8:
		f.sure = !ordered
	case ordered, x.decimal(at, end), !v.valid, strings.HasPrefix(d, "000"), x.coded(first):
		return false
	case v.usual && grouped && n >= 8, v.usual && n >= 11:
		f.sure = true
	case v.usual && n >= 9, grouped && n >= 9:
	default:
		return false
	}
	if !f.sure {
		f.rank = rankGuess
	}
	if x.mine(f.start) {
		return true
	}
	f.end = x.extension(f.end)
	for !closes && end < len(x.digits) && !x.taken[end] && x.digits[end].start <= f.end+1 && !x.spaced(end) && end-at < longestDialled {
		f.end = x.digits[end].end // -12, within the house
		end++
	}
	f.key = x.strangerNumber(d, v)
	x.find(f)
	return true
}

// coded says whether capitals stand before digits as they do in references:
// RX 7719-02-441.
func (x *reading) coded(i int) bool {
	if i == 0 {
		return false
	}
	t := x.tokens[i-1]
	return t.caps == allCaps && t.letters <= 4 && !x.is(i-1, isPhone) && (x.gap(i) == " " || x.gap(i) == "-")
}

// toldNumber says whether the words before a token say that it is to be
// called.
func (x *reading) toldNumber(i int) bool {
	for k := i - 1; k >= 0 && k >= i-8; k-- {
		if x.tokens[k].kind == solid {
			return anyOf(x.tail(k), solidPhone) && !anyOf(x.tail(k), solidOrder)
		}
		if x.is(k, isPhone) {
			return true
		}
		if x.is(k, isNoPhone) || strings.ContainsAny(x.gap(k+1), "!?\n") || strings.Contains(x.gap(k+1), ". ") {
			return false
		}
	}
	before := x.text[:x.tokens[i].start]
	for _, sign := range []string{"☎", "☎️", "📞", "📱", "✆", "📲", "☏"} {
		if strings.HasSuffix(strings.TrimRight(before, " :\ufe0f(+"), strings.TrimRight(sign, "\ufe0f")) {
			return true
		}
	}
	return false
}

// stands says whether what is around digits leaves them a number: no letter
// glued to them, no currency, no unit, no fraction.
func (x *reading) stands(at, end int) bool {
	first, last := int(x.digits[at].token), int(x.digits[end-1].token)
	if first > 0 && x.tokens[first-1].end == x.tokens[first].start && !x.is(first-1, isPhone) && x.tokens[first-1].kind != solid {
		return false
	}
	if last+1 < len(x.tokens) && x.tokens[last+1].start == x.tokens[last].end && x.tokens[last+1].kind == letter && !strings.HasPrefix(plain(x.str(last+1)), "x") && !strings.HasPrefix(plain(x.str(last+1)), "ext") {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(x.text[:x.digits[at].start], " "))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeft(x.text[x.digits[end-1].end:], " "))
	if unicode.Is(unicode.Sc, before) || unicode.Is(unicode.Sc, after) || after == '%' || after == '°' || after == '‰' || before == '#' {
		return false
	}
	glued, _ := utf8.DecodeLastRuneInString(x.text[:x.digits[at].start])
	if at > 0 && (glued == ',' || glued == '_') && x.digits[at-1].end == x.digits[at].start-1 {
		return false
	}
	if (x.is(last+1, isUnit) || x.is(first-1, isUnit) && !x.is(first-1, isPhone)) && !x.plus(at) && x.digits[at].value != 0 {
		return false
	}
	return !x.network(first, last) && !x.yearly(first, last)
}

// yearly says whether groups begin with a year, as many references do.
func (x *reading) yearly(first, last int) bool {
	if first == last {
		return false
	}
	year, gap := x.figuresOf(first), x.gap(first+1)
	return x.tokens[first].letters == 4 && year >= 1950 && year < 2060 && (gap == "-" || gap == "/" || gap == ".")
}

// network says whether groups are the address of a computer or a version.
func (x *reading) network(first, last int) bool {
	if last-first != 3 || x.digits[x.tokens[first].digit].value == 0 {
		return false
	}
	for k := first; k <= last; k++ {
		if x.tokens[k].letters > 3 || k > first && x.gap(k) != "." {
			return false
		}
	}
	return true
}

// decimal says whether the only sign between digits is one dot, as in
// fractions and coordinates, or dots that group thousands.
func (x *reading) decimal(at, end int) bool {
	first, last := int(x.digits[at].token), int(x.digits[end-1].token)
	if first == last || x.digits[at].value == 0 {
		return false
	}
	thousands := true
	for k := first + 1; k <= last; k++ {
		if gap := x.gap(k); gap != "." && gap != "'" && gap != "’" && gap != " " && gap != "\u00a0" && gap != "\u202f" {
			return false
		}
		thousands = thousands && x.tokens[k].letters == 3
	}
	return last == first+1 && x.gap(last) == "." || thousands && x.tokens[first].letters <= 3
}

// extension takes in what is dialled inside a house: "ext. 12", "x12".
func (x *reading) extension(end int32) int32 {
	rest := x.text[end:min(len(x.text), int(end)+16)]
	p := strings.ToLower(rest)
	for _, word := range []string{" ext. ", " ext ", " ext.", "ext", " x", "x", " durchwahl ", " apparat "} {
		if strings.HasPrefix(p, word) {
			n := onWhile(p, len(word), 5, unicode.IsDigit)
			if n > len(word) {
				return end + int32(n)
			}
		}
	}
	return end
}
