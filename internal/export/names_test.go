package export_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// stored gives the names that files have in a package.
func stored(t *testing.T, in ...string) (out []string) {
	t.Helper()
	c := sample()
	c.Tables = nil
	var files []export.File
	for _, n := range in {
		files = append(files, file(n, "x"))
	}
	c.Files = seq(files...)
	_, m, _ := write(t, c)
	for _, e := range m.Files {
		if name, ok := strings.CutPrefix(e.Name, "attachments/"); ok {
			out = append(out, name)
		}
	}
	return out
}

func TestAttachmentNames(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"photo.jpg", "photo.jpg"},
		{"2026/03/photo.jpg", "2026/03/photo.jpg"},
		{"../../x", "x"},
		{"/etc/passwd", "etc/passwd"},
		{`..\..\windows\x.dll`, "windows/x.dll"},
		{"C:/x", "C_/x"},
		{"a/./b/../c", "a/b/c"},
		{"", "file"},
		{"...", "file"},
		{" . ", "file"},
		{"CON", "_CON"},
		{"con.txt", "_con.txt"},
		{"lpt1 .tar.gz", "_lpt1 .tar.gz"},
		{"COM²", "_COM²"},
		{"COMMON", "COMMON"},
		{"a\x00b\nc\x7f.txt", "a_b_c_.txt"},
		{"invoice\u202egpj.exe", "invoice_gpj.exe"},
		{"zero\u200bwidth", "zero_width"},
		{`<a>"b"|c?*:`, "_a__b__c___"},
		{"trailing. . ", "trailing"},
		{"\xff\xfe.bin", "__.bin"},
		{"e\u0301.txt", "\u00e9.txt"},
		{"a/b/c/d/e/f.txt", "c/d/e/f.txt"},
		{"شكر.txt", "شكر.txt"},
		{strings.Repeat("é", 200) + ".jpeg", strings.Repeat("é", 57) + ".jpeg"},
	} {
		if got := stored(t, tt.in); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%q becomes %q, not %q", tt.in, got, tt.want)
		}
	}
}

func TestNoTwoAttachmentsHaveOneName(t *testing.T) {
	got := stored(t, "a.jpg", "A.JPG", "a.jpg", "x", "x/y", "x/y", "d/e", "d", "e\u0301", "\u00c9", "../a-2.jpg")
	want := []string{"a.jpg", "A-2.JPG", "a-3.jpg", "x", "x-2/y", "x-2/y-2", "d/e", "d-2", "\u00e9", "\u00c9-2", "a-2-2.jpg"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func FuzzAttachmentName(f *testing.F) {
	for _, s := range []string{"../../x", "CON", "a\u202eb", "a//b", strings.Repeat("x/", 99), "NUL.", "..", "\xc3"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		got := stored(t, a, b)
		if len(got) != 2 || strings.EqualFold(got[0], got[1]) {
			t.Fatalf("%q", got)
		}
		for _, name := range got {
			for _, s := range strings.Split(name, "/") {
				if s == "" || s == "." || s == ".." || len(s) > 140 || strings.TrimRight(s, ". ") != s || !utf8.ValidString(s) ||
					strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) || strings.ContainsAny(s, `\<>:"|?*`) {
					t.Errorf("%q", name)
				}
			}
		}
	})
}
