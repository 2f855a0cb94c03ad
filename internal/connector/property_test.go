package connector_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// A world is a random store: people, tables that hang on them in random ways,
// and rows. It knows by itself, without SQL, whose each row is: the engine must
// come to the same.
type world struct {
	schema string
	people []human
	tables []*field
}

// human is a row of the table of people; several rows may be one person.
type human struct {
	key, tenant, who int
	email, phone     string
}

// field is a table that hangs on people or on another one.
type field struct {
	name    string
	ways    []way
	rules   map[datamap.Role]string // role → delete, keep, anonymise
	rows    []row
	fk      bool // the first way is a foreign key
	textKey bool
}

// way is one path to rows of a table.
type way struct {
	role datamap.Role
	from int    // -1: people, else a table before
	kind string // plain, typed, form, json, value
}

// row is what stands in a table; ref i belongs to way i.
type row struct {
	key  int
	refs []int // 0: none
	typ  string
	text string // for ways by value
}

const (
	persons  = 4 // who can ask
	noTarget = 0
)

var drawnRoles = []datamap.Role{datamap.OtherPerson, datamap.Thread, datamap.Owner, datamap.Inherit, datamap.Author, datamap.Addressee, datamap.About, datamap.Named}

func mail(who int) string  { return fmt.Sprintf("p%d@example.com", who) }
func phone(who int) string { return fmt.Sprintf("+4915112345%03d", who) }

// written draws one of the writings of an identifier.
func written(t *rapid.T, who int, byPhone bool) string {
	if byPhone {
		n := strings.TrimPrefix(phone(who), "+49")
		return rapid.SampledFrom([]string{phone(who), "49" + n, "0" + n, "0" + n[:3] + " " + n[3:], "whatsapp:" + phone(who), "+49 " + n[:3] + "/" + n[3:]}).Draw(t, "writing")
	}
	return rapid.SampledFrom([]string{mail(who), strings.ToUpper(mail(who)), " " + mail(who)}).Draw(t, "writing")
}

// decoy is nobody's identifier and looks like somebody's.
func decoy(t *rapid.T, byPhone bool) string {
	who := rapid.IntRange(0, persons-1).Draw(t, "decoy of")
	if byPhone {
		return rapid.SampledFrom([]string{phone(who) + "0", phone(who)[:len(phone(who))-1], "", "%", phone(who + 500)}).Draw(t, "decoy")
	}
	return rapid.SampledFrom([]string{"x" + mail(who), mail(who) + ".br", "", "%", "@example.com"}).Draw(t, "decoy")
}

func drawWorld(t *rapid.T, schema string) *world {
	w := &world{schema: schema}
	for i := range rapid.IntRange(2, 7).Draw(t, "people") {
		h := human{key: i + 1, tenant: 1 + i%2, who: rapid.IntRange(0, persons-1).Draw(t, "who")}
		if rapid.Bool().Draw(t, "has mail") {
			h.email = written(t, h.who, false)
		} else {
			h.email = decoy(t, false)
		}
		if h.email == "" || rapid.Bool().Draw(t, "has phone") {
			h.phone = written(t, h.who, true)
		}
		w.people = append(w.people, h)
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "tables") {
		w.tables = append(w.tables, w.drawTable(t, i))
	}
	return w
}

func (w *world) drawTable(t *rapid.T, at int) *field {
	f := &field{name: fmt.Sprintf(rapid.SampledFrom([]string{"t%d", "T %d", `odd"name%d`, "select%d"}).Draw(t, "name"), at), rules: map[datamap.Role]string{},
		textKey: rapid.Bool().Draw(t, "text key")}
	for range rapid.IntRange(1, 3).Draw(t, "ways") {
		one := way{from: rapid.IntRange(-1, at-1).Draw(t, "from"), role: rapid.SampledFrom(drawnRoles).Draw(t, "role"),
			kind: rapid.SampledFrom([]string{"plain", "plain", "typed", "form", "json", "value"}).Draw(t, "kind")}
		if one.kind == "value" {
			one.from = -1
		}
		f.ways = append(f.ways, one)
		f.rules[one.role] = rapid.SampledFrom([]string{"delete", "delete", "anonymise", "keep"}).Draw(t, "rule")
	}
	f.fk = w.mayPoint(f) && rapid.Bool().Draw(t, "foreign key")
	for i := range rapid.IntRange(0, 8).Draw(t, "rows") {
		f.rows = append(f.rows, w.drawRow(t, f, i+1))
	}
	return f
}

// mayPoint says whether the first way may be a foreign key: rows that stay must
// not point at rows that go, and every role in which those go must be followed.
func (w *world) mayPoint(f *field) bool {
	if f.ways[0].kind != "plain" {
		return false
	}
	for _, rule := range f.rules {
		if rule != "delete" {
			return false
		}
	}
	if f.ways[0].from < 0 {
		return true
	}
	for role, rule := range w.tables[f.ways[0].from].rules {
		if rule == "delete" && !carries(role) {
			return false
		}
	}
	return true
}

func carries(r datamap.Role) bool {
	return r == datamap.Thread || r == datamap.Owner || r == datamap.Inherit
}

func (w *world) drawRow(t *rapid.T, f *field, key int) row {
	r := row{key: key, typ: rapid.SampledFrom([]string{"mine", "other"}).Draw(t, "type")}
	for _, one := range f.ways {
		targets := len(w.people)
		if one.from >= 0 {
			targets = len(w.tables[one.from].rows)
		}
		r.refs = append(r.refs, rapid.IntRange(noTarget, targets).Draw(t, "ref"))
	}
	if rapid.Bool().Draw(t, "somebody's number") {
		r.text = written(t, rapid.IntRange(0, persons-1).Draw(t, "whose"), true)
	} else {
		r.text = decoy(t, true)
	}
	return r
}

// is says which rows of people are a person, who proved an address or a number.
func (w *world) is(who int, byPhone bool) map[int]bool {
	out := map[int]bool{}
	for _, h := range w.people {
		if byPhone {
			out[h.key] = saysPhone(h.phone, who)
		} else {
			out[h.key] = strings.ToLower(strings.TrimSpace(h.email)) == mail(who)
		}
	}
	return out
}

func saysPhone(s string, who int) bool {
	s = strings.TrimPrefix(s, "whatsapp:")
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
	national := strings.TrimPrefix(phone(who), "+49")
	return digits == "49"+national || digits == "0"+national
}

// roleOf gives the role in which a row is a person's, "" if it is not.
func (w *world) roleOf(f *field, r row, me map[int]bool, who int, byPhone bool) datamap.Role {
	for _, role := range datamap.Roles {
		for i, one := range f.ways {
			if one.role == role && w.brings(f, one, i, r, me, who, byPhone) {
				return role
			}
		}
	}
	return ""
}

func (w *world) brings(f *field, one way, i int, r row, me map[int]bool, who int, byPhone bool) bool {
	if one.kind == "value" {
		return byPhone && saysPhone(r.text, who)
	}
	if one.kind == "typed" && r.typ != "mine" || r.refs[i] == noTarget {
		return false
	}
	if one.from < 0 {
		return me[r.refs[i]]
	}
	from := w.tables[one.from]
	up := from.rows[r.refs[i]-1]
	return carries(w.roleOf(from, up, me, who, byPhone))
}

// sql builds the world.
func (w *world) sql() string {
	var b strings.Builder
	q := func(names ...string) string { return pgx.Identifier(append([]string{w.schema}, names...)).Sanitize() }
	lit := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	fmt.Fprintf(&b, "CREATE SCHEMA %s;\nCREATE TABLE %s (id integer PRIMARY KEY);\nINSERT INTO %s VALUES (1), (2);\n", pgx.Identifier{w.schema}.Sanitize(), q("org"), q("org"))
	fmt.Fprintf(&b, "CREATE TABLE %s (id integer PRIMARY KEY, org integer NOT NULL, email text, phone text);\n", q("people"))
	for _, h := range w.people {
		fmt.Fprintf(&b, "INSERT INTO %s VALUES (%d, %d, %s, %s);\n", q("people"), h.key, h.tenant, lit(h.email), lit(h.phone))
	}
	for _, f := range w.tables {
		kind := "integer"
		if f.textKey {
			kind = "text"
		}
		fmt.Fprintf(&b, "CREATE TABLE %s (%s %s, no integer NOT NULL UNIQUE, typ text, note text, num text", q(f.name), pgx.Identifier{"the key"}.Sanitize(), kind)
		for i, one := range f.ways {
			ref := "integer"
			switch one.kind {
			case "form":
				ref = "text"
			case "json":
				ref = "jsonb"
			}
			fmt.Fprintf(&b, ", ref%d %s", i, ref)
			if i == 0 && f.fk {
				target, column := "people", "id"
				if one.from >= 0 {
					target, column = w.tables[one.from].name, "no"
				}
				fmt.Fprintf(&b, " REFERENCES %s (%s)", q(target), column)
			}
		}
		fmt.Fprintf(&b, ", PRIMARY KEY (%s));\n", pgx.Identifier{"the key"}.Sanitize())
		for _, r := range f.rows {
			key := fmt.Sprint(r.key)
			if f.textKey {
				key = lit(fmt.Sprintf("k'%d", r.key))
			}
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s, %d, %s, 'words', %s", q(f.name), key, r.key, lit(r.typ), lit(r.text))
			for i, one := range f.ways {
				switch {
				case r.refs[i] == noTarget:
					b.WriteString(", NULL")
				case one.kind == "json":
					fmt.Fprintf(&b, `, '{"seen": [0, %d, "x"], "n": %d}'`, r.refs[i], r.refs[i]+1)
				case one.kind == "form":
					fmt.Fprintf(&b, ", 'p:%d:x%d'", r.refs[i], r.key)
				default:
					fmt.Fprintf(&b, ", %d", r.refs[i])
				}
			}
			b.WriteString(");\n")
		}
	}
	return b.String()
}

// yaml writes the map of the world.
func (w *world) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, `version: 1
store: {name: World, schema: %q, default_region: DE}
drift: {missing_index: warn}
tenant: {table: org, key: id}
normalisers:
  email: {kind: email}
  phone: {kind: e164, strip_prefixes: ["whatsapp:"]}
categories:
  all: {title: All, about: All., purpose: P, basis: B, recipients: [R], retention: T, source: S}
retention:
  law: {words: It must stay.}
subjects:
  person:
    - {table: people, key: id, match: [{by: email, at: email}, {by: phone, at: phone}]}
tables:
  org: {title: Org, category: all, controller: operator, none: [id]}
  people:
    title: People
    category: all
    controller: operator
    tenant: org
    erase: {owner: delete}
    columns: {email: Mail, phone: Phone}
    none: [id]
    link: [org]
`, w.schema)
	for _, f := range w.tables {
		fmt.Fprintf(&b, "  %q:\n    title: T\n    category: all\n    controller: organization\n    reach:\n", f.name)
		refs := []string{}
		for i, one := range f.ways {
			refs = append(refs, fmt.Sprintf("ref%d", i))
			from := "people.id"
			if one.from >= 0 {
				from = w.tables[one.from].name + ".no"
			}
			when := ""
			switch one.kind {
			case "typed":
				when = ", when: {typ: mine}"
			case "form":
				when = `, form: "p:{}:*"`
			case "json":
				when = `, json: "seen[]"`
			}
			if one.kind == "value" {
				fmt.Fprintf(&b, "      - {as: %s, find: phone, in: [num]}\n", one.role)
			} else {
				fmt.Fprintf(&b, "      - {as: %s, from: %q, to: ref%d%s}\n", one.role, from, i, when)
			}
		}
		b.WriteString("    erase:\n")
		for _, role := range slices.Sorted(maps.Keys(f.rules)) {
			fmt.Fprintf(&b, "      %s: %s\n", role, map[string]string{"delete": "delete", "keep": "{do: keep, ground: law}",
				"anonymise": `{do: anonymise, set: {note: null, num: null}}`}[f.rules[role]])
		}
		fmt.Fprintf(&b, "    columns: {note: Note, num: {title: Number, mentions: true}}\n    none: [%q, no, typ]\n    link: [%s]\n", "the key", strings.Join(refs, ", "))
	}
	return b.String()
}

// state reads every row of the world: table and number → all its text.
func (w *world) state(ctx context.Context, pool *pgxpool.Pool) (map[string]string, error) {
	out := map[string]string{}
	for name, key := range w.names() {
		rows, err := pool.Query(ctx, fmt.Sprintf("SELECT %s::text, t::text FROM %s t", key, pgx.Identifier{w.schema, name}.Sanitize()))
		if err != nil {
			return nil, err
		}
		var no, text string
		if _, err := pgx.ForEachRow(rows, []any{&no, &text}, func() error { out[name+" "+no] = text; return nil }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (w *world) names() map[string]string {
	out := map[string]string{"people": "id", "org": "id"}
	for _, f := range w.tables {
		out[f.name] = "no"
	}
	return out
}

// fate is what a deletion must make of every row that is a person's.
func (w *world) fate(me map[int]bool, who int, byPhone bool) (fate map[string]string, counts map[string]int64) {
	fate, counts = map[string]string{}, map[string]int64{}
	for key, mine := range me {
		if mine {
			fate[fmt.Sprintf("people %d", key)] = "delete"
			counts["people owner"]++
		}
	}
	for _, f := range w.tables {
		for _, r := range f.rows {
			if role := w.roleOf(f, r, me, who, byPhone); role != "" {
				fate[fmt.Sprintf("%s %d", f.name, r.key)] = f.rules[role]
				counts[f.name+" "+string(role)]++
			}
		}
	}
	return fate, counts
}

// TestAnyWorld draws stores, searches, exports and erases in them: what is found
// is what is exported, kept or erased, and nothing else changes.
func TestAnyWorld(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	if _, err := connector.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := drawWorld(rt, fmt.Sprintf("world %d", n))
		who, byPhone := rapid.IntRange(0, persons-1).Draw(rt, "asks"), rapid.Bool().Draw(rt, "by phone")
		if err := w.hold(t.Context(), pool, who, byPhone, rapid.IntRange(1, 4).Draw(rt, "batch")); err != nil {
			rt.Fatalf("%v\n%s\n%s", err, w.sql(), w.yaml())
		}
	})
	t.Logf("%d worlds", n)
}

func (w *world) hold(ctx context.Context, pool *pgxpool.Pool, who int, byPhone bool, batch int) error {
	if _, err := pool.Exec(ctx, w.sql()); err != nil {
		return err
	}
	defer func() {
		_, _ = pool.Exec(context.WithoutCancel(ctx), "DROP SCHEMA "+pgx.Identifier{w.schema}.Sanitize()+" CASCADE") // only room is won
	}()
	m, err := datamap.Parse("world.yaml", []byte(w.yaml()))
	if err != nil {
		return err
	}
	s, err := connector.Open(ctx, pool, m, connector.Options{Secret: secret, BatchRows: batch})
	if err != nil {
		return err
	}
	subject := connector.Subject{Email: mail(who)}
	if byPhone {
		subject = connector.Subject{Phone: phone(who)}
	}
	fate, counts := w.fate(w.is(who, byPhone), who, byPhone)
	found, err := s.Find(ctx, subject)
	if err != nil {
		return err
	}
	got := map[string]int64{}
	for _, one := range found.Tables {
		if one.Rows > 0 {
			got[one.Table+" "+one.Role] = one.Rows
		}
	}
	if !maps.Equal(got, counts) {
		return fmt.Errorf("found %v, expected %v", got, counts)
	}
	if err := exported(ctx, s, found, counts); err != nil {
		return err
	}
	return w.erased(ctx, pool, s, found, subject, fate)
}

// exported reads the package's rows: all that was found, each once.
func exported(ctx context.Context, s *connector.Store, found *connector.Found, want map[string]int64) error {
	snap, err := s.Snapshot(ctx, found)
	if err != nil {
		return err
	}
	defer snap.Close()
	got := map[string]int64{}
	for table, err := range snap.Tables() {
		if err != nil {
			return err
		}
		for _, err := range table.Rows {
			if err != nil {
				return err
			}
			got[table.Name+" "+table.Role]++
		}
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("exported %v, found %v", got, want)
	}
	return nil
}

func (w *world) erased(ctx context.Context, pool *pgxpool.Pool, s *connector.Store, found *connector.Found, subject connector.Subject, fate map[string]string) error {
	before, err := w.state(ctx, pool)
	if err != nil {
		return err
	}
	ask, op := connector.Ask{Kind: "deletion"}, uuid.New()
	plan, err := s.Plan(ctx, found, ask)
	if err != nil {
		return err
	}
	if plan, err = s.Freeze(ctx, op, found, ask, plan); err != nil {
		return err
	}
	if err := s.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		return err
	}
	residue, err := s.Recheck(ctx, op, subject)
	if err != nil {
		return err
	}
	if !residue.Empty() {
		return fmt.Errorf("left: %+v", residue)
	}
	after, err := w.state(ctx, pool)
	if err != nil {
		return err
	}
	for row, text := range before {
		now, there := after[row]
		switch fate[row] {
		case "delete":
			if there {
				return fmt.Errorf("%s should be gone", row)
			}
		case "anonymise":
			if !there || strings.Contains(now, "words") {
				return fmt.Errorf("%s should be anonymous: %s", row, now)
			}
		default: // kept, or somebody else's
			if now != text {
				return fmt.Errorf("%s (%q) was %s and is %s", row, fate[row], text, now)
			}
		}
	}
	if len(after) > len(before) {
		return fmt.Errorf("rows came from nowhere")
	}
	return nil
}
