package redact_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// others are the people whom the tests' store knows.
var others = []redact.Person{
	{Who: "anna", Names: []string{"Anna Schmidt"}, Numbers: []string{"+49 1512 3456789"}, Emails: []string{"anna.schmidt@example.org"}, Handles: []string{"@anna_s"}},
	{Who: "gareth", Names: []string{"Gareth Price"}, Numbers: []string{"+447700900655"}, Emails: []string{"gareth@price.example"}},
	{Who: "olga", Names: []string{"Ольга Петрова"}, Numbers: []string{"+7 912 345-67-89"}},
	{Who: "ahmed", Names: []string{"أحمد محمود"}, Numbers: []string{"+20 100 123 4567"}},
	{Who: "wang", Names: []string{"王小明"}},
	{Who: "tanaka", Names: []string{"田中 太郎"}},
	{Who: "juergen", Names: []string{"Jürgen Müller-Lüdenscheidt"}, Numbers: []string{"030 901820"}},
	{Who: "joao", Names: []string{"João da Silva"}, Numbers: []string{"+55 11 91234-5678"}},
	{Who: "tchaikovsky", Names: []string{"Dmitri Volkov"}},
}

var subject = redact.Person{Who: "amina", Names: []string{"Amina Okafor"}, Numbers: []string{"+447700900123"}, Emails: []string{"amina@okafor.example"}, Handles: []string{"amina_o"}}

func redactor() *redact.Redactor { return redact.New(subject, others, "GB", "DE") }

// written shows the text with sure marks as [kind who] and suggestions as
// {kind who}.
func written(text string, author redact.Author) string {
	return redact.Write(text, redactor().Marks(text, author), func(m redact.Mark) string {
		who := m.Who
		if len(who) > 0 && who[0] == '?' {
			who = "?"
		}
		switch {
		case m.Never:
			return "[!" + string(m.Kind) + "]"
		case m.Sure:
			return "[" + string(m.Kind) + " " + who + "]"
		}
		return "{" + string(m.Kind) + " " + who + "}"
	})
}

func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		author     redact.Author
		want       string
	}{
		{"an everyday text", "The parcel comes tomorrow between nine and ten.", redact.Other, "The parcel comes tomorrow between nine and ten."},
		{"a full name", "I met Anna Schmidt today.", redact.Other, "I met [name anna] today."},
		{"a name the other way round", "Schmidt, Anna", redact.Other, "[name anna]"},
		{"an initial", "A. Schmidt was here", redact.Other, "[name anna] was here"},
		{"a first name alone", "ask Anna about it", redact.Other, "ask {name anna} about it"},
		{"a possessive", "Anna Schmidt's car and Annas Auto", redact.Other, "[name anna]'s car and {name anna} Auto"},
		{"without umlauts", "Juergen Mueller-Luedenscheidt und Jurgen Muller", redact.Other, "[name juergen] und [name juergen]"},
		{"Cyrillic with endings", "Позвони Ольге Петровой", redact.Other, "Позвони [name olga]"},
		{"Cyrillic in Latin letters", "Call Olga Petrova please", redact.Other, "Call [name olga] please"},
		{"Latin in Cyrillic letters", "Это Дмитрий Волков", redact.Other, "Это [name tchaikovsky]"},
		{"Arabic", "قابلت احمد محمود أمس", redact.Other, "قابلت [name ahmed] أمس"},
		{"Arabic in Latin letters", "Ahmed Mahmood rang", redact.Other, "[name ahmed] rang"},
		{"a short form", "Dima Volkov was here", redact.Other, "[name tchaikovsky] was here"},
		{"Arabic with and", "سلمى وأحمد محمود", redact.Other, "{name } [name ahmed]"},
		{"Chinese", "昨天我见到王小明了", redact.Other, "昨天我见到[name wang]了"},
		{"Japanese", "田中太郎さん、田中 太郎", redact.Other, "[name tanaka]さん、[name tanaka]"},
		{"a number", "ring +44 7700 900655 now", redact.Other, "ring [phone gareth] now"},
		{"its national form", "ring 07700 900655 now", redact.Other, "ring [phone gareth] now"},
		{"with a zero in brackets", "+44 (0) 7700-900-655", redact.Other, "[phone gareth]"},
		{"in words", "oh seven seven double oh nine double oh six double five", redact.Other, "[phone gareth]"},
		{"in German words", "null eins fünf eins zwei drei vier fünf sechs sieben acht neun", redact.Other, "[phone anna]"},
		{"in Arabic digits", "٠١٠٠١٢٣٤٥٦٧", redact.Other, "[phone ahmed]"},
		{"full width", "＋４４７７００９００６５５", redact.Other, "[phone gareth]"},
		{"over lines", "07700\n900\n655", redact.Other, "[phone gareth]"},
		{"with zero widths", "0770\u200b0 90\u200d0655", redact.Other, "[phone gareth]"},
		{"a mail address", "write ANNA.Schmidt@Example.ORG.", redact.Other, "write [email anna]."},
		{"a mail address in words", "anna dot schmidt at example dot org", redact.Other, "[email anna]"},
		{"a mail address in brackets", "anna.schmidt [at] example (dot) org", redact.Other, "[email anna]"},
		{"look-alikes", "аnna.sсhmidt@example.org", redact.Other, "[email anna]"},
		{"a handle", "follow anna_s or @anna_s", redact.Other, "follow [handle anna] or [mention anna]"},
		{"the subject", "Amina Okafor, +44 7700 900123, amina@okafor.example, @amina_o", redact.Other, "Amina Okafor, +44 7700 900123, amina@okafor.example, @amina_o"},
		{"an unknown number", "his number is 07911 123456", redact.Other, "his number is [phone ?]"},
		{"the subject's new number", "my number is 07911 123456", redact.Subject, "my number is 07911 123456"},
		{"the sister's number", "my sister's number is 07911 123456", redact.Subject, "my sister's number is [phone ?]"},
		{"known as somebody's", "my number is 07700 900655", redact.Subject, "my number is [phone gareth]"},
		{"a price", "It costs 1.234.567,89 EUR or $ 1299000", redact.Other, "It costs 1.234.567,89 EUR or $ 1299000"},
		{"a date", "on 12.05.2024 at 10:30 and 2024-05-12", redact.Other, "on 12.05.2024 at 10:30 and 2024-05-12"},
		{"an order", "order number 4711081512", redact.Other, "order number 4711081512"},
		{"a card", "4111 1111 1111 1111", redact.Subject, "[!card]"},
		{"an account", "IBAN DE89 3704 0044 0532 0130 00 bitte", redact.Subject, "IBAN [!account] bitte"},
		{"social security", "SSN 078-05-1120", redact.Subject, "SSN [!id_number]"},
		{"a password", "password: hunter2 and more", redact.Subject, "password: [!password] and more"},
		{"a code", "Your verification code is 482910.", redact.Other, "Your verification code is [!code]."},
		{"a code before", "482910 is your WhatsApp code", redact.Other, "[!code] is your WhatsApp code"},
		{"an address", "Hauptstraße 5, 10115 Berlin", redact.Other, "[address ]"},
		{"an English address", "at 14 Calder Row, Leeds LS1 4AB today", redact.Other, "at [address ] today"},
		{"spoken with a pause", "oh seven seven double oh, then nine hundred and six double five", redact.Other, "[phone gareth]"},
		{"an order with dashes", "302-1234567-1234567", redact.Other, "302-1234567-1234567"},
		{"an extension", "030 23125-4711-12", redact.Other, "[phone ?]"},
		{"a map", "I am here https://maps.app.goo.gl/Ab3dE ok", redact.Other, "I am here {address } ok"},
		{"a team", "Best regards\nYour Baobab Team", redact.Other, "Best regards\nYour Baobab Team"},
		{"a mail's head", "From: Berta Unbekannt <berta@example.com>", redact.Other, "From: [name ?] <[email ?]>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := written(tt.text, tt.author); got != tt.want {
				t.Errorf("%q\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}
