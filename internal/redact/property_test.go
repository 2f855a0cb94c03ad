package redact_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// spelling writes one known identifier in one of the ways that people find.
type spelling struct {
	what string
	of   func(rng *rand.Rand) string
}

var signs = []string{" ", "-", ".", "/", "\u00a0", "  ", "\u2009", "–", "_", "\n", " / ", "\u200b", "", ""}

// grouped cuts digits into groups at random.
func grouped(rng *rand.Rand, digits string) string {
	var b strings.Builder
	sign := signs[rng.IntN(len(signs))]
	for i, c := range digits {
		if i > 0 && rng.IntN(3) == 0 {
			b.WriteString(sign)
		}
		b.WriteRune(c)
	}
	return b.String()
}

// inScript writes digits in the figures of another script.
func inScript(s string, zero rune) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return zero + c - '0'
		}
		return c
	}, s)
}

// inWords says digits one by one.
func inWords(s, language string) string {
	words := strings.Fields(language)
	var out []string
	for _, c := range s {
		if c >= '0' && c <= '9' {
			out = append(out, words[c-'0'])
		}
	}
	return strings.Join(out, " ")
}

var figures = []string{
	"zero one two three four five six seven eight nine", "oh one two three four five six seven eight nine", "null eins zwei drei vier fünf sechs sieben acht neun",
	"cero uno dos tres cuatro cinco seis siete ocho nueve", "zéro un deux trois quatre cinq six sept huit neuf", "zero um dois três quatro cinco seis sete oito nove",
	"zero uno due tre quattro cinque sei sette otto nove", "sıfır bir iki üç dört beş altı yedi sekiz dokuz", "ноль один два три четыре пять шесть семь восемь девять",
	"صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة", "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć", "nul een twee drie vier vijf zes zeven acht negen",
}

// numberForms are the ways to dial Anna's number.
var numberForms = []string{"+4915123456789", "004915123456789", "015123456789", "4915123456789", "+49(0)15123456789", "01149 15123456789"}

func spellings() []spelling {
	return []spelling{
		{"number", func(rng *rand.Rand) string {
			form := numberForms[rng.IntN(len(numberForms))]
			plus := ""
			if strings.HasPrefix(form, "+") {
				plus, form = "+", form[1:]
			}
			s := plus + grouped(rng, form)
			if zeros := []rune("0٠०０𝟎۰"); rng.IntN(3) == 0 {
				s = inScript(s, zeros[rng.IntN(len(zeros))])
			}
			return s
		}},
		{"number in words", func(rng *rand.Rand) string {
			return inWords("015123456789", figures[rng.IntN(len(figures))])
		}},
		{"email", func(rng *rand.Rand) string {
			s := []string{"anna.schmidt@example.org", "Anna.Schmidt@Example.Org", "anna.schmidt [at] example [dot] org", "anna.schmidt(at)example.org", "anna dot schmidt at example dot org", "anna.schmidt AT example DOT org", "anna.schmidt ät example.org", "anna.schmidt%40example.org", "anna.schmidt @ example.org", "anna.schmidt+x@example.org", "аnnа.schmidt@ехаmple.org", "anna.schmidt＠example.org"}
			return s[rng.IntN(len(s))]
		}},
		{"name", func(rng *rand.Rand) string {
			s := []string{"Anna Schmidt", "anna schmidt", "ANNA SCHMIDT", "Schmidt, Anna", "Schmidt Anna", "A. Schmidt", "Anna S.", "Anna-Schmidt", "anna_schmidt", "annaschmidt", "Anna  Schmidt", "Anna\nSchmidt", "Ánna Schmídt", "Anna Schmidts", "Anna Maria Schmidt", "Аnna Sсhmidt", "An\u200bna Sch\u00admidt", "Ａｎｎａ Ｓｃｈｍｉｄｔ"}
			return s[rng.IntN(len(s))]
		}},
		{"other scripts", func(rng *rand.Rand) string {
			s := []string{"Ольга Петрова", "Ольгу Петрову", "Ольгой Петровой", "ОЛЬГА ПЕТРОВА", "Olga Petrova", "Olga Petrowa", "Petrova, Olga", "О. Петрова", "أحمد محمود", "احمد محمود", "أَحمد مَحمود", "محمود أحمد", "王小明", "田中太郎", "田中 太郎", "Jürgen Müller-Lüdenscheidt", "Juergen Müller", "Jurgen Luedenscheidt"}
			return s[rng.IntN(len(s))]
		}},
		{"handle", func(rng *rand.Rand) string {
			s := []string{"anna_s", "@anna_s", "Anna_S", "@ANNA_S"}
			return s[rng.IntN(len(s))]
		}},
	}
}

var carriers = []string{"%s", "Please use %s today.", "(%s)", "I said: %s!", "so %s, ok?", "\n> %s\n", "Order 4711 for %s, 12.05.2024", "bitte %s anrufen", "позвони %s завтра", "x\xff %s \xfe", "🎉%s🎉", "\"%s\"", "[%s]", "%s; %s", "Tel.: %s\n\nMfG", "call me or %s on 3 May at 10:30", "*%s*", "%s's car", "%s’s", "t.me/%s", "https://instagram.com/%s?x=1", "1. %s\n2. none"}

// TestKnownIdentifiersNeverStay writes known identifiers in thousands of ways
// and finds none of them in what is written.
func TestKnownIdentifiersNeverStay(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	r := redact.New(subject, append(slices.Clone(others), crowd(1000)...), "GB", "DE")
	for range 6000 {
		s := spellings()[rng.IntN(len(spellings()))]
		value := s.of(rng)
		carrier := carriers[rng.IntN(len(carriers))]
		text := strings.ReplaceAll(carrier, "%s", value)
		for _, author := range []redact.Author{redact.Subject, redact.Other} {
			marks := r.Marks(text, author)
			for at := 0; ; {
				n := strings.Index(text[at:], value)
				if n < 0 {
					break
				}
				if _, sure, _ := cover(text, marks, at+n, at+n+len(value)); !sure {
					t.Fatalf("%s %q leaks in %s", s.what, value, shown(text, marks))
				}
				at += n + len(value)
			}
			lawful(t, r, text, marks, author)
		}
	}
}

// TestTheSubjectsOwnStays writes the subject's identifiers in the same ways.
func TestTheSubjectsOwnStays(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	r := redact.New(others[0], append([]redact.Person{subject}, others[1:]...), "GB", "DE")
	for range 3000 {
		s := spellings()[rng.IntN(4)]
		value := s.of(rng)
		if strings.HasPrefix(value, "Anna Maria") {
			continue // a longer name may be another's
		}
		text := strings.ReplaceAll(carriers[rng.IntN(len(carriers))], "%s", value)
		for _, m := range r.Marks(text, redact.Other) {
			if at := strings.Index(text, value); m.Start < at+len(value) && at < m.End && m.Sure {
				t.Fatalf("%s %q is hidden in %s", s.what, value, shown(text, []redact.Mark{m}))
			}
		}
	}
}

// lawful checks what holds for the marks of any text.
func lawful(t *testing.T, r *redact.Redactor, text string, marks []redact.Mark, author redact.Author) {
	t.Helper()
	at := 0
	for _, m := range marks {
		if m.Start < at || m.End <= m.Start || m.End > len(text) {
			t.Fatalf("%q: mark %v behind %d", text, m, at)
		}
		if !border(text, m.Start) || !border(text, m.End) {
			t.Fatalf("%q: mark %v cuts a character", text, m)
		}
		if m.Never && !m.Sure {
			t.Fatalf("%q: mark %v is never disclosed, yet not sure", text, m)
		}
		if !slices.Contains(redact.Kinds(), m.Kind) {
			t.Fatalf("%q: kind %q", text, m.Kind)
		}
		at = m.End
	}
	if again := r.Marks(text, author); !cmp.Equal(again, marks) {
		t.Fatalf("%q: %v, then %v", text, marks, again)
	}
	written := redact.Write(text, marks, nil)
	if len(marks) == 0 && written != text {
		t.Fatalf("%q became %q without a mark", text, written)
	}
	for _, m := range r.Marks(written, author) {
		if m.Sure && m.Who != "" && m.Who[0] != '?' {
			t.Fatalf("%q became %q, in which %q is somebody's", text, written, written[m.Start:m.End])
		}
	}
}

// border says whether a place is in no character's middle.
func border(s string, at int) bool {
	for back := 1; back < utf8.UTFMax && at-back >= 0 && at < len(s); back++ {
		if c, size := utf8.DecodeRuneInString(s[at-back:]); c != utf8.RuneError && size > back {
			return false
		}
	}
	return true
}

// FuzzMarks looks for texts that break what holds for all.
func FuzzMarks(f *testing.F) {
	for _, p := range carriers {
		f.Add(strings.ReplaceAll(p, "%s", "Anna Schmidt +49 1512 3456789 anna.schmidt@example.org"), 2)
	}
	for _, s := range []string{"\xff\xfe0171", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "@@@@", "a@b@c.de", "\u200b\u200b", "BEGIN:VCARD\nFN:", "password:", "code is", strings.Repeat("1 ", 60), "O'", "王小明王小明", "٠١٠٠١٢٣٤٥٦٧"} {
		f.Add(s, 1)
	}
	r := redact.New(subject, append(slices.Clone(others), crowd(100)...), "GB", "DE")
	f.Fuzz(func(t *testing.T, text string, author int) {
		a := redact.Author(((author % 3) + 3) % 3)
		lawful(t, r, text, r.Marks(text, a), a)
	})
}

// TestNoTextPanics reads random bytes and shuffled pieces.
func TestNoTextPanics(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	r := redactor()
	pieces := []string{"Anna", "Schmidt", "+49", "1512", "3456789", "@", ".", "example", "org", "at", "dot", "\n", " ", ":", "password", "code", "is", "123456", "IBAN", "DE89", "3704", "\xff", "\u200b", "王小明", "O", "oh", "seven", "double", "double", "-----BEGIN", "KEY", "BEGIN:VCARD", "FN", "Street", "Hauptstraße", "10115", "Mr", "From", "wrote", "«", "'", "(", ")", "/", "insta", "t.me/", "4111111111111111", "Gruß", "Am", "rue", "de", "SW1A", "1AA", "maiden", "name", "\"", "twenty", "one", "vingt", "quatre", "soixante", "dix"}
	for range 4000 {
		var b strings.Builder
		for range rng.IntN(30) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
			if rng.IntN(3) > 0 {
				b.WriteByte(' ')
			}
		}
		if rng.IntN(4) == 0 {
			for range rng.IntN(20) {
				b.WriteByte(byte(rng.IntN(256)))
			}
		}
		text := b.String()
		author := redact.Author(rng.IntN(3))
		lawful(t, r, text, r.Marks(text, author), author)
	}
}

// TestAnyStoreWillDo takes people of whom the store keeps anything at all.
func TestAnyStoreWillDo(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	values := []string{"", " ", "Anna", "O", "Anna Schmidt", "\xff\xfe", "anna@example.org", "@", "a@", "@a", "+49", "+4915123456789", "0", "22000", "999999999999999999999999999999", "+", "whatsapp:+4915123456789", "[erased]", "王", "王小明", "Ольга", "-", "....", "A B C D E F G H I J", strings.Repeat("x", 5000), strings.Repeat("Ann ", 500), "🎉", "von der", "Müller-Lüdenscheidt", "٠١٠٠١٢٣٤٥٦٧", "The Team"}
	some := func() []string {
		out := make([]string, rng.IntN(4))
		for i := range out {
			out[i] = values[rng.IntN(len(values))]
		}
		return out
	}
	for range 300 {
		people := make([]redact.Person, 1+rng.IntN(6))
		for i := range people {
			people[i] = redact.Person{Who: fmt.Sprint(rng.IntN(4)), Names: some(), Numbers: some(), Emails: some(), Handles: some()}
		}
		r := redact.New(people[0], people[1:], values[rng.IntN(len(values))], "DE")
		text := strings.Join(some(), " ") + " " + strings.Join(some(), ", ")
		lawful(t, r, text, r.Marks(text, redact.Other), redact.Other)
	}
}

// TestAtOnce reads many texts in many goroutines with one Redactor.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	r := redactor()
	texts := []string{"call Anna Schmidt on 01512 3456789", "nothing here", "password: hunter2!", "王小明 and " + strings.Repeat("07700 900655 ", 20)}
	want := make([][]redact.Mark, len(texts))
	for i, s := range texts {
		want[i] = r.Marks(s, redact.Other)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 200 {
				i := (g + n) % len(texts)
				if got := r.Marks(texts[i], redact.Other); !cmp.Equal(got, want[i]) {
					t.Errorf("%q: %v, want %v", texts[i], got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func contact(n int) string { return fmt.Sprintf("Contact %d", n) }

func TestNamesStayThroughARestart(t *testing.T) {
	t.Parallel()
	r := redactor()
	names := redact.NewNames(contact)
	write := func(text string) string {
		return redact.Write(text, r.Marks(text, redact.Other), names.Replace)
	}
	if got, want := write("Gareth Price asked Anna Schmidt, and 01512 3456789 answered."), "Contact 1 asked Contact 2, and Contact 2 answered."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	state, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	names = redact.NewNames(contact)
	if err := json.Unmarshal(state, names); err != nil {
		t.Fatal(err)
	}
	if got, want := write("anna.schmidt@example.org, 07911 123456, Ольга Петрова, 07911123456, card 4111 1111 1111 1111"), "Contact 2, Contact 3, Contact 4, Contact 3, card "+redact.Bar; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := write("From: Berta Unger <berta@unger.example>\nwrite to berta@unger.example"), "From: Contact 5 <Contact 5>\nwrite to Contact 5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := json.Unmarshal([]byte(`["a","a"]`), names); err == nil {
		t.Error("one person got two numbers")
	}
}

func TestOnePersonInTwoRowsIsOne(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.Person{Who: "s", Names: []string{"Amina Okafor"}}, []redact.Person{
		{Who: "a", Names: []string{"Bertrand Voss"}},
		{Who: "a", Numbers: []string{"+4915123456789"}, Names: []string{"b.voss@example.org"}},
		{Who: "s", Emails: []string{"amina@okafor.example"}},
	})
	text := "Bertrand, +49 151 23456789, b.voss@example.org, amina@okafor.example"
	if got, want := redact.Write(text, r.Marks(text, redact.Other), redact.NewNames(contact).Replace), "Contact 1, Contact 1, Contact 1, amina@okafor.example"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRelativesAreNotTheSubject writes the names of people who have the
// subject's family name, and first names that are nearly the subject's.
func TestRelativesAreNotTheSubject(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.Person{Who: "s", Names: []string{"Alexander Holm"}}, []redact.Person{
		{Who: "a", Names: []string{"Alexandra Holm"}},
		{Who: "b", Names: []string{"Aleksander Holm"}},
		{Who: "c", Names: []string{"Александр Холм"}},
	})
	for text, want := range map[string]string{
		"Alexander Holm":  "Alexander Holm",
		"Alexander Holms": "[a b]",
		"A. Holm":         "?",
		"Holm, Alexander": "Holm, Alexander",
		"Alexandra Holm":  "[a]",
		"Aleksander Holm": "[b c]",
		"Александр Холм":  "[b c]",
		"Sasha Holm":      "[a b c]",
	} {
		marks := r.Marks("it was "+text+" again", redact.Other)
		switch {
		case want == text && len(marks) == 0:
		case want == "?" && len(marks) == 1 && !marks[0].Sure:
		case want != text && len(marks) == 1 && marks[0].Sure && strings.Contains(want, marks[0].Who):
		default:
			t.Errorf("%s: %v, want %s", text, marks, want)
		}
	}
}

func TestNobodysKeyIsNotTheSubjects(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.Person{Names: []string{"Amina Okafor"}}, []redact.Person{{Names: []string{"Bertrand Voss"}}})
	text := "Amina Okafor and Bertrand Voss"
	if got, want := redact.Write(text, r.Marks(text, redact.Other), nil), "Amina Okafor and "+redact.Bar; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteTakesMarksAsTheyCome(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		marks []redact.Mark
		want  string
	}{
		{nil, "größer als"},
		{[]redact.Mark{{Start: 2, End: 3}}, "gr" + redact.Bar + "ßer als"},                 // a half character goes whole
		{[]redact.Mark{{Start: 9, End: 99}, {Start: 0, End: 1}}, "█████rößer █████"},       // out of order, and too long
		{[]redact.Mark{{Start: 0, End: 5}, {Start: 3, End: 8}}, redact.Bar + " als"},       // overlapping
		{[]redact.Mark{{Start: 5, End: 2}, {Start: -4, End: 1}}, redact.Bar + "rößer als"}, // empty, and too early
		{[]redact.Mark{{Start: 0, End: 1}, {Start: 0, End: 1}}, redact.Bar + "rößer als"},  // twice
	} {
		if got := redact.Write("größer als", tt.marks, nil); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.marks, got, tt.want)
		}
	}
}

// worked is how long this process has worked, whatever else the machine does.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestLongTextsTakeNoLongerPerByte reads much of what is hardest.
func TestLongTextsTakeNoLongerPerByte(t *testing.T) {
	if testing.Short() {
		t.Skip("much of everything takes seconds")
	}
	r := redact.New(subject, crowd(2000), "GB", "DE")
	for _, piece := range []string{"1", "1 ", "12 34 ", "0171 ", "+", "@", "a@", "Anna ", "Anna Schmidt ", "a.", "seven ", "double ", "4111 ", "DE89 ", "code ", "password: ", "password ", "is ", "Mr ", "O'", "\u200b", "BEGIN:VCARD\n", "> ", "From: A\n", "insta ", "王", "一", "(", "-----BEGIN", "handle_", "Amina Okafor ", "Hauptstraße 5 ", "SW1A 1AA ", "a a a a ", "x@y.zz ", "-", "Name: Amina Okafor\n", "> a\nb\n", "BEGIN:VCARD\nEND:VCARD\n"} {
		took := func(size, times int) time.Duration {
			text := strings.Repeat(piece, size/len(piece))
			start := worked(t)
			for range times {
				r.Marks(text, redact.Subject)
			}
			return worked(t) - start
		}
		short, long := took(10_000, 16), took(160_000, 1)
		t.Logf("%q: %d ns a byte", piece, long.Nanoseconds()/160_000)
		if long > 100*time.Millisecond && long > 8*short {
			t.Errorf("%q again and again: %v in one text, %v in sixteen", piece, long, short)
		}
	}
}
