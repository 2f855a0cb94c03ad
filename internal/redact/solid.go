package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What Chinese, and Japanese and Korean, put behind a name.
var (
	chineseBehind = []string{"先生", "女士", "小姐", "老师", "老師", "医生", "師傅", "师傅", "房东", "房客", "中介", "保安", "阿姨", "管家"}
	easternBehind = []string{"さん", "さま", "様", "ちゃん", "くん", "님", "씨", "선생", "と申します", "といいます"}
)

// polite takes the few signs before such words.
func (x *reading) polite(i int, behind []string, chinese bool) {
	t := x.tokens[i]
	s := x.str(i)
	for _, h := range behind {
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
			if chinese { // from the surname on
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
var namedBehind = []string{"我叫", "我是", "名叫", "叫做", "快递员", "快遞員", "配送员", "司机", "司機", "经理", "經理", "老板", "员工", "配達員の", "担当の", "店長の", "友人の", "客服", "联系人", "收件人", "客户", "同事", "朋友", "邻居", "师傅", "房东", "房客", "中介", "保安", "阿姨", "管家"}

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

// solidNames finds names in scripts without spaces, at every sign.
func (x *reading) solidNames() {
	if !x.solid || len(x.r.solids) == 0 {
		return
	}
	var last found
	lastPart := int32(-1)
	for _, t := range x.tokens {
		if t.kind != solid {
			continue
		}
		for at := t.start; at < t.end; {
			n, name := x.solidAt(at, t.end)
			if n == 0 {
				_, size := utf8.DecodeRuneInString(x.text[at:])
				at += int32(size)
				continue
			}
			f := found{start: at, end: at + n, kind: Name, rank: rankHint, who: -1}
			if o, ok := x.r.pairs[both(uint64(lastPart), uint64(name.part))]; ok && lastPart >= 0 && at-last.end <= 4 {
				f.start = last.start
				name.full, name.whole = true, o
			}
			switch p := x.r.names[name.part]; {
			case name.full && name.whole.mine, p.first < 0:
				x.keep(f)
			case name.full && len(name.whole.all) > 0:
				f.who, f.sure, f.rank = name.whole.all[0], true, rankName
				x.find(f)
			default:
				if !p.many && !p.mine {
					f.who = p.first
				}
				x.find(f)
			}
			last, lastPart = f, name.part
			at += n
		}
	}
}

// solidAt gives the longest name at a place.
func (x *reading) solidAt(at, end int32) (int32, solidName) {
	var best int32
	var name solidName
	h, n, w := hashSeed, 0, 0
	for i := at; i < end && w < len(x.r.widths); {
		c, size := utf8.DecodeRuneInString(x.text[i:])
		i += int32(size)
		if silent(c) {
			continue
		}
		f := fold(c)
		for _, c := range f.r[:f.n] {
			h = push(h, c)
			n++
		}
		for w < len(x.r.widths) && n > x.r.widths[w] {
			w++
		}
		if w < len(x.r.widths) && n == x.r.widths[w] && x.r.known.has(h) {
			if s, ok := x.r.solids[h]; ok {
				best, name = i-at, s
			}
		}
	}
	return best, name
}

// solidRun reads a run of a script that writes no spaces.
func (x *reading) solidRun(i int) int {
	s := x.text
	t := token{start: int32(i), kind: solid, part: -1}
	last := rune(0)
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		k := classOf(r)
		if k != solid && k != nothing {
			break
		}
		x.met = x.met || solidCues.has(pair(0, r)) || solidCues.has(pair(last, r))
		last = r
		if v, ok := chineseFigure(r); ok {
			x.digits = append(x.digits, digit{v, true, int32(i), int32(i + size), int32(len(x.tokens))})
		}
		i += size
		t.end = int32(i)
	}
	x.solid = true
	x.tokens = append(x.tokens, t)
	return i
}

// solidCues are the beginnings of words in such scripts, for which a text is
// read closely.
var solidCues = func() *filter {
	f := newFilter(1 << 10)
	for _, list := range [][]string{chineseBehind, easternBehind, namedBehind, koreanBefore, solidPass} {
		for _, w := range list {
			first, size := utf8.DecodeRuneInString(w)
			if second, _ := utf8.DecodeRuneInString(w[size:]); len(w) > size {
				f.add(pair(first, second))
			} else {
				f.add(pair(0, first))
			}
		}
	}
	return f
}()

func pair(a, b rune) uint64 { return push(push(hashSeed, a), b) }

func chineseFigure(r rune) (byte, bool) {
	switch r {
	case '〇', '零':
		return 0, true
	case '一', '壹', '幺':
		return 1, true
	case '二', '贰':
		return 2, true
	case '三', '叁':
		return 3, true
	case '四', '肆':
		return 4, true
	case '五', '伍':
		return 5, true
	case '六', '陆':
		return 6, true
	case '七', '柒':
		return 7, true
	case '八', '捌':
		return 8, true
	case '九', '玖':
		return 9, true
	}
	return 0, false
}

// Words of scripts without spaces, before a number, a secret, an order.
var (
	solidPhone = []string{"电话", "電話", "手机", "手機", "号码", "號碼", "番号", "携帯", "전화", "번호", "连络", "联系", "โทร"}
	solidCode  = []string{"验证码", "驗證碼", "認証コード", "確認コード", "暗証番号", "인증번호", "인증코드", "รหัส", "取件码", "提货码", "取貨碼", "暗証番号"}
	solidOrder = []string{"订单", "訂單", "注文", "주문", "运单", "快递", "送り状", "송장", "受付", "접수", "工号", "编号", "編號", "单号", "票号", "予約", "예약"}
)

// solidSecrets are words before what is never disclosed, and what it is.
var solidSecrets = []struct {
	words       []string
	kind        Kind
	least, most int
}{
	{[]string{"卡号", "卡號", "カード番号", "카드번호"}, Card, 12, longestID},
	{[]string{"账号", "帐号", "賬號", "口座番号", "계좌번호", "계좌", "บัญชี"}, Account, 6, 24},
	{[]string{"身份证", "身份證", "护照", "護照", "マイナンバー", "パスポート", "旅券番号", "주민등록번호", "여권번호", "บัตรประชาชน"}, IDNumber, 5, 20},
}

var solidPass = []string{"密码", "密碼", "パスワード", "비밀번호", "รหัสผ่าน"}

// solidSecret masks the value behind such a word at the end of token i.
func (x *reading) solidSecret(i int) {
	s := x.tail(i)
	if len(x.gap(i+1)) > 4 || i+1 >= len(x.tokens) {
		return
	}
	if anyOf(s, solidCode) && x.tokens[i+1].kind == figure {
		x.code(i + 1)
	}
	for _, one := range solidSecrets {
		if anyOf(s, one.words) {
			x.digitsTold(i+1, one.least, one.most, one.kind)
		}
	}
	if anyOf(s, solidPass) {
		at := x.tokens[i+1].start
		end := int32(onWhile(x.text, int(at), 64, func(c rune) bool { return c > ' ' && c < 0x7F }))
		if end-at >= 4 {
			x.never(at, end, Password)
		}
	}
}

// tail is the end of a token of a script without spaces: what stands before a
// number says what it is.
func (x *reading) tail(i int) string {
	s := x.str(i)
	return s[max(0, len(s)-90):]
}

func anyOf(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
