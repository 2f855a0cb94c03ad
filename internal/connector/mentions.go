package connector

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/text/unicode/norm"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// term is one kind of thing that free text may say of the subject.
type term struct {
	name    string   // identifier kind, name or key
	pattern string   // POSIX, case ignored
	rough   []string // LIKE patterns for roughly
}

// mentions searches free text for the subject, outside the subject's own rows.
// Each table gets the map's time and no more: what is not searched then is told.
func (v *resolver) mentions(ctx context.Context) ([]Mention, error) {
	out := []Mention{}
	if v.r.Who.Organization || len(v.s.m.Mentions.Terms) == 0 {
		return out, nil
	}
	terms, err := v.terms(ctx)
	if err != nil || len(terms) == 0 {
		return out, err
	}
	for _, t := range v.s.m.Tables {
		found, err := v.mentionsIn(ctx, t, terms)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (v *resolver) terms(ctx context.Context) ([]term, error) {
	var out []term
	for _, name := range v.s.m.Mentions.Terms {
		var one term
		switch name {
		case datamap.MentionName:
			names, err := v.names(ctx)
			if err != nil {
				return nil, err
			}
			one = nameTerm(names)
		case datamap.MentionKey:
			one = keyTerm(v.r.Keys)
		default:
			known := &roots{Values: map[string][]string{name: v.r.Values[name]}}
			one = term{pattern: v.s.pattern(known), rough: v.s.rough(known)}
		}
		if one.name = name; one.pattern != "" {
			out = append(out, one)
		}
	}
	return out, nil
}

// names are what the subject is called: as typed, and in the rows that matched.
func (v *resolver) names(ctx context.Context) ([]string, error) {
	out := []string{v.r.Who.Name}
	for _, ref := range v.s.m.Mentions.Names {
		q := v.s.query(v.c, v.r)
		where := q.anyOf("t", ref.Table, q.rootKey(ref.Table), "root", v.r.Keys[ref.Table])
		if where == "false" {
			continue
		}
		var name string
		sql := fmt.Sprintf("SELECT DISTINCT coalesce(%s, '') FROM %s t WHERE %s ORDER BY 1", q.text("t", ref.Table, ref.Column), q.table(ref.Table), where)
		if err := each(ctx, v.tx, sql, q.args, []any{&name}, func() { out = append(out, name) }); err != nil {
			return nil, fmt.Errorf("read the subject's names in %s: %w", ref.Table, err)
		}
	}
	return out, nil
}

// shortest is how many letters a name or key needs to be told from other words.
const shortest = 4

func nameTerm(names []string) term {
	var t term
	var any []string
	for _, name := range names {
		words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		if len([]rune(strings.Join(words, ""))) < shortest {
			continue
		}
		var patterns []string
		for _, w := range words {
			patterns = append(patterns, withoutAccents(w))
		}
		pattern := strings.Join(patterns, "["+between+"]{1,2}")
		if slices.Contains(any, pattern) {
			continue
		}
		any = append(any, pattern)
		t.rough = append(t.rough, roughForm(strings.Join(words, "")))
	}
	if len(any) > 0 {
		t.pattern = "(^|[^[:alnum:]])(" + strings.Join(any, "|") + ")([^[:alnum:]]|$)"
	}
	return t
}

// withoutAccents is a pattern of a word, whose accents people leave out.
func withoutAccents(word string) string {
	var b strings.Builder
	for _, c := range word {
		if plain, _ := utf8.DecodeRuneInString(norm.NFD.String(string(c))); plain != c {
			fmt.Fprintf(&b, "[%c%c]", c, plain)
			continue
		}
		b.WriteString(regexp.QuoteMeta(string(c)))
	}
	return b.String()
}

// roughForm is a LIKE pattern for roughly. Letters beyond ASCII may have more
// than two cases, so that anything may stand for them.
func roughForm(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
	return "%" + strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII {
			return '%'
		}
		if strings.ContainsRune(between, c) {
			return -1
		}
		return c
	}, s) + "%"
}

func keyTerm(roots map[string][]string) term {
	var t term
	var any []string
	for _, table := range sortedKeys(roots) {
		for _, key := range roots[table] {
			if len(key) >= shortest {
				any = append(any, regexp.QuoteMeta(key))
				t.rough = append(t.rough, roughForm(strings.ToLower(key)))
			}
		}
	}
	if len(any) > 0 {
		t.pattern = "(^|[^[:alnum:]])(" + strings.Join(any, "|") + ")([^[:alnum:]]|$)"
	}
	return t
}

// mentionsIn searches one table once for all terms.
func (v *resolver) mentionsIn(ctx context.Context, t *datamap.Table, terms []term) ([]Mention, error) {
	q := v.s.query(v.c, v.r)
	var columns, texts, hits, rough []string
	for _, col := range t.Columns {
		if col.Mentions && col.Group != datamap.Secret && v.c.tables[t.Name].columns[col.Name].searchable() {
			columns, texts = append(columns, col.Name), append(texts, q.text("t", t.Name, col.Name))
		}
	}
	if len(columns) == 0 {
		return nil, nil
	}
	for i := range columns {
		for _, one := range terms {
			hits = append(hits, fmt.Sprintf("coalesce(%s ~* %s::text, false)", texts[i], q.arg("term\x00"+one.name, one.pattern)))
		}
	}
	for _, one := range terms {
		rough = append(rough, one.rough...)
	}
	where := roughly(texts, q.arg("rough", rough))
	where += q.within("t", t, where, true)
	for _, role := range datamap.Roles {
		for _, own := range q.ways(t, "t", role) {
			where += " AND (" + own + ") IS NOT TRUE"
		}
	}
	sql := fmt.Sprintf("SELECT %s, ARRAY[%s] FROM %s t WHERE %s", q.rowKey("t", t), strings.Join(hits, ", "), q.table(t.Name), where)
	found := newTally(t.Name, columns, terms, v.s.m.Mentions.Limit)
	cut, err := timed(ctx, v.tx, v.s.m.Mentions.Timeout, func(tx pgx.Tx) error {
		var key []string
		var hit []bool
		return each(ctx, tx, sql, q.args, []any{&key, &hit}, func() { found.count(key, hit) })
	})
	if err != nil {
		return nil, fmt.Errorf("search the text of %s: %w", t.Name, err)
	}
	return found.mentions(cut), nil
}

// tally counts the hits of one table.
type tally struct {
	all   []Mention // column by column, term by term
	limit int
}

func newTally(table string, columns []string, terms []term, limit int) *tally {
	t := &tally{limit: limit}
	for _, c := range columns {
		for _, one := range terms {
			t.all = append(t.all, Mention{Table: table, Column: c, Term: one.name, Keys: []string{}})
		}
	}
	return t
}

func (t *tally) count(key []string, hit []bool) {
	for i, yes := range hit {
		if !yes {
			continue
		}
		m := &t.all[i]
		if m.Rows++; len(m.Keys) < t.limit {
			m.Keys = append(m.Keys, keyText(key))
		} else {
			m.Cut = true
		}
	}
}

// mentions leaves out what was searched to the end and found nothing.
func (t *tally) mentions(cut bool) []Mention {
	var out []Mention
	for _, m := range t.all {
		if m.Cut = m.Cut || cut; m.Rows > 0 || m.Cut {
			out = append(out, m)
		}
	}
	return out
}

// queryCanceled is what a statement ends with whose time is over.
const queryCanceled = "57014"

// timed runs a statement under its own time limit, and says whether that cut
// it short. The transaction goes on.
func timed(ctx context.Context, tx pgx.Tx, limit time.Duration, run func(pgx.Tx) error) (cut bool, err error) {
	inner, err := tx.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer inner.Rollback(context.WithoutCancel(ctx)) // the limit goes with it, and nothing was changed
	if _, err := inner.Exec(ctx, "SELECT set_config('statement_timeout', $1, true)", fmt.Sprint(limit.Milliseconds())); err != nil {
		return false, err
	}
	err = run(inner)
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == queryCanceled && ctx.Err() == nil {
		return true, nil
	}
	return false, err
}
