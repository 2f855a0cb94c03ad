package mail_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/mail"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "amina@example.com", "amina@example.com"},
		{"capitals and space around", "  Amina.Okafor@Example.COM\n", "amina.okafor@example.com"},
		{"a tag", "amina+privacy@example.co.uk", "amina+privacy@example.co.uk"},
		{"an encoded domain", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
		{"this machine", "root@localhost", "root@localhost"},
		{"empty", "", ""},
		{"no at", "amina.example.com", ""},
		{"two ats", "amina@evil@example.com", ""},
		{"no local part", "@example.com", ""},
		{"no domain", "amina@", ""},
		{"a bare host", "amina@example", ""},
		{"dots at the edge", ".amina@example.com", ""},
		{"two dots", "amina..okafor@example.com", ""},
		{"a hyphen at the edge", "amina@-example.com", ""},
		{"an empty label", "amina@example..com", ""},
		{"an IP address", "amina@127.0.0.1", ""},
		{"an address literal", "amina@[127.0.0.1]", ""},
		{"a header smuggled in", "amina@example.com\r\nBcc: evil@example.com", ""},
		{"a second recipient", "amina@example.com,evil@example.com", ""},
		{"an SMTP parameter", `"a> ORCPT=x"@example.com`, ""},
		{"angle brackets", "<amina@example.com>", ""},
		{"a display name", "Amina <amina@example.com>", ""},
		{"a comment", "amina(x)@example.com", ""},
		{"space inside", "ami na@example.com", ""},
		{"NUL", "amina\x00@example.com", ""},
		{"DEL", "amina\x7f@example.com", ""},
		{"a look-alike letter", "mıke@example.com", ""},
		{"a Cyrillic domain", "amina@exаmple.com", ""},
		{"a Kelvin sign, which lower-cases to k", "mi\u212ae@example.com", ""},
		{"too long a local part", strings.Repeat("a", 65) + "@example.com", ""},
		{"too long a label", "a@" + strings.Repeat("b", 64) + ".com", ""},
		{"too long", "a@" + strings.Repeat("b.", 130) + "com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := mail.ParseAddress(tt.in)
			if got != tt.want || (err != nil) != (tt.want == "") || err != nil && !errors.Is(err, mail.ErrAddress) {
				t.Errorf("ParseAddress(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
			}
		})
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"a@b.c", "A@B.C\r\nx", "\"a\"@b.c", "mıke@b.c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := mail.ParseAddress(s)
		if err != nil {
			return
		}
		if again, err := mail.ParseAddress(got); err != nil || again != got {
			t.Errorf("%q became %q, which becomes %q, %v", s, got, again, err)
		}
		if strings.ContainsAny(got, " \t\r\n\"<>(),:;[]\\") || strings.Count(got, "@") != 1 {
			t.Errorf("%q was taken as %q", s, got)
		}
	})
}
