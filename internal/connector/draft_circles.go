package connector

import (
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// cut takes one reference out of each circle of foreign keys: the one that can
// be emptied and that is the least of a part to its whole. Before, those go that
// point at a part by their name: a row is nobody's because of the last post that
// somebody read.
func (d *draft) cut() {
	for _, e := range slices.Clone(d.edges) {
		t := d.tables[e.table]
		people := isA(e.target, personWords) || isA(e.target, staffWords) || isA(e.target, tenantWords)
		if e.foreignKey && e.when == nil && len(e.columns) == 1 && says(e.columns[0], pointerWords) && !people && t.nullable(e.columns) && !slices.Contains(t.r.key, e.columns[0]) {
			d.detach(e)
		}
	}
	stuck := map[string]bool{}
	for round := d.circle(stuck); round != nil; round = d.circle(stuck) {
		best, at := 0, -1
		for i, e := range round {
			if t := d.tables[e.table]; len(e.columns) == 1 && t.nullable(e.columns) && !slices.Contains(t.r.key, e.columns[0]) {
				if score := d.pointing(e); at < 0 || score > best {
					best, at = score, i
				}
			}
		}
		if at < 0 {
			stuck[round[0].name()] = true
			d.tables[round[0].table].notes = append(d.tables[round[0].table].notes, "it refers to "+plainly(round[0].target)+", which leads back here, and no column of the circle may be empty; keep or anonymise the rows of one of these tables")
			continue
		}
		d.detach(round[at])
	}
}

func (e edge) name() string { return e.table + "\x00" + strings.Join(e.columns, "\x00") }

// pointing says how much a reference is that of a whole to one of its parts.
func (d *draft) pointing(e edge) int {
	score := d.referrers(e.table) - d.referrers(e.target)
	if says(e.columns[0], pointerWords) {
		score += 100
	}
	return score
}

func (d *draft) referrers(table string) (n int) {
	for _, e := range d.edges {
		if e.target == table && e.foreignKey {
			n++
		}
	}
	return n
}

func (d *draft) detach(e edge) {
	t, same := d.tables[e.table], func(o edge) bool { return o.name() == e.name() && o.target == e.target }
	t.Detach = append(t.Detach, e.columns[0])
	t.check("detach", "is %s only a pointer, which is emptied when what it points at goes?", plainly(e.columns[0]))
	d.edges = slices.DeleteFunc(d.edges, same)
	t.fks = slices.DeleteFunc(t.fks, same)
	if i := slices.Index(d.waits[e.target], e.table); i >= 0 {
		d.waits[e.target] = slices.Delete(d.waits[e.target], i, i+1)
	}
	d.tables[e.target].referring = d.referrers(e.target) > 0
}

// circle gives the foreign keys of one circle, nil if there is none.
func (d *draft) circle(stuck map[string]bool) []edge {
	done := map[string]bool{}
	var walk func(table string, trail []edge) []edge
	walk = func(table string, trail []edge) []edge {
		if at := slices.IndexFunc(trail, func(e edge) bool { return e.table == table }); at >= 0 {
			return trail[at:]
		}
		if done[table] {
			return nil
		}
		for _, e := range d.edges {
			if e.table == table && e.foreignKey && !stuck[e.name()] {
				if round := walk(e.target, append(slices.Clip(trail), e)); round != nil {
					return round
				}
			}
		}
		done[table] = true
		return nil
	}
	for _, name := range d.names {
		if round := walk(name, nil); round != nil {
			return round
		}
	}
	return nil
}

// original is the table that a table is an archive or an old part of: its name
// without saying so, and no column of another type.
func (d *draft) original(t *drafted) *drafted {
	words := tokens(t.Name)
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return slices.Contains(archiveWords, w) || strings.Trim(w, "0123456789") == ""
	})
	plain := strings.TrimPrefix(strings.Join(singular(rest), ""), "archived")
	if plain == strings.Join(singular(words), "") {
		return nil
	}
	for _, name := range d.names {
		o := d.tables[name]
		same := o != t && strings.Join(singular(tokens(name)), "") == plain
		for _, column := range o.r.order {
			mine := t.r.columns[column]
			same = same && mine != nil && mine.sqlType == o.r.columns[column].sqlType
		}
		if same {
			return o
		}
	}
	return nil
}

// likeness gives an archive the references of what it was made of; to archives,
// where there are such.
func (d *draft) likeness(t *drafted) {
	o := d.original(t)
	if o == nil {
		return
	}
	for _, column := range o.r.order { // what was empty here looks like what it looks like there
		if t.shapes[column].n == 0 {
			t.shapes[column], t.leaves[column] = o.shapes[column], o.leaves[column]
		}
	}
	for _, e := range slices.Clone(d.edges) {
		if e.table != o.Name || !e.foreignKey || t.refers(e.columns[0]) {
			continue
		}
		target := e.target
		for _, name := range d.names {
			if other := d.tables[name]; name != t.Name && d.original(other) == d.tables[e.target] {
				target = name
			}
		}
		d.join(edge{table: t.Name, target: target, columns: e.columns, to: e.to})
	}
}

// twin is the table of which another's entry says everything but for some keys,
// nil if there is none.
func (d *draft) twin(t *drafted) *drafted {
	o := d.original(t)
	if o == nil || d.original(o) != nil || len(o.Columns) != len(t.Columns) {
		return nil
	}
	for _, c := range t.Columns { // what is another kind of column there cannot be said twice
		if mine, _ := o.Column(c.Name); mine.Group != c.Group || c.Group == datamap.Data && columnText(mine) != columnText(c) {
			return nil
		}
	}
	mine := d.blocks(t)
	for _, b := range d.blocks(o) { // nor can a key be taken back
		if !slices.ContainsFunc(mine, func(m block) bool { return m.key == b.key }) {
			return nil
		}
	}
	return o
}
