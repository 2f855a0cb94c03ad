package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// introduced finds names of people whom the store does not know by the words
// beside them, and first names.
func (x *reading) introduced() {
	german := x.inGerman()
	for i := range x.tokens {
		if t := x.tokens[i]; t.letters == 1 && t.caps != noCaps && t.kind == letter && i+1 < len(x.tokens) && x.gap(i+1) == ". " {
			x.initialed(i)
		}
		if x.tokens[i].kind == solid {
			x.polite(i)
			x.called(i)
			x.korean(i)
			continue
		}
		x.patronymic(i)
		x.capitals(i, german)
		x.servant(i)
		e := x.tokens[i].entry
		if e == nil {
			continue
		}
		switch r := e.roles; {
		case r&isTitle != 0 && x.tokens[i].letters > 1:
			x.nameAfter(i, true, false)
		case r&isIntro != 0 && x.introduces(i):
			x.nameAfter(i, x.full(i), true)
		case r&isGreeting != 0:
			x.nameAfter(i, false, false)
		case r&isBye != 0:
			x.signed(i)
		case r&(isKin|isCall) != 0:
			x.nameAfter(i, false, false)
		}
		if e.roles&isGiven != 0 {
			x.given(i)
		}
	}
}

// nameAt says how many tokens from i on are a name by their capitals, and
// that none is an everyday word.
func (x *reading) nameAt(i int) int { return x.nameFrom(i, false) }

// nameFrom is nameAt; behind a bold word even scripts without capitals are
// believed.
func (x *reading) nameFrom(i int, bold bool) int {
	n := 0
	for k := i; k < len(x.tokens) && k < i+5; k++ {
		t := x.tokens[k]
		gap := x.gap(k)
		if k > i && gap != " " && gap != "-" && gap != "'" && gap != "’" && gap != ". " && gap != "\u00a0" && gap != "." {
			break
		}
		if k > i && strings.HasPrefix(gap, ".") && x.tokens[k-1].letters > 2 {
			break
		}
		if t.kind != letter {
			break
		}
		c, _ := utf8.DecodeRuneInString(x.str(k))
		if x.is(k, isParticle) && k+1 < len(x.tokens) && x.tokens[k+1].caps != noCaps && k > i {
			continue
		}
		if t.letters == 1 && t.caps != noCaps && k+1 < len(x.tokens) && (x.gap(k+1) == "'" || x.gap(k+1) == "’" || x.gap(k+1) == ". " || x.gap(k+1) == ".") && x.tokens[k+1].caps != noCaps {
			continue // O'Brien, T. Brook
		}
		if t.caps == noCaps && cased(c) || !(bold && n == 0 && t.caps == capital && t.entry != nil && t.entry.roles&^(isGiven|isParticle|isHost|isNumber|isFiller|isKin) == isCommon) && x.noName(k, n) || !cased(c) && x.is(k, isCommon) || !cased(c) && n == 0 && !x.is(k, isGiven) && !bold {
			break
		}
		if !cased(c) && n > 1 {
			break
		}
		n = k - i + 1
	}
	for k := i; k <= i+n && k < len(x.tokens); k++ { // the Baobab Team is nobody
		if x.is(k, isOrg) && x.tokens[k].caps != noCaps && (k < i+n || x.gap(k) == " ") && n > 0 && k > i {
			return 0
		}
	}
	return n
}

// noName says whether a word is an everyday one that cannot be part n of a
// name: "Grace" alone can, behind a cue, and "Rose Garden" could.
func (x *reading) noName(k, n int) bool {
	e := x.tokens[k].entry
	if e == nil {
		return false
	}
	const harmless = isGiven | isParticle | isHost | isNumber | isFiller
	if e.roles&^(harmless|isCommon) != 0 && e.roles&isGiven == 0 {
		return n == 0 || e.roles&isCommon == 0 || x.tokens[k].letters < 4
	}
	return e.roles&isCommon != 0 && e.roles&isGiven == 0 && n == 0 || e.roles&isCommon != 0 && n > 0 && e.roles&isGiven == 0 && x.is(k-1, isCommon)
}

// nameAfter takes the name behind a word. Titles stand behind each other, and
// "is" and a comma may stand between. In the subject's own messages, what
// introduces the author is the subject's.
func (x *reading) nameAfter(i int, sure, authors bool) {
	k := i + 1
	for steps := 0; k < len(x.tokens) && steps < 4 && (x.is(k, isTitle) || x.is(i, isIntro|isKin|isCall) && x.tokens[k].caps == noCaps && x.is(k, isVerb|isKin|isMine)); steps++ {
		k++
	}
	if k >= len(x.tokens) || !x.leads(i, k) {
		return
	}
	n := x.nameFrom(k, x.is(i, isIntro|isTitle))
	if n == 0 {
		return
	}
	f := found{start: x.tokens[k].start, end: x.tokens[k+n-1].end, kind: Name, who: -1, rank: rankGuess}
	if authors && x.author == Subject && !x.inQuote(f.start) && !x.toldBefore(i, isTheirs|isKin) {
		return
	}
	if sure {
		f.sure, f.rank = true, rankStranger
		f.key = stranger(Name, plain(x.text[f.start:f.end]))
	}
	x.find(f)
}

// leads says whether only a colon, a dot of a title or a dash stands between
// the words and the name.
func (x *reading) leads(i, k int) bool {
	for j := i + 1; j <= k; j++ {
		switch gap := x.gap(j); strings.TrimSpace(gap) {
		case "":
		case ":", ",", "-", "–", "’", "'":
			if strings.Count(gap, "\n") > 1 || x.is(j-1, isTitle) {
				return false
			}
		case ".":
			if !x.is(j-1, isTitle) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// introduces says whether a word like "name" really leads to one: "is" or a
// colon behind, or "heiße", "llamo" alone.
func (x *reading) introduces(i int) bool {
	w := plain(x.str(i))
	if w == "m" {
		return i > 0 && plain(x.str(i-1)) == "i" && (x.gap(i) == "'" || x.gap(i) == "’")
	}
	if w == "name" || w == "names" || w == "adim" || w == "jina" {
		return x.is(i+1, isVerb) || strings.HasPrefix(strings.TrimSpace(x.text[x.tokens[i].end:]), ":")
	}
	return true
}

func (x *reading) full(i int) bool {
	w := plain(x.str(i))
	return w != "names" && w != "speaking" && w != "im"
}

// signed takes the name under a farewell.
func (x *reading) signed(i int) {
	if x.author == Subject && !x.inQuote(x.tokens[i].start) {
		return
	}
	k := i + 1
	for k < len(x.tokens) && x.is(k, isBye|isMine|isFiller|isVerb) && k < i+4 {
		k++
	}
	if k >= len(x.tokens) {
		return
	}
	for j := i + 1; j <= k; j++ {
		if g := strings.TrimSpace(x.gap(j)); g != "" && g != "," && g != "!" && g != "." && g != "-" && g != "–" {
			return
		}
	}
	n := x.nameAt(k)
	if n == 0 {
		return
	}
	f := found{start: x.tokens[k].start, end: x.tokens[k+n-1].end, kind: Name, who: -1, rank: rankGuess}
	if strings.Contains(x.gap(k), "\n") || n > 1 {
		f.sure, f.rank = true, rankStranger
		f.key = stranger(Name, plain(x.text[f.start:f.end]))
	}
	x.find(f)
}

// honoured are what Chinese, Japanese and Korean put behind a name.
var honoured = []string{"先生", "女士", "小姐", "老师", "老師", "医生", "師傅", "师傅", "さん", "さま", "様", "ちゃん", "くん", "님", "씨", "선생"}

// polite takes the few signs before such a word.
func (x *reading) polite(i int) {
	t := x.tokens[i]
	s := x.str(i)
	for _, h := range honoured {
		for from := 0; ; {
			n := strings.Index(s[from:], h)
			if n < 0 {
				break
			}
			at := from + n
			from = at + len(h)
			start := backWhile(s, at, 3, func(c rune) bool {
				return unicode.In(c, unicode.Han, unicode.Hangul, unicode.Katakana) && !strings.ContainsRune("的了在是和给跟与及请", c)
			})
			if h[0] == honoured[0][0] || !strings.ContainsAny(h, "さ様ちくん님씨선") { // Chinese: from the surname on
				if n := strings.LastIndexFunc(s[start:at], func(c rune) bool { return strings.ContainsRune(surnames, c) }); n >= 0 {
					start += n
				} else {
					start = at
				}
			}
			if start < at {
				x.find(found{start: t.start + int32(start), end: t.start + int32(at), kind: Name, who: -1, rank: rankGuess})
			}
		}
	}
}

// namedBehind are words of Chinese and Japanese behind which a name stands.
var namedBehind = []string{"我叫", "我是", "名叫", "叫做", "快递员", "快遞員", "配送员", "司机", "司機", "经理", "經理", "老板", "员工", "配達員の", "担当の", "店長の", "友人の", "客服", "联系人", "收件人", "客户", "同事", "朋友", "邻居", "师傅"}

// surnames are the most common ones of Chinese.
const surnames = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文"

// Korean words before a name, and the surnames that most have.
var koreanBefore = []string{"상담원", "기사", "고객", "담당자", "이름은", "친구", "직원", "저는", "사장", "매니저", "배송원"}

const koreanSurnames = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국"

// korean takes the three signs of a name behind such a word.
func (x *reading) korean(i int) {
	s := x.str(i)
	first, _ := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune(koreanSurnames, first) || i == 0 || x.tokens[i-1].kind != solid || len(x.gap(i)) > 2 || !anyOf(x.str(i-1), koreanBefore) {
		return
	}
	if end := onWhile(s, 0, 3, func(c rune) bool { return unicode.Is(unicode.Hangul, c) }); end == 3*len("김") {
		x.find(found{start: x.tokens[i].start, end: x.tokens[i].start + int32(end), kind: Name, who: -1, rank: rankGuess})
	}
}

// called takes the signs behind such a word: a surname and a name of at most
// two, or a run of signs before kana.
func (x *reading) called(i int) {
	t := x.tokens[i]
	s := x.str(i)
	for _, cue := range namedBehind {
		for from := 0; ; {
			n := strings.Index(s[from:], cue)
			if n < 0 {
				break
			}
			from += n + len(cue)
			first, _ := utf8.DecodeRuneInString(s[from:])
			if japanese := strings.HasSuffix(cue, "の"); !japanese && !strings.ContainsRune(surnames, first) {
				continue
			}
			end := onWhile(s, from, 3, func(c rune) bool { return unicode.Is(unicode.Han, c) })
			if end > from+len("王") {
				x.find(found{start: t.start + int32(from), end: t.start + int32(end), kind: Name, who: -1, rank: rankGuess})
			}
		}
	}
}

// inGerman says whether a text is in the language whose nouns all begin with
// a capital.
func (x *reading) inGerman() bool {
	return x.german > 1 || x.german > 0 && len(x.tokens) <= 12
}

// capitals takes words in capitals inside of sentences that are no everyday
// words: two in a row in any language, one where nouns have none.
func (x *reading) capitals(i int, german bool) {
	if !x.proper(i) || x.proper(i-1) && x.gap(i) == " " {
		return
	}
	head := i == 0 || strings.ContainsAny(x.gap(i), ".!?…\n•*>")
	if head && (german || i+1 >= len(x.tokens) || !x.proper(i+1) || x.gap(i+1) != " ") {
		return // the capital is the sentence's
	}
	n := 1
	for i+n < len(x.tokens) && n < 4 && x.gap(i+n) == " " && x.proper(i+n) {
		n++
	}
	if n == 1 && (german || i+1 < len(x.tokens) && x.tokens[i+1].kind == figure && len(x.gap(i+1)) <= 1) || i+n < len(x.tokens) && x.is(i+n, isOrg|isStreet) && x.tokens[i+n].caps != noCaps {
		return
	}
	x.find(found{start: x.tokens[i].start, end: x.tokens[i+n-1].end, kind: Name, who: -1, rank: rankGuess})
}

// proper says whether a word with a capital is in no list.
func (x *reading) proper(i int) bool {
	if i < 0 || i >= len(x.tokens) {
		return false
	}
	t := x.tokens[i]
	return t.kind == letter && t.caps == capital && t.letters >= 3 && t.letters <= 20 && t.part < 0 && (t.entry == nil || t.entry.roles&^isGiven == 0) &&
		!(i+1 < len(x.tokens) && x.tokens[i+1].start == t.end) && !(i > 0 && x.tokens[i-1].end == t.start) && !camel(x.str(i))
}

// servant takes "Abd al-Rahman" in Arabic: servant of one of God's names.
func (x *reading) servant(i int) {
	if x.str(i) == "عبد" && i+1 < len(x.tokens) && strings.HasPrefix(x.str(i+1), "ال") && x.gap(i+1) == " " {
		x.find(found{start: x.tokens[i].start, end: x.tokens[i+1].end, kind: Name, who: -1, rank: rankGuess})
	}
}

// patronymic takes a Russian name of the father, with the name before it.
func (x *reading) patronymic(i int) {
	t := x.tokens[i]
	if t.caps == noCaps || t.letters < 6 || x.text[t.start] < 0x80 || t.part >= 0 {
		return
	}
	p := plain(x.str(i))
	for _, end := range []string{"овна", "евна", "овне", "евне", "овну", "евну", "овны", "евны", "овной", "евной", "ович", "евич", "овичу", "евичу", "овича", "евича", "овичем", "евичем"} {
		if strings.HasSuffix(p, plain(end)) {
			first := i
			if i > 0 && x.tokens[i-1].caps == capital && x.gap(i) == " " {
				first--
			}
			x.find(found{start: x.tokens[first].start, end: t.end, kind: Name, who: -1, rank: rankGuess})
			return
		}
	}
}

// initialed takes "T. Hargreaves".
func (x *reading) initialed(i int) {
	t := x.tokens[i+1]
	if t.caps != capital || t.letters < 3 || t.entry != nil && t.entry.roles&^isGiven != 0 || t.part >= 0 {
		return
	}
	x.find(found{start: x.tokens[i].start, end: t.end, kind: Name, who: -1, rank: rankGuess})
}

// given takes a first name, with the family name behind it.
func (x *reading) given(i int) {
	t := x.tokens[i]
	c, _ := utf8.DecodeRuneInString(x.str(i))
	common := t.entry.roles&^(isGiven) != 0
	if t.caps == noCaps && cased(c) || t.part >= 0 || x.str(i) == "على" { // upon, not Ali
		return
	}
	n := max(1, x.nameAt(i))
	if common && (n == 1 || x.opens(i)) {
		return
	}
	x.find(found{start: t.start, end: x.tokens[i+n-1].end, kind: Name, who: -1, rank: rankGuess})
}

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
