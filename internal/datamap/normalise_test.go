package datamap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func TestNormal(t *testing.T) {
	t.Parallel()
	phone := datamap.Normaliser{Kind: datamap.E164, Strip: []string{"whatsapp:", "tel:"}}
	email := datamap.Normaliser{Kind: datamap.Email}
	digits := datamap.Normaliser{Kind: datamap.Digits}
	for _, tt := range []struct {
		name          string
		by            datamap.Normaliser
		value, region string
		want          string
	}{
		{"an address that no column can hold", email, "lu@example.com\x00", "DE", ""},
		{"a key that no column can hold", datamap.Normaliser{Kind: datamap.Exact}, "a\x00b", "DE", ""},
		{"a key that is no text", datamap.Normaliser{Kind: datamap.Exact}, "a\xffb", "DE", ""},
		{"with plus and blanks", phone, "+55 11 98765-4321", "DE", "+5511987654321"},
		{"digits with country code", phone, "5511987654321", "BR", "+5511987654321"},
		{"national with brackets", phone, "(11) 98765-4321", "BR", "+5511987654321"},
		{"national with trunk zero", phone, "0171 3920041", "DE", "+491713920041"},
		{"the area code 55 is no country code", phone, "55 99123-4567", "BR", "+5555991234567"},
		{"digits of another country", phone, "254722000318", "BR", "+254722000318"},
		{"a provider's prefix", phone, "whatsapp:+254722000318", "KE", "+254722000318"},
		{"a prefix in capitals", phone, "WhatsApp:+254722000318", "KE", "+254722000318"},
		{"with 00", phone, "0049 171 3920041", "DE", "+491713920041"},
		{"with the bracketed zero", phone, "+49 (0)171 3920041", "DE", "+491713920041"},
		{"US national", phone, "(202) 555-0143", "US", "+12025550143"},
		{"US with 1", phone, "1-202-555-0143", "US", "+12025550143"},
		{"no number", phone, "", "DE", ""},
		{"a wildcard", phone, "%", "DE", ""},
		{"half a number", phone, "+49171%", "DE", ""},
		{"too short", phone, "110", "DE", ""},
		{"words", phone, "call me", "DE", ""},
		{"capitals and blanks", email, "  Marina.Costa@Example.COM\t", "", "marina.costa@example.com"},
		{"a dotless i stays itself", email, "mıke@example.com", "", "mıke@example.com"},
		{"a capital dotted I stays itself", email, "İnes@example.com", "", "İnes@example.com"},
		{"a Kelvin sign stays itself", email, "\u212aim@example.com", "", "\u212aim@example.com"},
		{"no address", email, "marina", "", ""},
		{"half an address", email, "@example.com", "", ""},
		{"two ats", email, "a@b@c", "", ""},
		{"a blank inside", email, "a b@c.d", "", ""},
		{"an empty address", email, "   ", "", ""},
		{"digits only", digits, "DE-12.34", "", "1234"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.by.Normal(tt.value, tt.region); got != tt.want {
				t.Errorf("Normal(%q, %q) = %q, expected %q", tt.value, tt.region, got, tt.want)
			}
		})
	}
}

// TestSpellingsBringWhatNormalAccepts: an index search by spellings must not
// lose a writing that the normaliser would accept.
func TestSpellingsBringWhatNormalAccepts(t *testing.T) {
	t.Parallel()
	phone := datamap.Normaliser{Kind: datamap.E164}
	digits := datamap.Normaliser{Kind: datamap.Digits}
	for _, tt := range []struct{ normal, region, written string }{
		{"+491713920041", "DE", "0171/3920041"},
		{"+491713920041", "DE", "+49 (0) 171 3920041"},
		{"+491713920041", "DE", "0049-171-3920041"},
		{"+491713920041", "US", "011 49 171 3920041"},
		{"+5491123456789", "AR", "011 15-2345-6789"},
		{"+36201234567", "HU", "06 20 123 4567"},
		{"+79161234567", "RU", "8 (916) 123-45-67"},
		{"+12025550143", "US", "1 202 555 0143"},
		{"+390612345678", "IT", "06 1234 5678"},
	} {
		if got := phone.Normal(tt.written, tt.region); got != tt.normal {
			t.Errorf("Normal(%q, %q) = %q, expected %q", tt.written, tt.region, got, tt.normal)
		}
		if !slices.Contains(phone.Spellings(tt.normal), digits.Normal(tt.written, "")) {
			t.Errorf("%q is not among the spellings of %s", tt.written, tt.normal)
		}
	}
}

// FuzzNormalise: a normal form is its own normal form, and one of its spellings.
func FuzzNormalise(f *testing.F) {
	for _, v := range []string{"+55 11 91234-0000", "5511912340000", "(11) 91234-0000", "%", "", " ", "a@b", "A@B.example ", "x@y@z", "whatsapp:+4915112345678", "５５11", "Dávi Rocha", "İ@x", "\x00", "+1;ext=2", "00493012345"} {
		f.Add(v, "BR")
	}
	kinds := []datamap.Normaliser{{Kind: datamap.E164, Strip: []string{"whatsapp:"}}, {Kind: datamap.Email}, {Kind: datamap.Digits}, {Kind: datamap.Exact}, {Kind: datamap.Name}}
	f.Fuzz(func(t *testing.T, v, region string) {
		for _, n := range kinds {
			normal := n.Normal(v, region)
			if normal == "" {
				continue
			}
			if strings.ContainsAny(normal, "%") && n.Kind == datamap.E164 {
				t.Fatalf("%s: a wildcard in %q", n.Kind, normal)
			}
			if again := n.Normal(normal, region); again != normal {
				t.Fatalf("%s: %q is %q, and that is %q", n.Kind, v, normal, again)
			}
			if !slices.ContainsFunc(n.Spellings(normal), func(s string) bool { return s == normal || "+"+s == normal }) {
				t.Fatalf("%s: %q is none of its spellings", n.Kind, normal)
			}
		}
	})
}
