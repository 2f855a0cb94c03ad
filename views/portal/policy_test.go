package portal_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/views/portal"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestPolicyIsShownWordForWordAndNothingInItRuns(t *testing.T) {
	vs, err := portal.ReadPolicy(fstest.MapFS{"2026-01-02.md": file("# Our *policy*\n\nSee <script>alert(1)</script> and [here](javascript:alert(1)).\n\n## One & two\n\n- **Bold** item\n  goes on\n- next\n")})
	if err != nil {
		t.Fatal(err)
	}
	p, ok := portal.PolicyAt(vs, "", "de")
	if !ok || p.Lang != "en" || !p.Newest {
		t.Fatalf("newest is %+v, %v", p, ok)
	}
	var b bytes.Buffer
	if err := portal.Policy(p).Render(in(lang.English), &b); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	for _, want := range []string{"Our *policy*", "&lt;script&gt;alert(1)&lt;/script&gt;", "One &amp; two", "<b>Bold</b>", "item goes on"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(html, "javascript:") || strings.Contains(html, "<script>alert") {
		t.Error("something in it runs")
	}
}

func TestPolicyVersions(t *testing.T) {
	vs, err := portal.ReadPolicy(fstest.MapFS{"2025-01-01.md": file("# Old"), "2026-01-01.en.md": file("# New"), "2026-01-01.de.md": file("# Neu")})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		version, lang, title string
		newest               bool
	}{{"", "de", "Neu", true}, {"", "en", "New", true}, {"2025-01-01", "de", "Old", false}} {
		p, ok := portal.PolicyAt(vs, tt.version, tt.lang)
		if !ok || p.Title != tt.title || p.Newest != tt.newest || len(p.Others) != 1 {
			t.Errorf("%q in %s is %+v", tt.version, tt.lang, p)
		}
	}
	if _, ok := portal.PolicyAt(vs, "2024-01-01", "en"); ok {
		t.Error("a version that never was is shown")
	}
	for name, text := range map[string]string{"policy.md": "# x", "2026-13-01.md": "# x", "2026-01-01.md": "no title"} {
		if _, err := portal.ReadPolicy(fstest.MapFS{name: file(text)}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v does not say which file", name, err)
		}
	}
}
