package connector

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Statements composes everything that a deletion of f would run, and the
// searches before it, for the golden files.
func (s *Store) Statements(ctx context.Context, f *Found) (string, error) {
	var b strings.Builder
	err := s.reading(ctx, func(tx pgx.Tx, c *catalog) error {
		works, err := s.works(ctx, tx, c, f.roots, Ask{Kind: "deletion"}, "2026-11-26")
		if err != nil {
			return err
		}
		show := func(w *work, what string, compose func(*query) string) {
			q := s.query(c, f.roots, "operation", "step", "batch")
			fmt.Fprintf(&b, "-- %s as %s%s: %s\n%s;\n\n", w.Table, w.Role, w.part, what, compose(q))
		}
		for _, w := range works {
			if w.rows == nil && len(s.query(c, f.roots).ways(w.table, "t", w.role)) == 0 {
				continue
			}
			show(&w, "count", func(q *query) string { return q.selected(&w, "count(*)", "2026-11-26") })
			if w.Action != datamap.Keep {
				show(&w, "freeze", func(q *query) string { return q.freeze(&w, "2026-11-26") })
			}
			for _, o := range w.loses() {
				if plain(o) {
					show(&w, "journal", func(q *query) string { return q.journal(&w, o) })
				}
			}
			switch w.Action {
			case datamap.Delete:
				for _, l := range s.links(c, w.table) {
					show(&w, "detach "+l.column, func(q *query) string { return q.detach(&w, l) })
				}
				show(&w, "delete", func(q *query) string { return q.deleteBatch(&w) })
			case datamap.Anonymise, datamap.Tombstone, datamap.Redact:
				show(&w, "anonymise", func(q *query) string { return q.anonymiseBatch(&w, nil, nil) })
			}
		}
		return nil
	})
	return b.String(), err
}

// Quote is how a name gets into a statement.
func Quote(names ...string) string { return ident(names...) }

// EditLeaf does to a document what a rule says of one of its leaves.
func EditLeaf(doc string, l datamap.Leaf) (string, bool) { return edit(doc, l.Path, leafEdit(l, nil)) }

// scrubberFor knows kinds by their usual names.
func scrubberFor(values map[string][]string, names []string) *scrubber {
	m := &datamap.Map{Normalisers: map[string]datamap.Normaliser{"phone": {Kind: datamap.E164}, "email": {Kind: datamap.Email}}}
	return (&Store{m: m}).scrubberOf(&roots{Values: values, Names: names})
}

// Scrub takes identifiers and names out of a text, base64 included.
func Scrub(values map[string][]string, names []string, text string) string {
	return splice(text, scrubberFor(values, names).encoded(text))
}

// ScrubJSON takes identifiers out of a JSON value.
func ScrubJSON(values map[string][]string, doc string) (string, bool) {
	return edit(doc, nil, func(e *editor, n *node, _ []holder) { e.texts(n, scrubberFor(values, nil).in) })
}
