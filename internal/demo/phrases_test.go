package demo_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A section that a language lacks would stop a load somewhere in the middle.
func TestEveryLanguageHasEverySection(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("phrases/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d phrase files: %v", len(files), err)
	}
	heads := regexp.MustCompile(`(?m)^\[([a-z.]+)\]\n[^\[\n]`)
	slots := regexp.MustCompile(`\{([^}]*)\}`)
	known := strings.Fields("name agent org person phone n code time price day street city last")
	sections := func(text string) (out []string) {
		for _, m := range heads.FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return out
	}
	english, err := os.ReadFile("phrases/en.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sections(string(english)), sections(string(text))); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		for _, m := range slots.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s has an unknown slot %s", name, m[0])
			}
		}
	}
}
