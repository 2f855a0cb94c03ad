package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// The roles that the ledger's migration makes in the messaging store.
const (
	ReadRole = "portal_read" // searches and exports
	ExecRole = "portal_exec" // carries plans out
)

// Grants gives the statements that let the two roles do what the map needs, and
// nothing more: columns that the map calls secret are not readable, only
// columns that a rule writes are writable, only tables that a rule deletes from
// are deletable. An administrator of the store runs them after a map changed.
func Grants(m *datamap.Map) []string {
	schema := ident(m.Store.Schema)
	both := ReadRole + ", " + ExecRole
	out := []string{
		fmt.Sprintf("REVOKE ALL ON ALL TABLES IN SCHEMA %s FROM %s", schema, both),
		fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", schema, both),
		fmt.Sprintf("GRANT USAGE ON SCHEMA dsar TO %s", both),
		fmt.Sprintf("GRANT SELECT ON dsar.operation, dsar.step, dsar.goose_db_version TO %s", ReadRole),
		// Only what was never begun is deleted again; who was erased stays written.
		fmt.Sprintf("REVOKE ALL ON ALL TABLES IN SCHEMA dsar FROM %s", ExecRole),
		fmt.Sprintf("GRANT SELECT ON ALL TABLES IN SCHEMA dsar TO %s", ExecRole),
		fmt.Sprintf("GRANT INSERT, UPDATE, DELETE ON dsar.operation, dsar.step, dsar.target TO %s", ExecRole),
		fmt.Sprintf("GRANT INSERT, UPDATE ON dsar.object TO %s", ExecRole),
		fmt.Sprintf("GRANT INSERT ON dsar.erased TO %s", ExecRole),
	}
	for _, t := range m.Tables {
		name := ident(m.Store.Schema, t.Name)
		var readable, writable []string
		for _, c := range t.Columns {
			if c.Group != datamap.Secret {
				readable = append(readable, ident(c.Name))
			}
		}
		remove := false
		for _, u := range t.Erasures() {
			remove = remove || deletes(u)
			for _, a := range u.Set {
				writable = append(writable, ident(a.Column))
			}
		}
		for _, c := range t.Self {
			writable = append(writable, ident(c))
		}
		slices.Sort(writable)
		writable = slices.Compact(writable)
		if len(readable) > 0 {
			out = append(out, fmt.Sprintf("GRANT SELECT (%s) ON %s TO %s", strings.Join(readable, ", "), name, both))
		}
		if len(writable) > 0 {
			out = append(out, fmt.Sprintf("GRANT UPDATE (%s) ON %s TO %s", strings.Join(writable, ", "), name, ExecRole))
		}
		if remove {
			out = append(out, fmt.Sprintf("GRANT DELETE ON %s TO %s", name, ExecRole))
		}
	}
	return out
}
