package web_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/lang"
)

var errorKey = regexp.MustCompile(`"(error\.[a-z0-9_.]+[a-z0-9_])"`)

// A person may read any of these sentences, so each must exist in each language.
func TestEveryErrorHasItsWords(t *testing.T) {
	t.Parallel()
	root := os.DirFS("..")
	n := 0
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		for _, m := range errorKey.FindAllStringSubmatch(string(src), -1) {
			n++
			for _, l := range lang.Supported {
				if strings.HasPrefix(lang.In(l, m[1], "Limit", 1, "Over", 1, "Minutes", 1), "⟦") {
					t.Errorf("%s: %s has no words in %s", path, m[1], l)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 30 {
		t.Errorf("only %d keys found: the pattern is wrong", n)
	}
}
