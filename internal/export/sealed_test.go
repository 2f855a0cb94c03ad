package export_test

import (
	"io"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
)

func TestPackageThroughTheVault(t *testing.T) {
	v := inDirectory(t).vault(t)
	var m export.Manifest
	a, err := v.Create(t.Context(), uuid.New(), func(w io.Writer) (err error) {
		m, err = export.Write(t.Context(), w, sample())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Open(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	report, err := export.Verify(export.Source{ReaderAt: r, Size: r.Size()})
	if err != nil || !report.OK || report.Rows != m.Rows || report.Files != len(m.Files) {
		t.Errorf("verify: %+v, %v", report, err)
	}
}
