package datamap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func TestAMapFallsIntoItsDatabases(t *testing.T) {
	t.Parallel()
	m, err := datamap.Parse("whole.yaml", whole(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Databases(); !slices.Equal(got, []string{"eu1", "eu2", "crm1", "crm2"}) {
		t.Errorf("databases: %q", got)
	}
	crm := m.Of("crm2")
	if len(crm.Tables) != 1 || crm.Tables[0].Name != "leads" || crm.Store.Schema != "crm" || len(crm.Person) != 0 || crm.Tenant != nil || crm.Organization != nil || crm.Hash() != m.Hash() {
		t.Errorf("crm2: %+v", crm)
	}
	if _, ok := crm.Table("contacts"); ok {
		t.Error("crm2 has the first store's contacts")
	}
	eu := m.Of("eu1")
	if _, ok := eu.Table("leads"); ok || len(eu.Tables) != len(m.Tables)-1 || len(eu.Person) != 1 || eu.Tenant == nil {
		t.Errorf("eu1: %+v", eu)
	}
	if m.Of("nowhere") != nil || m.Of("main") == nil {
		t.Error("Of knows a database that there is not, or does not know the first")
	}
	plain, err := datamap.Parse("small.yaml", []byte(small(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got := plain.Databases(); !slices.Equal(got, []string{""}) || plain.Of("") != plain {
		t.Errorf("one store: %q", got)
	}
}

func TestNoPathLeadsIntoAnotherStore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ old, new, want string }{
		{"      - {as: addressee, find: email, in: [email]}\n    erase: delete\n    columns: {email: Email address}\n    none: [id]", "      - {as: owner, from: contacts.id, to: contact_id}\n    erase: delete\n    columns: {email: Email address}\n    none: [id]\n    link: [contact_id]", "a path leads to the table contacts, which is in another store"},
		{"store: crm\n", "store: crn\n", `no store "crn" under stores`},
		{"shards: [crm1, crm2]", "shards: [crm1, eu1]", "the name eu1 stands there twice"},
	} {
		src := strings.Replace(string(whole(t)), tt.old, tt.new, 1)
		if _, err := datamap.Parse("whole.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("expected %q, got %v", tt.want, err)
		}
	}
}
