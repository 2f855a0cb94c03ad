package redact_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// What programs write for a letter or a digit hides nobody, once or twice
// wrapped; and what stands around it stays.
func TestEscapesHideNobody(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.Person{Names: []string{"Marina Costa"}}, []redact.Person{{Who: "a", Names: []string{"José da Silva"}, Numbers: []string{"+5521966664321"}, Emails: []string{"jose@padaria.example"}}}, "BR")
	for _, who := range []string{
		"Jos&eacute; da Silva", "Jos&#233;&nbsp;da Silva", "Jos&#xE9; da Silva", "Jos&amp;eacute; da Silva", `Jos\u00e9 da Silva`, `Jos\\u00E9 da Silva`, `\nJos\u00e9\tda Silva\n`, "Jos%C3%A9%20da%20Silva", "Jos%25C3%25A9%2520da%2520Silva",
		"Jos=C3=A9 da Silva", "Jos=C3=A9 da Sil=\r\nva", "&#43;55&nbsp;21&nbsp;96666&#45;4321", `\u002b55\u00a021 96666-4321`, "%2B55%2021%20966664321", "jose&#64;padaria&period;example", `jose\u0040padaria.example`,
		"=?UTF-8?B?T2kgSm9zw6kgZGEgU2lsdmEgZSBNYXJpbmE=?=", "=?utf-8?q?Jos=C3=A9_da_Silva?=", "&#74;&#111;s&eacute; da Silva",
		`\ud83d\ude00 Jos\u00e9 da Silva \ud83d`,
	} {
		text := "Oi, 100% & = \\ 12 " + who + " : até já"
		out := redact.Write(text, r.Marks(text, redact.Unknown), nil)
		rest := strings.ReplaceAll(out, redact.Bar, "")
		for _, left := range []string{"Jos", "Sil", "va", "jose", "9666", "4321", "padaria", "C3", "eacute"} {
			if strings.Contains(rest, left) {
				t.Errorf("%q is written as %q", text, out)
				break
			}
		}
		if !strings.HasPrefix(out, "Oi, 100% & = \\ 12 ") || !strings.HasSuffix(out, " : até já") {
			t.Errorf("%q is written as %q, which hides too much", text, out)
		}
	}
	plain := `C:\pasta & 100% = 5 &; %zz \u12 =\`
	if out := redact.Write(plain, r.Marks(plain, redact.Unknown), nil); out != plain {
		t.Errorf("%q is written as %q", plain, out)
	}
}
