package connector_test

import (
	"io"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
)

// TestEachForeignExportIsWhole: every canary of hers, no canary of others, no
// secret, and each row counted.
func TestEachForeignExportIsWhole(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, s *stores.Store) {
		p := openFixture(t, s, connector.Options{})
		text, rows := p.export(t)
		for _, wrong := range s.Exported(text, rows) {
			t.Error(wrong)
		}
	})
}

// export reads all that an access request gets: rows as text, and files.
func (p fixture) export(t testing.TB) (string, map[string]int) {
	t.Helper()
	snap, err := p.engine.Snapshot(t.Context(), find(t, p.engine, subject(p.Case.Who)))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var b strings.Builder
	rows := map[string]int{}
	for table, err := range snap.Tables() {
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range table.Rows {
			if err != nil {
				t.Fatal(err)
			}
			rows[table.Name]++
			for _, cell := range row {
				b.Write(cell)
				b.WriteByte('\n')
			}
		}
	}
	for f, err := range snap.Files() {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(f.Name + "\n" + p.file(t, snap, f) + "\n")
	}
	return b.String(), rows
}

func (p fixture) file(t testing.TB, snap *connector.Snapshot, f connector.File) string {
	t.Helper()
	objects, err := connector.OpenObjects(addresses(p.Store, p.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	r, err := snap.OpenFile(objects, f)
	if err != nil {
		t.Errorf("open the file %s: %v", f.Key, err)
		return ""
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
