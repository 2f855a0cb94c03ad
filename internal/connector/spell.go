package connector

import (
	"context"
	"fmt"
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// maxLinked is how many keys are compared with documents that have to be decoded.
const maxLinked = 100_000

// spell finds out what the paths cannot compare by themselves: how the subject's
// identifiers are written in the columns that are searched by value, and which
// rows hold one, or a key, in a value that has to be decoded first.
func (v *resolver) spell(ctx context.Context) error {
	done := map[string]bool{}
	for _, t := range v.s.m.Tables {
		if err := v.spellTable(ctx, t, done); err != nil {
			return err
		}
	}
	return nil
}

// spellTable first sees to the tables that the paths come from.
func (v *resolver) spellTable(ctx context.Context, t *datamap.Table, done map[string]bool) error {
	if done[t.Name] {
		return nil
	}
	done[t.Name] = true
	for _, p := range t.Paths {
		if from, ok := v.s.m.Table(p.From.Table); ok {
			if err := v.spellTable(ctx, from, done); err != nil {
				return err
			}
		}
		for _, name := range p.In {
			if err := v.spellColumn(ctx, t, p, name); err != nil {
				return err
			}
		}
		if err := v.linkDecoded(ctx, t, p); err != nil {
			return err
		}
	}
	return nil
}

func (v *resolver) spellColumn(ctx context.Context, t *datamap.Table, p datamap.Path, name string) error {
	what, values, n := pathName(t, p, name), v.r.Values[p.Find], v.s.m.Normalisers[p.Find]
	if len(values) == 0 {
		return nil
	}
	q := v.s.query(v.c, v.r)
	at := place{t.Name, name, p.JSON}
	decoded := q.nature(at) == asDocument
	if p.Stored != datamap.AsTyped && !decoded {
		v.r.Spelled[what] = spelling{Everywhere: storedAs(n, p.Stored, values)}
		return nil
	}
	value, lateral := q.values("t", at)
	where := q.holds("t", at, n, p.Stored, values)
	r := reading{from: q.table(t.Name) + " t" + lateral, key: "ARRAY[]::text[]", tenant: q.tenant("t", t), value: value,
		where: where + q.when("t", t.Name, p.When) + q.within("t", t, where, true)}
	if decoded {
		r.key = q.rowKey("t", t)
	}
	all, err := v.read(ctx, q, r)
	if err != nil {
		return fmt.Errorf("search %s by %s: %w", t.Name, p.Find, err)
	}
	confirmed := func(h hit) bool { return v.confirms(q, at, p.Find, p.Stored, values, h) }
	if decoded {
		v.r.Rows[what] = transposed(slices.DeleteFunc(all, func(h hit) bool { return !confirmed(h) }))
		return nil
	}
	v.r.Spelled[what] = spelled(all, confirmed)
	return nil
}

// spelled sorts writings by whether they are the subject's everywhere, or in
// some tenants only.
func spelled(all []hit, confirmed func(hit) bool) spelling {
	foreign := map[string]bool{}
	for _, one := range all {
		if !confirmed(one) {
			foreign[one.value] = true
		}
	}
	s := spelling{Tenant: map[string][]string{}}
	for _, one := range all {
		switch {
		case !confirmed(one):
		case foreign[one.value]:
			s.Tenant[one.tenant] = append(s.Tenant[one.tenant], one.value)
		case !slices.Contains(s.Everywhere, one.value):
			s.Everywhere = append(s.Everywhere, one.value)
		}
	}
	return s
}

// rowKey is the key of a row as hits have it.
func (q *query) rowKey(alias string, t *datamap.Table) string {
	return "ARRAY[" + columnTexts(alias, q.c.key(t)) + "]::text[]"
}

// transposed turns hits into a list for each column of the key, each row once.
func transposed(hits []hit) [][]string {
	var out [][]string
	seen := map[string]bool{}
	for _, h := range hits {
		if name := fmt.Sprintf("%q", h.key); seen[name] {
			continue
		} else {
			seen[name] = true
		}
		if out == nil {
			out = make([][]string, len(h.key))
		}
		for i, k := range h.key {
			out[i] = append(out[i], k)
		}
	}
	return out
}

// linkDecoded finds the rows in whose decoded value a key stands that a path
// follows.
func (v *resolver) linkDecoded(ctx context.Context, t *datamap.Table, p datamap.Path) error {
	q := v.s.query(v.c, v.r)
	at := place{t.Name, p.To, p.JSON}
	if p.Root || p.Find != "" || q.nature(at) != asDocument {
		return nil
	}
	keys, err := v.linked(ctx, p)
	if err != nil || len(keys) == 0 {
		return err
	}
	value, lateral := q.values("t", at)
	where := q.mentionsKey("t", at, keys)
	r := reading{from: q.table(t.Name) + " t" + lateral, key: q.rowKey("t", t), tenant: "NULL::text", value: value, where: where + q.when("t", t.Name, p.When)}
	wanted := map[string]bool{}
	for _, k := range keys {
		wanted[k] = true
	}
	var hits []hit
	err = v.stream(ctx, q, r, func(h hit) {
		if slices.ContainsFunc(q.texts(at, h.value), func(text string) bool { return wanted[text] }) {
			hits = append(hits, hit{key: h.key})
		}
	})
	if err != nil {
		return fmt.Errorf("look for keys in %s: %w", t.Name, err)
	}
	v.r.Rows[pathName(t, p, p.To)] = transposed(hits)
	return nil
}

// linked reads the keys that a path by key compares with.
func (v *resolver) linked(ctx context.Context, p datamap.Path) ([]string, error) {
	q := v.s.query(v.c, v.r)
	if keys, ok := q.directly(p); ok && len(p.Via) == 0 {
		return keys, nil
	}
	from := q.origin(p.Via, p)
	if from == nil {
		return nil, nil
	}
	var keys []string
	var key string
	sql := fmt.Sprintf("SELECT DISTINCT coalesce(k, '') FROM (%s) u (k) LIMIT %d", from.selected(q.text(from.x, from.at.table, from.at.column), "", ""), maxLinked+1)
	if err := each(ctx, v.tx, sql, q.args, []any{&key}, func() { keys = append(keys, key) }); err != nil {
		return nil, fmt.Errorf("read the keys of %s: %w", p.From.Table, err)
	}
	if len(keys) > maxLinked {
		return nil, fmt.Errorf("more than %d keys of %s would have to be looked for in documents", maxLinked, p.From.Table)
	}
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" }), nil
}

// joined adds the rows that two searches wrote down.
func joined(a, b map[string][][]string) map[string][][]string {
	out := map[string][][]string{}
	for _, m := range []map[string][][]string{a, b} {
		for what, columns := range m {
			if out[what] == nil {
				out[what] = make([][]string, len(columns))
			}
			for i, values := range columns {
				out[what][i] = append(out[what][i], values...)
			}
		}
	}
	return out
}
