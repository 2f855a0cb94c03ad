package redact

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// say adds the digits of a number word to those in figures. "Seventy" and
// "seven" are 77, "soixante" and "douze" 72, "quatre" and "vingts" 80.
func (x *reading) say(t *token) {
	value := t.entry.digits
	id := int32(len(x.tokens))
	last := len(x.tokens) - 1
	if x.is(last, isFiller) && t.start-x.tokens[last].end <= 2 {
		last--
	}
	t.digit = int32(len(x.digits))
	if x.is(last, isNumber) && t.start-x.tokens[last].end <= 8 && len(x.digits) > 0 && x.digits[len(x.digits)-1].spoken {
		before, n := x.tokens[last].entry, len(x.digits)
		units, ten := &x.digits[n-1], &x.digits[max(n-2, 0)]
		switch {
		case before.roles&isTens != 0 && len(value) == 1 && value != "0":
			units.value, units.end, units.token = value[0]-'0', t.end, id
			return
		case (before.digits == "60" || before.digits == "80") && t.entry.roles&isTeen != 0:
			ten.value, units.value, units.end, units.token = ten.value+1, value[1]-'0', t.end, id
			return
		case before.digits == "4" && value == "20" && isVingt(x.text[t.start:t.end]):
			units.value, units.end = 8, t.end
			x.digits = append(x.digits, digit{0, true, units.start, t.end, id})
			return
		case before.digits == "10" && len(value) == 1 && value > "6": // dix sept, on yedi
			units.value, units.end, units.token = value[0]-'0', t.end, id
			return
		}
	}
	times := 1
	if x.is(len(x.tokens)-1, isTwice) {
		times = x.tokens[len(x.tokens)-1].entry.times
	}
	for range times {
		for _, c := range []byte(value) {
			x.digits = append(x.digits, digit{c - '0', true, t.start, t.end, id})
		}
	}
}

func isVingt(s string) bool { return strings.HasPrefix(plain(s), "vingt") }

// mistaken reads the letters O and l that stand for 0 and 1 beside a digit.
func (x *reading) mistaken(t *token) {
	s := x.text[t.start:t.end]
	if strings.Trim(s, "oOlI") != "" {
		return
	}
	next := int(t.end) < len(x.text) && x.text[t.end] >= '0' && x.text[t.end] <= '9'
	last := len(x.tokens) - 1
	behind := last >= 0 && x.tokens[last].kind == figure && x.tokens[last].end == t.start
	if !next && !behind {
		return
	}
	for i, c := range s {
		v := byte(0)
		if c == 'l' || c == 'I' {
			v = 1
		}
		at := t.start + int32(i)
		x.digits = append(x.digits, digit{v, true, at, at + 1, int32(len(x.tokens))})
	}
}

// chains finds which digits may be of one number: those between which stand
// only signs that numbers are written with, or that people say.
func (x *reading) chains() {
	for i := 1; i < len(x.digits); i++ {
		if !x.tied(i) {
			x.chainEnds = append(x.chainEnds, int32(i))
		}
	}
	if len(x.digits) > 0 {
		x.chainEnds = append(x.chainEnds, int32(len(x.digits)))
	}
	for len(x.taken) < len(x.digits) {
		x.taken = append(x.taken, false)
	}
}

// widest is how many signs may stand between two digits of a number.
const widest = 8

// tied says whether digit i belongs to the one before.
func (x *reading) tied(i int) bool {
	a, b := x.digits[i-1], x.digits[i]
	if a.token == b.token || a.end >= b.start {
		return true
	}
	if b.start-a.end > 48 {
		return false
	}
	for t := a.token + 1; t < b.token; t++ {
		if !x.is(int(t), isFiller|isTwice) || b.token-a.token > 4 {
			return false
		}
	}
	n := 0
	for _, c := range x.text[a.end:b.start] {
		if unicode.IsLetter(c) || invisible(c) {
			continue
		}
		if n++; !between(c) || n > widest {
			return false
		}
	}
	return true
}

// between says whether people write a sign between digits.
func between(c rune) bool {
	switch c {
	case ' ', '\n', '\r', '\t', '-', '.', ',', '/', '\\', '(', ')', '[', ']', '{', '}', '_', '*', '~', '\'', '"', '|', ':', ';', '>', '+', '=', '·', '•', '…', '’', '–', '—', '−', '、', '،', '٫', '٬':
		return true
	}
	return unicode.IsSpace(c) || unicode.Is(unicode.Pd, c) || unicode.Is(unicode.Zs, c) || c >= 0xFF00 && c <= 0xFF0F || silent(c)
}

// number is one reading of a known number: its own digits behind the code of
// its country. Without a code it stands only for itself.
type number struct {
	who       int32
	code, own string
}

const digitBase = 0x100000001B3

func digitKey(sum uint64, n int) uint64 { return (sum ^ uint64(n)<<56) * 0x9E3779B97F4A7C15 }

func digitHash(s string) uint64 {
	h := uint64(0)
	for i := range len(s) {
		h = h*digitBase + uint64(s[i]-'0') + 1
	}
	return digitKey(h, len(s))
}

// knownNumbers looks for every known number at every digit. What a digit
// costs does not depend on how many numbers are known.
func (x *reading) knownNumbers() {
	if len(x.r.numbers) == 0 || len(x.digits) < fewDigits {
		return
	}
	x.sums = append(x.sums, 0)
	for i, d := range x.digits {
		x.sums = append(x.sums, x.sums[i]*digitBase+uint64(d.value)+1)
	}
	for p := uint64(1); len(x.powers) <= maxDigits; p *= digitBase {
		x.powers = append(x.powers, p)
	}
	from := 0
	for _, end := range x.chainEnds {
		to := int(end)
		for e := from + 1; e <= to; e++ {
			for _, n := range x.r.lengths {
				if e-n < from {
					break
				}
				key := digitKey(x.sums[e]-x.sums[e-n]*x.powers[n], n)
				if x.r.digits.has(key) {
					x.tryNumbers(x.r.numbers[key], from, e-n, e, to)
				}
			}
		}
		from = to
	}
}

// maxDigits is longer than any number with all that is dialled before it.
const maxDigits = 20

func (x *reading) tryNumbers(all []number, from, at, end, to int) {
	for _, n := range all {
		if !x.reads(at, n.own) {
			continue
		}
		start, ok := x.fits(n, from, at, end, to)
		if !ok {
			continue
		}
		f := found{start: x.digits[start].start, end: x.digits[end-1].end, kind: Phone, who: n.who, rank: rankNumber, sure: true}
		if start > from && x.glued(start) || end < to && x.glued(end) {
			f.rank = rankAddress // perhaps a longer number, which then has it all
		} else {
			f.start = x.widened(f.start)
		}
		if n.who == 0 {
			if !x.foreignPrefix(from, start) {
				x.keep(f)
			}
			continue
		}
		x.find(f)
	}
}

func (x *reading) reads(at int, digits string) bool {
	if at < 0 || at+len(digits) > len(x.digits) {
		return false
	}
	for i := range len(digits) {
		if x.digits[at+i].value != digits[i]-'0' {
			return false
		}
	}
	return true
}

// fits gives the digit at which a number with its prefixes begins. One that is
// glued to other digits is another number, unless it is too long for chance.
func (x *reading) fits(n number, from, at, end, to int) (int, bool) {
	start := at
	if n.code != "" {
		start = x.prefixed(n.code, from, at)
	}
	long := len(n.own) >= 9
	if start > from && x.glued(start) && !long || end < to && x.glued(end) && !long {
		return 0, false
	}
	if len(n.own) < 7 && (start > from && !x.far(start) || end < to && !x.far(end)) {
		return 0, false
	}
	return start, true
}

// glued says whether nothing stands between digit i and the one before.
func (x *reading) glued(i int) bool { return x.digits[i].token == x.digits[i-1].token }

// far says whether digit i begins something new: a comma or line before it.
func (x *reading) far(i int) bool {
	return strings.ContainsAny(x.text[x.digits[i-1].end:x.digits[i].start], ",;\n|")
}

// prefixed goes back over what is dialled before a number's own digits.
func (x *reading) prefixed(code string, from, at int) int {
	ends := func(at int, s string) bool { return at-len(s) >= from && x.reads(at-len(s), s) }
	for _, trunk := range []string{"", "0", "1", "9", "8"} {
		if with := code + trunk; ends(at, with) {
			at -= len(with)
			for _, abroad := range []string{"0011", "011", "810", "010", "00"} {
				if ends(at, abroad) {
					return at - len(abroad)
				}
			}
			return at
		}
	}
	for _, trunk := range []string{"0", "8"} {
		if ends(at, trunk) && (at-2 < from || !x.glued(at-1)) {
			return at - 1
		}
	}
	return at
}

// widened takes in the plus and bracket before a number.
func (x *reading) widened(start int32) int32 {
	for range 3 {
		for _, sign := range []string{"+", "(", "＋", " +"} {
			if strings.HasSuffix(x.text[:start], sign) {
				start -= int32(len(sign))
			}
		}
	}
	return start
}

// foreignPrefix says whether digits with a plus stand before a number that are
// not its own country's: then it is not the subject's.
func (x *reading) foreignPrefix(from, start int) bool {
	if start == from || start-from > 4 {
		return false
	}
	before := x.text[:x.digits[from].start]
	return strings.HasSuffix(strings.TrimRight(before, "( "), "+") || x.reads(from, "00")
}

// addRegions keeps the regions that are some country's.
func (r *Redactor) addRegions(regions []string) {
	for _, region := range regions {
		region = strings.ToUpper(strings.TrimSpace(region))
		if phonenumbers.GetCountryCodeForRegion(region) != 0 && !contains(r.regions, region) && len(r.regions) < maxRegions {
			r.regions = append(r.regions, region)
		}
	}
}

// maxRegions is in how many countries' ways an unknown number is read.
const maxRegions = 6

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// addNumbers reads every known number, and adds the countries that many of
// them are of.
func (r *Redactor) addNumbers(all []ownedNumber) {
	count := map[string]int{}
	for _, n := range all {
		r.addNumber(n.who, n.value, count)
	}
	if len(r.regions) == 0 && len(count) == 0 {
		r.regions = append(r.regions, "US", "GB", "DE", "FR", "ES", "BR") // nothing says where the people are
	}
	for len(r.regions) < maxRegions {
		best := ""
		for region, n := range count {
			if !contains(r.regions, region) && (best == "" || n > count[best] || n == count[best] && region < best) {
				best = region
			}
		}
		if best == "" {
			break
		}
		r.regions = append(r.regions, best)
	}
}

func (r *Redactor) addNumber(who int32, s string, count map[string]int) {
	digits, plus := digitsOf(s)
	if len(digits) < 5 {
		if digits != "" && digits == s && len(digits) > 2 {
			r.locals[digitHash(digits)] = who
		}
		return
	}
	var valid, possible []*phonenumbers.PhoneNumber
	try := func(s, region string) {
		if num, err := phonenumbers.Parse(s, region); err == nil {
			if phonenumbers.IsValidNumber(num) {
				valid = append(valid, num)
			} else if phonenumbers.IsPossibleNumber(num) {
				possible = append(possible, num)
			}
		}
	}
	if !strings.HasPrefix(digits, "0") || plus {
		try("+"+digits, "")
	}
	if !plus {
		for _, region := range r.regions {
			try(digits, region)
		}
	}
	if len(valid) == 0 {
		valid = possible
	}
	for _, num := range valid {
		own := phonenumbers.GetNationalSignificantNumber(num)
		code := strconv.Itoa(int(num.GetCountryCode()))
		for _, own := range variants(code, own) {
			r.index(number{who, code, own})
		}
		if area := phonenumbers.GetLengthOfNationalDestinationCode(num); area > 0 && len(own)-area >= 5 {
			if key := digitHash(own[area:]); who != 0 {
				if _, taken := r.locals[key]; !taken {
					r.locals[key] = who
				}
			}
		}
		if region := phonenumbers.GetRegionCodeForNumber(num); region != "" && region != "ZZ" && region != "001" {
			count[region]++
		}
	}
	if len(valid) == 0 && len(digits) <= maxDigits {
		r.index(number{who, "", digits})
	}
}

// variants are the ways in which a country writes one number's own digits.
func variants(code, own string) []string {
	out := []string{own}
	switch {
	case code == "55" && len(own) == 11 && own[2] == '9': // Brazil's mobiles before the ninth digit
		out = append(out, own[:2]+own[3:])
	case code == "55" && len(own) == 10 && own[2] >= '6':
		out = append(out, own[:2]+"9"+own[2:])
	case code == "52" && len(own) == 11 && own[0] == '1':
		out = append(out, own[1:])
	case code == "54" && len(own) == 11 && own[0] == '9': // Argentina's mobiles, with 15 behind the area
		rest := own[1:]
		out = append(out, rest)
		for area := 2; area <= 4; area++ {
			out = append(out, rest[:area]+"15"+rest[area:])
		}
	}
	return out
}

func (r *Redactor) index(n number) {
	key := digitHash(n.own)
	all := r.numbers[key]
	for _, o := range all {
		if o.own == n.own && o.code == n.code && (o.who == n.who || len(all) >= someOwners) {
			return
		}
	}
	if len(all) >= someOwners && n.who != 0 {
		return
	}
	r.numbers[key] = append(all, n)
	for i, l := range r.lengths {
		if l == len(n.own) {
			return
		}
		if l > len(n.own) {
			r.lengths = append(r.lengths[:i], append([]int{len(n.own)}, r.lengths[i:]...)...)
			return
		}
	}
	r.lengths = append(r.lengths, len(n.own))
}

// digitsOf gives the digits of a number of any script, and whether it has its
// country's code. Letters in it make it no number.
func digitsOf(s string) (digits string, plus bool) {
	var b strings.Builder
	for _, c := range s {
		switch v, ok := figureOf(c); {
		case ok:
			b.WriteByte('0' + v)
		case (c == '+' || c == '＋') && b.Len() == 0:
			plus = true
		case unicode.IsLetter(c) && b.Len() > 0:
			return b.String(), plus // user@host, 123 ext. 4
		}
	}
	d := b.String()
	if cut, ok := strings.CutPrefix(d, "00"); ok && !plus && len(cut) >= 9 {
		return cut, true
	}
	return d, plus
}
