package main

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// inParts writes a package of three parts and gives their files.
func inParts(t *testing.T) (files []string) {
	t.Helper()
	at := 0
	numbers := export.Table{Name: "numbers", Columns: []export.Column{{Name: "id", Type: export.Number}}, Key: func() []string { return []string{fmt.Sprint(at)} },
		Rows: func(yield func(export.Row, error) bool) {
			for at = 1; at <= 1500; at++ {
				if !yield(export.Row{fmt.Append(nil, at)}, nil) {
					return
				}
			}
		}}
	var tables iter.Seq2[export.Table, error] = func(yield func(export.Table, error) bool) { yield(numbers, nil) }
	p := export.NewPacker(export.Contents{Ref: "CS-7F3K-29QD", Language: "en", Operator: "CrowsStack", Made: time.Now(), Set: uuid.New(),
		Tables: tables, Limits: export.Limits{Rows: 500}, TempDir: t.TempDir()})
	defer p.Close()
	dir := t.TempDir()
	for last := false; !last; {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("part-%d.zip", len(files)+1)))
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Part(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		files, last = append(files, f.Name()), m.Last
	}
	if len(files) != 3 {
		t.Fatalf("%d parts", len(files))
	}
	return files
}

func TestAllPartsAreVerifiedTogether(t *testing.T) {
	t.Parallel()
	parts := inParts(t)
	r := call(t, nil, append([]string{"bundle", "verify", "-json"}, parts...)...)
	if doc := r.document(t); r.code != fine || doc["ok"] != true || doc["rows"] != 1500.0 || doc["parts"] != 3.0 {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
	if r := call(t, nil, append([]string{"bundle", "verify"}, parts...)...); r.code != fine || !strings.Contains(r.out, "3 parts") {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
	r = call(t, nil, "bundle", "verify", "-json", parts[0], parts[2])
	if doc := r.document(t); r.code != found || doc["ok"] != false || fmt.Sprint(doc["missing"]) != "[2]" {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
	r = call(t, nil, "bundle", "verify", parts[1])
	if r.code != found || !strings.Contains(r.out, "missing: 1, 3") || strings.Contains(r.out, "not the package") {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
	r = call(t, nil, "bundle", "verify", parts[0], parts[1], parts[1], parts[2])
	if r.code != found || !strings.Contains(r.out, "part 2 is here twice") {
		t.Errorf("exit %d, %s%s", r.code, r.out, r.err)
	}
}
