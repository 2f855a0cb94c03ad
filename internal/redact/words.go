package redact

import (
	_ "embed"
	"strconv"
	"strings"
)

// role is what a word may do in a sentence. A word may have several.
type role uint64

const (
	isNumber   role = 1 << iota // eins, seven
	isTens                      // twenty: a figure may follow
	isTeen                      // ten to nineteen, for French
	isTwice                     // double, triple
	isFiller                    // between spoken figures: and, dann
	isPhone                     // what follows may be called
	isNoPhone                   // what follows is counted or ordered, not called
	isUnit                      // what stands before is an amount
	isAt                        // the word for @
	isDot                       // the word for .
	isHost                      // ends an address of mail
	isKin                       // sister, neighbour, driver: a name may follow
	isTitle                     // Mr, Frau
	isGreeting                  // Dear, Hallo
	isBye                       // Regards, Gruß
	isCall                      // ask, ruf: a name may follow
	isIntro                     // name is, heiße
	isMine                      // my, meine
	isMe                        // me, mich
	isReach                     // call, erreichen: with me
	isOwnWord                   // between my and what is mine
	isTheirs                    // his, ihre
	isField                     // a label before a name on a card
	isFrom                      // a label before a name at the head of a mail
	isWrote                     // after a name at the head of a quotation
	isStreet                    // Street, after its name
	isRoad                      // rue, calle, before its name
	isPass                      // password
	isCode                      // one-time code
	isNoCode                    // promo, zip: no secret code
	isCardWord                  // card number, CVV
	isAccount                   // bank account
	isIdentity                  // identity, tax, passport
	isHealth                    // insurance of the sick
	isToken                     // token, key
	isGiven                     // a first name
	isCommon                    // an everyday word, even where it begins with a capital
	isParticle                  // van, de, bin: part of a name
	isEveryone                  // @all
	isVerb                      // is, lautet: between a label and its value
	isApp                       // insta, telegram: a handle follows
	isMailbox                   // info@, support@: nobody's own
	isGerman                    // of the language that writes all nouns with capitals
	isOrg                       // GmbH, Team: no person
)

var roleNames = map[string]role{
	"twice": isTwice, "filler": isFiller, "phone": isPhone, "nophone": isNoPhone, "unit": isUnit, "at": isAt, "dot": isDot,
	"host": isHost, "kin": isKin, "title": isTitle, "greeting": isGreeting, "bye": isBye, "call": isCall, "intro": isIntro, "mine": isMine, "me": isMe, "reach": isReach, "ownword": isOwnWord,
	"theirs": isTheirs, "field": isField, "from": isFrom, "wrote": isWrote, "street": isStreet, "road": isRoad, "pass": isPass, "code": isCode,
	"nocode": isNoCode, "cardword": isCardWord, "account": isAccount, "identity": isIdentity, "health": isHealth, "token": isToken,
	"given": isGiven, "common": isCommon, "particle": isParticle, "everyone": isEveryone, "verb": isVerb, "app": isApp, "mailbox": isMailbox, "org": isOrg, "german": isGerman,
}

// entry is a word of the vocabulary.
type entry struct {
	roles  role
	digits string // of a number word
	times  int    // of double and triple
}

//go:embed words/cues.txt
var cueFile string

//go:embed words/common.txt
var commonFile string

//go:embed words/given.txt
var givenFile string

// vocabulary knows words by their hash, in any language at once: people mix
// them, and a message does not say which it is in.
type vocabulary struct {
	entries map[uint64]*entry
	keys    []uint64 // the same again, laid out for the reader: most words of a text are here
	values  []*entry
}

var words = readVocabulary(numberWords(), cueFile, commonFile, givenFile)

// readVocabulary reads lines of a role, a colon and words.
func readVocabulary(numbers map[string]string, files ...string) *vocabulary {
	v := &vocabulary{entries: map[uint64]*entry{}}
	for word, digits := range numbers {
		e := v.entry(word)
		e.roles |= isNumber
		e.digits = digits
		if len(digits) == 2 && digits[1] == '0' && digits[0] > '1' {
			e.roles |= isTens
		}
		if len(digits) == 2 && digits[0] == '1' {
			e.roles |= isTeen
		}
	}
	for _, file := range files {
		for line := range strings.Lines(file) {
			name, list, ok := strings.Cut(line, ":")
			r, known := roleNames[name]
			if !ok || !known {
				continue // a remark
			}
			for _, word := range strings.Fields(list) {
				word, times, counted := strings.Cut(word, "=")
				e := v.entry(word)
				e.roles |= r
				if counted {
					e.times, _ = strconv.Atoi(times)
				}
			}
		}
	}
	v.lay()
	return v
}

// lay puts the entries into an open table, at most a quarter full.
func (v *vocabulary) lay() {
	size := 1
	for size < 4*len(v.entries) {
		size *= 2
	}
	v.keys, v.values = make([]uint64, size), make([]*entry, size)
	for h, e := range v.entries {
		i := v.slot(h)
		for v.values[i] != nil {
			i = (i + 1) & (size - 1)
		}
		v.keys[i], v.values[i] = h, e
	}
}

func (v *vocabulary) slot(h uint64) int {
	return int(h*0x9E3779B97F4A7C15>>32) & (len(v.keys) - 1)
}

func (v *vocabulary) entry(word string) *entry {
	h := hashOf(plain(word))
	e := v.entries[h]
	if e == nil {
		e = &entry{}
		v.entries[h] = e
	}
	return e
}

func (v *vocabulary) find(h uint64) *entry {
	for i := v.slot(h); v.values[i] != nil; i = (i + 1) & (len(v.keys) - 1) {
		if v.keys[i] == h {
			return v.values[i]
		}
	}
	return nil
}

// counting is how a language says figures: nought to nine, ten to nineteen,
// the tens from twenty, and how it ties units to tens in one word ("" if it
// does not).
type counting struct{ units, teens, tens, joined string }

var languages = []counting{
	{"zero one two three four five six seven eight nine", "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", "twenty thirty forty fifty sixty seventy eighty ninety", ""},
	{"null eins zwei drei vier fünf sechs sieben acht neun", "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn", "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig", "und"},
	{"zéro un deux trois quatre cinq six sept huit neuf", "dix onze douze treize quatorze quinze seize dixsept dixhuit dixneuf", "vingt trente quarante cinquante soixante septante huitante nonante", ""},
	{"cero uno dos tres cuatro cinco seis siete ocho nueve", "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve", "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", ""},
	{"zero um dois três quatro cinco seis sete oito nove", "dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove", "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa", ""},
	{"zero uno due tre quattro cinque sei sette otto nove", "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove", "venti trenta quaranta cinquanta sessanta settanta ottanta novanta", "it"},
	{"sıfır bir iki üç dört beş altı yedi sekiz dokuz", "on onbir oniki onüç ondört onbeş onaltı onyedi onsekiz ondokuz", "yirmi otuz kırk elli altmış yetmiş seksen doksan", ""},
	{"nul een twee drie vier vijf zes zeven acht negen", "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien", "twintig dertig veertig vijftig zestig zeventig tachtig negentig", "en"},
	{"zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć", "dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście", "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt", ""},
	{"ноль один два три четыре пять шесть семь восемь девять", "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать", "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто", ""},
	{"صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة", "عشرة", "عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون", ""},
	{"शून्य एक दो तीन चार पांच छह सात आठ नौ", "दस", "", ""},
	{"nol satu dua tiga empat lima enam tujuh delapan sembilan", "sepuluh sebelas", "", ""},
	{"sifuri moja mbili tatu nne tano sita saba nane tisa", "kumi", "", ""},
	{"noll ett två tre fyra fem sex sju åtta nio", "tio elva tolv", "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio", ""},
	{"μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα", "δέκα έντεκα δώδεκα", "είκοσι τριάντα σαράντα πενήντα εξήντα εβδομήντα ογδόντα ενενήντα", ""},
	{"אפס אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע", "עשר", "", ""},
}

// spoken are more ways to say a figure.
var spoken = map[string]string{
	"oh": "0", "nought": "0", "naught": "0", "niner": "9", "hundred": "00", "hundert": "00", "thousand": "000", "tausend": "000", "vingts": "20", "ein": "1", "zwo": "2", "fuenf": "5", "zwoelf": "12", "dreissig": "30",
	"une": "1", "una": "1", "meia": "6", "uma": "1", "duas": "2", "dezasseis": "16", "dezassete": "17", "dezanove": "19", "quatorze": "14",
	"ثلاث": "3", "اربع": "4", "خمس": "5", "ست": "6", "سبع": "7", "ثماني": "8", "تسع": "9", "اثنين": "2", "نول": "0",
	"нуль": "0", "одна": "1", "две": "2", "kosong": "0", "פס": "0", "एक": "1", "पाँच": "5", "छः": "6", "jedna": "1", "dwie": "2", "één": "1",
}

func numberWords() map[string]string {
	out := map[string]string{}
	for _, l := range languages {
		units := strings.Fields(l.units)
		for i, w := range units {
			out[w] = strconv.Itoa(i)
		}
		for i, w := range strings.Fields(l.teens) {
			out[w] = strconv.Itoa(10 + i)
		}
		for i, w := range strings.Fields(l.tens) {
			out[w] = strconv.Itoa(20 + 10*i)
			for u := 1; u < len(units); u++ {
				if one := l.tied(w, units[u]); one != "" {
					out[one] = strconv.Itoa(20 + 10*i + u)
				}
			}
		}
	}
	for w, digits := range spoken {
		out[w] = digits
	}
	return out
}

// tied writes tens and units in one word.
func (l counting) tied(tens, unit string) string {
	switch l.joined {
	case "und":
		if unit == "eins" {
			unit = "ein"
		}
		return unit + "und" + tens
	case "en":
		return unit + "en" + tens
	case "it":
		if unit == "uno" || unit == "otto" {
			tens = tens[:len(tens)-1]
		}
		return tens + unit
	}
	return ""
}
