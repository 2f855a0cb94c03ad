package connector

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Residue is what a search after a deletion still finds and the plan does not
// excuse. Mentions are other people's words, for staff to look at.
type Residue struct {
	Rows     []datamap.Found `json:"rows"`
	Values   []Hit           `json:"values"`
	Mentions []Hit           `json:"mentions"`
	Excused  []datamap.Found `json:"excused"` // kept or anonymised, as planned
}

// Hit counts the rows in which a column still holds an identifier.
type Hit struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// Empty says that the deletion is proved.
func (r Residue) Empty() bool { return len(r.Rows) == 0 && len(r.Values) == 0 }

// Recheck searches again, by what proves the subject now and by everything that
// was frozen, and then for every identifier in all mapped text. Of a finished
// operation nothing is known any more but who asks.
func (s *Store) Recheck(ctx context.Context, op uuid.UUID, who Subject) (Residue, error) {
	var out Residue
	p, err := s.frozen(ctx, op)
	if err != nil {
		return out, err
	}
	if p.finished && p.ask.Kind != "deletion" {
		return out, nil // it was proved before what was asked was wiped
	}
	// Text is searched word by word: that takes as long as the store is large.
	err = s.readingFor(ctx, 15*s.opt.Timeout, func(tx pgx.Tx, c *catalog) error {
		if err := broken(s.check(c)); err != nil {
			return err
		}
		v, err := s.resolve(ctx, tx, c, who, p.r.Values)
		if err != nil {
			return err
		}
		p.c, p.r = c, p.r.with(v.r)
		if err := s.leftRows(ctx, tx, p, &out); err != nil || p.ask.Kind != "deletion" {
			return err
		}
		return s.leftValues(ctx, tx, c, p.r, &out)
	})
	return out, err
}

// proof is what a search after an operation goes by.
type proof struct {
	s      *Store
	op     uuid.UUID
	c      *catalog
	r      *roots // who it was about, and what is found of them now
	ask    Ask
	cutoff string
	seq    map[string]int // a step's name → its place in the ledger

	finished bool
}

func (s *Store) frozen(ctx context.Context, op uuid.UUID) (*proof, error) {
	p := &proof{s: s, op: op, r: &roots{}, seq: map[string]int{}}
	var sealed []byte
	var plan datamap.Plan
	err := s.db.QueryRow(ctx, "SELECT sealed, plan, state = 'finished' FROM dsar.operation WHERE id = $1", op).Scan(&sealed, &plan, &p.finished)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ErrNotFrozen
	case err != nil:
		return nil, fmt.Errorf("read the operation: %w", err)
	}
	p.ask, p.cutoff = Ask{Kind: plan.Kind}, plan.Cutoff
	if !p.finished { // it was proved before the identities were wiped
		if p.r, p.ask, err = s.unseal(op, sealed); err != nil {
			return nil, err
		}
	}
	var w work
	var role, kept, action string
	err = each(ctx, s.db, "SELECT seq, table_name, role, part, action FROM dsar.step WHERE operation = $1", []any{op}, []any{&w.Seq, &w.Table, &role, &kept, &action}, func() {
		w.role, w.part, w.Action = datamap.Role(role), part(kept), datamap.Action(action)
		p.seq[w.name()] = w.Seq
	})
	if err != nil {
		return nil, fmt.Errorf("read the operation's steps: %w", err)
	}
	return p, nil
}

// with adds what a second search found to the first.
func (r *roots) with(now *roots) *roots {
	out := &roots{Who: now.Who, Keys: merge(r.Keys, now.Keys), Values: merge(r.Values, now.Values), Spelled: map[string]spelling{}}
	out.Organizations = merge(map[string][]string{"": r.Organizations}, map[string][]string{"": now.Organizations})[""]
	for _, m := range []map[string]spelling{r.Spelled, now.Spelled} {
		for at, s := range m {
			old := out.Spelled[at]
			out.Spelled[at] = spelling{
				Everywhere: merge(map[string][]string{"": old.Everywhere}, map[string][]string{"": s.Everywhere})[""],
				Tenant:     merge(old.Tenant, s.Tenant),
			}
		}
	}
	return out
}

// leftRows counts the rows that are not as the plan wants them.
func (s *Store) leftRows(ctx context.Context, tx pgx.Tx, p *proof, out *Residue) error {
	works, err := s.works(ctx, tx, p.c, p.r, p.ask, p.cutoff)
	if err != nil {
		return err
	}
	for _, w := range works {
		w.Seq = p.seq[w.name()]
		bare, err := s.bare(ctx, tx, p, &w)
		if err != nil {
			return err
		}
		found := datamap.Found{Table: w.Table, Category: w.Category, Controller: w.Controller, Role: w.Role, Rows: w.Rows}
		if bare > 0 {
			found.Rows = bare
			out.Rows = append(out.Rows, found)
		} else if w.Rows > 0 {
			out.Excused = append(out.Excused, found)
		}
	}
	return nil
}

// bare counts the rows of a step that nothing excuses, and all its rows.
func (s *Store) bare(ctx context.Context, tx pgx.Tx, p *proof, w *work) (int64, error) {
	if w.left != nil {
		return w.left(ctx, tx, p, w)
	}
	if err := s.measure(ctx, tx, p.c, p.r, w, p.cutoff); err != nil || w.Rows == 0 {
		return 0, err
	}
	switch {
	case w.Action.Overwrites():
		return s.untouched(ctx, tx, p.c, p.r, w, p.cutoff)
	case w.Action == datamap.Keep:
		return 0, nil
	}
	return w.Rows, nil
}

// untouched counts rows that should be anonymised and are not: a column that
// was to be emptied or overwritten still holds something else.
func (s *Store) untouched(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, w *work, cutoff string) (n int64, err error) {
	q := s.query(c, r)
	var any []string
	for _, a := range w.rule.Set {
		if col, _ := w.table.Column(a.Column); col.Group == datamap.Secret {
			continue // not readable, not even here
		}
		switch at := ident("t", a.Column); a.Fill {
		case datamap.Null:
			any = append(any, at+" IS NOT NULL")
		case datamap.Constant:
			any = append(any, fmt.Sprintf("%s::text IS DISTINCT FROM %s::text::%s::text", at, q.arg("", a.Value), q.column(w.Table, a.Column).sqlType))
		}
	}
	if len(any) == 0 {
		return 0, nil
	}
	sql := q.sum(w.table, w.role, q.narrow(w, cutoff)+" AND "+either(any), "count(*)")
	if err := tx.QueryRow(ctx, sql, q.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("look at what was anonymised in %s: %w", w.Table, err)
	}
	return n, nil
}

// leftValues searches the identifiers in every mapped text column, outside the
// rows that the plan leaves to the subject. Columns that hold identifiers were
// searched by their normaliser already, which knows strangers' numbers better.
func (s *Store) leftValues(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, out *Residue) error {
	pattern := s.pattern(r)
	if pattern == "" {
		return nil
	}
	for _, t := range s.m.Tables {
		q := s.query(c, r)
		at := q.arg("pattern", pattern)
		var columns []datamap.Column
		var texts, counts []string
		for _, col := range t.Columns {
			if (col.Group != datamap.Data && col.Group != datamap.Mention) || s.m.Identifies(t, col.Name) || !c.tables[t.Name].columns[col.Name].searchable() {
				continue
			}
			text := q.text("t", t.Name, col.Name)
			columns, texts = append(columns, col), append(texts, text)
			counts = append(counts, fmt.Sprintf("count(*) FILTER (WHERE %s ~* %s::text)", text, at))
		}
		if len(columns) == 0 {
			continue
		}
		sql := fmt.Sprintf("SELECT ARRAY[%s] FROM %s t WHERE %s", strings.Join(counts, ", "), q.table(t.Name), roughly(texts, q.arg("rough", s.rough(r))))
		for _, role := range datamap.Roles {
			if t.Rules[role].Do == datamap.Delete {
				continue
			}
			for _, excused := range q.ways(t, "t", role) {
				sql += " AND (" + excused + ") IS NOT TRUE"
			}
		}
		var found []int64
		if err := tx.QueryRow(ctx, sql, q.args...).Scan(&found); err != nil {
			return fmt.Errorf("search the text of %s: %w", t.Name, err)
		}
		for i, n := range found {
			switch hit := (Hit{t.Name, columns[i].Name, n}); {
			case n == 0:
			case columns[i].Mentions:
				out.Mentions = append(out.Mentions, hit)
			default:
				out.Values = append(out.Values, hit)
			}
		}
	}
	return nil
}

// pattern matches any writing of the identifiers, and no longer one around it.
func (s *Store) pattern(r *roots) string {
	if r.Who.Organization {
		return "" // its people's addresses are their own
	}
	var any []string
	for _, kind := range sortedKeys(r.Values) {
		for _, v := range r.Values[kind] {
			switch s.m.Normalisers[kind].Kind {
			case datamap.E164:
				any = append(any, numberPattern(v))
			case datamap.Email:
				any = append(any, `(^|[^a-z0-9._%+-])`+regexp.QuoteMeta(v)+`(\.?([^a-z0-9.-]|$))`)
			default:
				any = append(any, `(^|[^a-z0-9])`+regexp.QuoteMeta(v)+`([^a-z0-9]|$)`)
			}
		}
	}
	return strings.Join(any, "|")
}

// between are the signs that people write between digits, two at most.
const between = " ()./-"

// roughly narrows a search to the rows that hold an identifier when case and
// the signs between digits are taken out. The pattern decides about what it
// lets through; on every row of a store that would take ten times as long.
func roughly(texts []string, forms string) string {
	all := "concat_ws(E'\\n', " + strings.Join(texts, ", ") + ")"
	for _, sign := range between {
		all = fmt.Sprintf("replace(%s, '%c', '')", all, sign)
	}
	return fmt.Sprintf(`lower(%s COLLATE "default") LIKE ANY (%s::text[])`, all, forms)
}

// rough gives the LIKE patterns for roughly. Letters beyond ASCII may have more
// than two cases, so that anything may stand for them.
func (s *Store) rough(r *roots) []string {
	clean := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	strip := func(c rune) rune {
		switch {
		case strings.ContainsRune(between, c):
			return -1
		case c > unicode.MaxASCII:
			return '%'
		}
		return c
	}
	out := []string{}
	for _, kind := range sortedKeys(r.Values) {
		for _, v := range r.Values[kind] {
			forms := []string{v}
			if s.m.Normalisers[kind].Kind == datamap.E164 {
				forms = longForms(v)
			}
			for _, f := range forms {
				out = append(out, "%"+strings.Map(strip, clean.Replace(strings.ToLower(f)))+"%")
			}
		}
	}
	return out
}

// longForms are the writings of a number, digits only, that are long enough to
// be its alone.
func longForms(e164 string) []string {
	forms := datamap.Normaliser{Kind: datamap.E164}.Spellings(e164)
	return slices.DeleteFunc(forms, func(f string) bool { return len(f) < 7 })
}

// numberPattern matches a number with or without its country code, and with
// the blanks, dashes and brackets that people write.
func numberPattern(e164 string) string {
	var any []string
	for _, f := range longForms(e164) {
		any = append(any, strings.Join(strings.Split(f, ""), "["+between+"]{0,2}"))
	}
	return `(^|[^0-9])(` + strings.Join(any, "|") + `)([^0-9]|$)`
}

// Finish ends an executed operation for good: the frozen rows and the
// identities are wiped; counts stay, and keyed hashes of who was erased, by
// which a restored backup can be erased again. It may be repeated.
func (s *Store) Finish(ctx context.Context, op uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var state string
		var sealed []byte
		err := tx.QueryRow(ctx, "SELECT state, sealed FROM dsar.operation WHERE id = $1 FOR UPDATE", op).Scan(&state, &sealed)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNotFrozen
		case err != nil:
			return fmt.Errorf("lock the operation: %w", err)
		case state == "finished":
			return nil
		case state != "executed":
			return fmt.Errorf("the operation is %s: it can only be finished once it was carried out", state)
		}
		r, ask, err := s.unseal(op, sealed)
		if err != nil {
			return err
		}
		if ask.Kind == "deletion" {
			if err := s.remember(ctx, tx, op, r); err != nil {
				return err
			}
		}
		for _, sql := range []string{
			"DELETE FROM dsar.target WHERE operation = $1",
			"UPDATE dsar.object SET object_key = encode(sha256(convert_to(operation::text || object_key, 'UTF8')), 'hex') WHERE operation = $1",
			"UPDATE dsar.operation SET state = 'finished', finished_at = now(), sealed = NULL, lease_until = NULL WHERE id = $1",
		} {
			if _, err := tx.Exec(ctx, sql, op); err != nil {
				return fmt.Errorf("finish the operation: %w", err)
			}
		}
		return nil
	})
}

func (s *Store) remember(ctx context.Context, tx pgx.Tx, op uuid.UUID, r *roots) error {
	var kinds []string
	var hashes [][]byte
	for _, m := range []map[string][]string{r.Keys, r.Values} {
		for _, kind := range sortedKeys(m) {
			for _, v := range m[kind] {
				kinds, hashes = append(kinds, kind), append(hashes, s.hash(kind, v))
			}
		}
	}
	if o := s.m.Organization; o != nil {
		for _, v := range r.Organizations {
			kinds, hashes = append(kinds, o.Table), append(hashes, s.hash(o.Table, v))
		}
	}
	_, err := tx.Exec(ctx, "INSERT INTO dsar.erased (kind, hash, operation) SELECT k, h, $3 FROM unnest($1::text[], $2::bytea[]) e(k, h) ON CONFLICT DO NOTHING", kinds, hashes, op)
	if err != nil {
		return fmt.Errorf("remember who was erased: %w", err)
	}
	return nil
}
