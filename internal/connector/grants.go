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
		fmt.Sprintf("GRANT INSERT ON dsar.erased, dsar.suppressed TO %s", ExecRole),
		fmt.Sprintf("GRANT INSERT, DELETE ON dsar.written TO %s", ExecRole),
		fmt.Sprintf("GRANT INSERT, UPDATE, DELETE ON dsar.stop, dsar.retention TO %s", ExecRole),
		fmt.Sprintf("GRANT SELECT (table_name, key, purpose, operation, since) ON dsar.stop TO %s", ReadRole),
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
			set := u.Set
			if u.Shared != nil {
				set = append(slices.Clip(set), u.Shared.Set...)
			}
			for _, a := range set {
				writable = append(writable, ident(a.Column))
			}
		}
		for _, c := range slices.Concat(t.Self, t.Detach) {
			writable = append(writable, ident(c))
		}
		for _, p := range t.Repairs {
			writable = append(writable, ident(p.Column))
		}
		writable = append(writable, corrected(t)...)
		slices.Sort(writable)
		writable = slices.Compact(writable)
		if len(readable) > 0 {
			out = append(out, fmt.Sprintf("GRANT SELECT (%s) ON %s TO %s", strings.Join(readable, ", "), name, both))
		}
		if len(writable) > 0 {
			out = append(out, fmt.Sprintf("GRANT UPDATE (%s) ON %s TO %s", strings.Join(writable, ", "), name, ExecRole))
		}
		if s := t.Suppress; s != nil && len(s.Set) > 0 {
			out = append(out, fmt.Sprintf("GRANT INSERT (%s) ON %s TO %s", strings.Join(quotedColumns(s.Set), ", "), name, ExecRole),
				fmt.Sprintf("GRANT USAGE ON ALL SEQUENCES IN SCHEMA %s TO %s", schema, ExecRole)) // a serial key takes the next number
		}
		if remove {
			out = append(out, fmt.Sprintf("GRANT DELETE ON %s TO %s", name, ExecRole))
		}
	}
	return append(out, viewGrants(m)...)
}

// corrected lists the columns that a correction, a stop or an opt-out writes.
func corrected(t *datamap.Table) []string {
	var out []string
	for _, c := range t.Columns {
		if c.Correct != nil {
			out = append(out, ident(c.Name))
		}
	}
	for _, set := range t.Stop {
		out = append(out, quotedColumns(set)...)
	}
	if t.Suppress != nil && t.Suppress.Append != "" {
		out = append(out, ident(t.Suppress.Append))
	}
	return out
}

func quotedColumns(set []datamap.Assignment) []string {
	var out []string
	for _, name := range columnsOf(set) {
		out = append(out, ident(name))
	}
	return out
}
