package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// ErrNobody says that a draft found no table whose rows could be people.
var ErrNobody = errors.New("no table in this schema has an e-mail address or a telephone number by which a person could be found")

// draftTimeout bounds each statement of a draft: it looks into stores at work.
const draftTimeout = 5 * time.Second

// Draft proposes a data map, as YAML, for a store that nobody has mapped yet. It
// reads the catalogue and a few rows of each table, and changes nothing. Of what
// stands in the rows nothing gets into the map: of discriminators only tables'
// names, owner and admin, and kinds of identifiers; of JSON only keys that are a
// program's. What was guessed is marked "# check:".
//
// A Fides dataset, if there is one, says first what the draft would guess; lost
// is what it says and a draft cannot take over.
func Draft(ctx context.Context, db *pgxpool.Pool, schema string, dataset []byte) (src []byte, lost []string, err error) {
	said := &hints{}
	if len(dataset) > 0 {
		if said, err = readFides(dataset); err != nil {
			return nil, nil, err
		}
	}
	s := &Store{db: db, m: &datamap.Map{Store: datamap.StoreInfo{Schema: schema, Zone: "UTC"}}, opt: Options{Timeout: draftTimeout}}
	d := &draft{schema: schema, said: said, tables: map[string]*drafted{}, waits: map[string][]string{}, purposes: map[string]datamap.Text{}}
	err = s.reading(ctx, func(tx pgx.Tx, c *catalog) error {
		d.c = c
		return d.sample(ctx, tx)
	})
	if err != nil {
		return nil, nil, err
	}
	said.fit(d)
	d.relate()
	d.cut()
	d.chooseTenant()
	if d.chooseRoots(); len(d.roots) == 0 {
		return nil, said.lost, fmt.Errorf("schema %s: %w", schema, ErrNobody)
	}
	d.classify()
	d.reach()
	d.placeTenants()
	d.chooseOrganization()
	for _, name := range d.names {
		d.group(d.tables[name])
	}
	for _, name := range d.names {
		d.decide(d.tables[name])
	}
	for _, name := range d.names {
		d.rights(d.tables[name])
	}
	d.chooseViews()
	return d.yaml(), said.lost, nil
}

// draft is a map in the making.
type draft struct {
	schema string
	said   *hints
	c      *catalog
	names  []string // tables to be mapped, sorted
	tables map[string]*drafted
	edges  []edge
	waits  map[string][]string // table → tables that a deletion must leave until it is done with it
	roots  []*drafted
	tenant *drafted
	region string // the tenant's column

	representatives *datamap.Representative
	views           []datamap.View
	purposes        map[string]datamap.Text
}

// drafted is what is believed of one table.
type drafted struct {
	datamap.Table
	r         *relation
	said      map[string]string // column → identifier kind, from a dataset
	shapes    map[string]*shape
	leaves    map[string]*leaves // of columns with JSON
	unread    bool               // its rows could not be sampled
	root      bool
	staff     bool // a root whose rows are the organizations' own people
	match     []datamap.Match
	further   []datamap.Match // in rows of other tables that refer to the root
	fks       []edge          // out of this table
	notes     []string
	checks    map[string]string // column, role or key word → what to look at
	via       map[int]edge      // place in Paths → the reference it follows
	decided   bool
	referring bool // foreign keys of other tables point at it
}

// edge is a reference from one table to another: a foreign key, or a column
// whose name and type say as much.
type edge struct {
	table, target string
	columns, to   []string
	foreignKey    bool
	when          *datamap.Condition
}

func (t *drafted) check(at, format string, args ...any) {
	said := fmt.Sprintf(format, args...)
	if before := t.checks[at]; before != "" {
		said = before + "; " + said
	}
	t.checks[at] = said
}

func (t *drafted) nullable(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return t.r.columns[n].notNull })
}

// carries says whether a path may go on through rows of the table.
func (t *drafted) carries() bool {
	return t.root || slices.ContainsFunc(t.Paths, func(p datamap.Path) bool {
		return p.As == datamap.Thread || p.As == datamap.Owner || p.As == datamap.Inherit
	})
}

// rootKey is the single column of the primary key, "" if there are several.
func (t *drafted) rootKey() string {
	if len(t.r.key) != 1 {
		return ""
	}
	return t.r.key[0]
}

// relate collects the references: foreign keys first, then those that only the
// columns' names tell.
func (d *draft) relate() {
	for _, target := range d.names {
		for _, fk := range d.c.tables[target].refs {
			if t := d.tables[fk.table]; t != nil {
				d.join(edge{table: fk.table, target: target, columns: fk.columns, to: fk.to, foreignKey: true})
			}
		}
	}
	for _, e := range d.said.edges {
		if !d.tables[e.table].refers(e.columns[0]) {
			d.join(e)
		}
	}
	for _, name := range d.names {
		d.likeness(d.tables[name])
	}
	for _, name := range d.names {
		t := d.tables[name]
		t.said = d.said.identity[name]
		for _, column := range t.r.order {
			if !t.refers(column) {
				d.guessReference(t, column)
			}
		}
	}
}

func (d *draft) join(e edge) {
	t := d.tables[e.table]
	if e.table == e.target {
		d.selfReference(t, e)
		return
	}
	d.edges = append(d.edges, e)
	t.fks = append(t.fks, e)
	if e.foreignKey {
		d.tables[e.target].referring = true
		d.waits[e.target] = append(d.waits[e.target], e.table)
	}
}

func (d *draft) selfReference(t *drafted, e edge) {
	if len(e.columns) == 1 && t.nullable(e.columns) {
		t.Self = append(t.Self, e.columns[0])
		return
	}
	t.notes = append(t.notes, "the table refers to itself by a key that cannot be emptied; rows may block each other's deletion")
}

func (t *drafted) refers(column string) bool {
	return slices.Contains(t.Self, column) || slices.Contains(t.Detach, column) || slices.ContainsFunc(t.fks, func(e edge) bool { return slices.Contains(e.columns, column) })
}

// guessReference finds the table that a column without a foreign key names.
func (d *draft) guessReference(t *drafted, column string) {
	words := tokens(column)
	if says(column, pointerWords) { // the last post that somebody read makes nobody's row
		return
	}
	named := len(words) > 1 && slices.Contains([]string{"id", "uuid", "key"}, words[len(words)-1])
	if named {
		words = words[:len(words)-1]
	}
	var best edge
	longest := 0
	for _, name := range d.names {
		target := d.tables[name]
		key, last := target.rootKey(), singular(tokens(name))
		if key == "" || name == t.Name || column == t.rootKey() || len(last) <= longest || !endsWith(words, last) {
			continue
		}
		if joinable(t.r.columns[column], target.r.columns[key]) && (named || t.r.columns[column].category != "S" || len(words) == len(last) && t.shapes[column].within(target.shapes[key])) {
			longest, best = len(last), edge{table: t.Name, target: name, columns: []string{column}, to: []string{key}}
		}
	}
	if longest > 0 {
		d.join(best)
		return
	}
	if named {
		d.polymorphic(t, column, words)
	}
}

// polymorphic finds references whose target a second column names.
func (d *draft) polymorphic(t *drafted, column string, words []string) {
	for _, kind := range t.r.order {
		rest := tokens(kind)
		if n := len(rest); n > 1 && (rest[n-1] == "type" || rest[n-1] == "kind") {
			rest = rest[:n-1]
		}
		if kind == column || !slices.Equal(rest, words) {
			continue
		}
		for _, name := range d.names {
			target := d.tables[name]
			key := target.rootKey()
			if key == "" || name == t.Name || !joinable(t.r.columns[column], target.r.columns[key]) {
				continue
			}
			if values := t.shapes[kind].among(writings(name)); len(values) > 0 {
				d.join(edge{table: t.Name, target: name, columns: []string{column}, to: []string{key}, when: &datamap.Condition{Column: kind, In: values}})
			}
		}
	}
}

// joinable is what Check asks of two columns that a path compares.
func joinable(a, b *column) bool {
	return a.category == b.category && (a.category == "N" || a.category == "S" || a.sqlType == b.sqlType)
}
