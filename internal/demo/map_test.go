package demo_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

func TestTheDataMapIsReadable(t *testing.T) {
	t.Parallel()
	m, err := datamap.Parse("datamap.yaml", demo.DataMap)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range m.Categories {
		for what, text := range map[string]datamap.Text{"title": c.Title, "about": c.About, "purpose": c.Purpose, "basis": c.Basis, "retention": c.Retention, "source": c.Source} {
			if text["en"] == "" || text["de"] == "" {
				t.Errorf("category %s, %s: English or German is missing", c.ID, what)
			}
		}
	}
	for _, table := range m.Tables {
		for _, c := range table.Columns {
			if c.Group == datamap.Data && (c.Title["en"] == "" || c.Title["de"] == "") {
				t.Errorf("%s.%s: English or German is missing", table.Name, c.Name)
			}
		}
	}
}
