package connector_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
)

func TestRowsAreShownInPart(t *testing.T) {
	t.Parallel()
	s, db := demoStore(t, demo.Options{Rows: 2_000}, connector.Options{})
	exec(t, db, `UPDATE contacts SET name = 'Lukas van der Brandt', phone = '0171 3920041', wa_id = '491713920041', email = '`+demo.Lukas.Email+`' WHERE id = 3`)
	exec(t, db, `INSERT INTO contacts (id, organization_id, name, phone, language) VALUES (990018, 5, 'Moritz', '+55 21 98765-4321', 'en')`)
	exec(t, db, `INSERT INTO contacts (id, organization_id, name, phone, email, language) VALUES (990019, 5, '', '', 'Lukas.Other@example.com', 'en')`)
	f := find(t, s, connector.Subject{Email: demo.Lukas.Email, Claimed: map[string]string{"phone": "+55 21 98765-4321", "email": "lukas.other@example.com"}})
	for key, want := range map[string]string{"3": "L… Brandt, +49 … 41", "990018": "M…, +55 … 21", "990019": "l…@example.com"} {
		if got := f.Label(connector.RowRef{Table: "contacts", Key: key}); got != want {
			t.Errorf("contact %s is shown as %q, want %q", key, got, want)
		}
	}
	for _, m := range f.Matches {
		if f.TenantName(m.Store, m.Tenant) == "" {
			t.Errorf("the organization of %s %s has no name", m.Table, m.Key)
		}
	}
	all, err := json.Marshal(f.Result)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"Lukas", "Moritz", "3920041", "98765", "lukas.other"} {
		if strings.Contains(string(all), value) {
			t.Errorf("a search tells %q", value)
		}
	}
}
