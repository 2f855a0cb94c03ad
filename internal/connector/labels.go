package connector

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Label shows in part whose row this is, for staff to tell rows apart: "A…
// Schmidt, +49 … 42". Nothing else of the row leaves the store with a search.
func (f *Found) Label(r RowRef) string { return f.labels[r] }

// TenantName is what an organization is called, "" if the map shows no name.
func (f *Found) TenantName(store, key string) string {
	return f.tenants[RowRef{Store: store, Key: key}]
}

// shown is a column that a label shows a part of.
type shown struct {
	place
	mask func(text, region string) string
}

// label reads what the rows that match or may match are called.
func (v *resolver) label(ctx context.Context, f *Found) error {
	f.labels, f.tenants = map[RowRef]string{}, map[RowRef]string{}
	tenants := map[string]bool{}
	for _, root := range v.s.m.Person {
		var keys []string
		for _, m := range f.Matches {
			if tenants[m.Tenant] = true; m.Table == root.Table {
				keys = append(keys, m.Key)
			}
		}
		for _, c := range f.Candidates {
			if tenants[c.Tenant] = true; c.Table == root.Table {
				keys = append(keys, c.Key)
			}
		}
		if err := v.labelRows(ctx, f, root, keys); err != nil {
			return err
		}
	}
	return v.nameTenants(ctx, f, tenants)
}

// labelRows reads one column after the other: a name, and the first identifier
// that each row has.
func (v *resolver) labelRows(ctx context.Context, f *Found, root datamap.Root, keys []string) error {
	parts, identified := map[string][]string{}, map[string]bool{}
	for _, col := range v.shown(root) {
		found, err := v.texts(ctx, root.Table, root.Key, col.column, keys)
		if err != nil {
			return err
		}
		for _, h := range found {
			key := h.key[0]
			switch {
			case strings.TrimSpace(h.value) == "":
			case col.mask == nil && len(parts[key]) == 0:
				parts[key] = append(parts[key], maskName(h.value))
			case col.mask != nil && !identified[key]:
				if text := col.mask(h.value, v.region(h.tenant)); text != "" {
					parts[key], identified[key] = append(parts[key], text), true
				}
			}
		}
	}
	for key, texts := range parts {
		f.labels[RowRef{Table: root.Table, Key: key}] = strings.Join(texts, ", ")
	}
	return nil
}

// shown lists the columns that a root's labels are made of: names first, then
// the identifiers that it is found by.
func (v *resolver) shown(root datamap.Root) (out []shown) {
	t, _ := v.s.m.Table(root.Table)
	for _, c := range t.Columns {
		named := slices.Contains(v.s.m.Mentions.Names, datamap.Ref{Table: root.Table, Column: c.Name})
		if named || c.Correct != nil && c.Correct.Type == "name" {
			out = append(out, shown{place: place{root.Table, c.Name, nil}})
		}
	}
	for _, k := range slices.Concat(root.Match, root.Candidates) {
		n := v.s.m.Normalisers[k.By]
		if k.Table != "" || len(k.Path) > 0 || n.Kind == datamap.Name {
			continue
		}
		out = append(out, shown{place{root.Table, k.Column, nil}, func(text, region string) string { return mask(n, text, region) }})
	}
	return out
}

// texts reads one column of rows by their keys.
func (v *resolver) texts(ctx context.Context, table, key, column string, keys []string) ([]hit, error) {
	q := v.s.query(v.c, v.r)
	t, ok := v.s.m.Table(table)
	where := q.anyOf("t", table, key, "labelled", keys)
	if !ok || where == "false" {
		return nil, nil
	}
	found, err := v.read(ctx, q, reading{from: q.table(table) + " t", key: q.keyText("t", key), tenant: q.tenant("t", t),
		value: "left(" + ident("t", column) + "::text, 200)", where: where})
	if err != nil {
		return nil, fmt.Errorf("read what rows of %s are called: %w", table, err)
	}
	return found, nil
}

// nameTenants reads what the organizations are called: the first text of their
// table that the map exports.
func (v *resolver) nameTenants(ctx context.Context, f *Found, seen map[string]bool) error {
	delete(seen, "")
	m := v.s.m
	if m.Tenant == nil || len(seen) == 0 {
		return nil
	}
	t, ok := m.Table(m.Tenant.Table)
	if !ok {
		return nil
	}
	q := v.s.query(v.c, v.r)
	i := slices.IndexFunc(t.Columns, func(c datamap.Column) bool {
		col := q.column(t.Name, c.Name)
		return c.Group == datamap.Data && !c.JSON && col.category == "S" && c.Name != m.Tenant.Key
	})
	if i < 0 {
		return nil
	}
	var keys []string
	for key := range seen {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	found, err := v.texts(ctx, t.Name, m.Tenant.Key, t.Columns[i].Name, keys)
	for _, h := range found {
		f.tenants[RowRef{Key: h.key[0]}] = h.value
	}
	return err
}

// mask shows the part of an identifier that tells it from others of a person.
func mask(n datamap.Normaliser, text, region string) string {
	normal := n.Normal(text, region)
	switch {
	case normal == "":
		return ""
	case n.Kind == datamap.Email:
		return maskEmail(normal)
	case n.Kind == datamap.E164:
		return maskNumber(normal)
	}
	return "… " + lastOf(normal, 2)
}

// maskName keeps the first letter of a name, and the last of several names.
func maskName(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	out := string(first) + "…"
	if last := words[len(words)-1]; len(words) > 1 && !strings.ContainsFunc(last, unicode.IsDigit) {
		out += " " + last
	}
	return out
}

// maskNumber keeps the country code and the last two digits.
func maskNumber(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return "… " + lastOf(e164, 2)
	}
	return "+" + strconv.Itoa(int(n.GetCountryCode())) + " … " + lastOf(e164, 2)
}

func maskEmail(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "…@" + domain
}

// lastOf gives the last n characters, of a text that has more than twice as many.
func lastOf(s string, n int) string {
	r := []rune(s)
	if len(r) <= 2*n {
		return ""
	}
	return string(r[len(r)-n:])
}
