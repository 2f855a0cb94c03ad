package privacy

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Wording is what a place of the letters says in one language.
type Wording struct {
	Slot    letter.Slot
	Lang    lang.Tag
	Text    string // what counts now
	Ours    bool   // it is the text that comes with the portal
	Edition int    // 0 if it was never changed
	ByName  string
	At      time.Time
}

// Wordings lists every place in one language.
func (o *Office) Wordings(ctx context.Context, l lang.Tag) ([]Wording, error) {
	rows, err := queries.New(o.db).Wordings(ctx, string(l))
	if err != nil {
		return nil, fmt.Errorf("read the wording of letters: %w", err)
	}
	changed := make(map[string]queries.WordingsRow, len(rows))
	for _, w := range rows {
		changed[w.Slot] = w
	}
	out := make([]Wording, len(letter.Slots))
	for i, s := range letter.Slots {
		out[i] = Wording{Slot: s, Lang: l, Text: s.Ours(l), Ours: true}
		if w, ok := changed[s.ID]; ok {
			out[i].Edition, out[i].ByName, out[i].At, out[i].Ours = int(w.Edition), w.MadeName, w.MadeAt, w.Words == nil
			if w.Words != nil {
				out[i].Text = *w.Words
			}
		}
	}
	return out, nil
}

// WordingHistory lists the versions of one place, newest first.
func (o *Office) WordingHistory(ctx context.Context, slot string, l lang.Tag) ([]Wording, error) {
	s, ok := letter.SlotOf(slot)
	if !ok || !lang.Known(l) {
		return nil, fault.New(fault.NotFound, "letters.error.slot")
	}
	rows, err := queries.New(o.db).WordingHistory(ctx, queries.WordingHistoryParams{Lang: string(l), Slot: slot})
	if err != nil {
		return nil, fmt.Errorf("read the versions of a wording: %w", err)
	}
	out := make([]Wording, len(rows))
	for i, w := range rows {
		out[i] = Wording{Slot: s, Lang: l, Edition: int(w.Edition), ByName: w.MadeName, At: w.MadeAt, Ours: w.Words == nil, Text: s.Ours(l)}
		if w.Words != nil {
			out[i].Text = *w.Words
		}
	}
	return out, nil
}

// Word gives a place other words, for every letter from now on; nil goes back to
// ours. seen is the edition that the page showed. What is wrong with the words is
// told at the field "words".
func (o *Office) Word(ctx context.Context, by staff.Member, slot string, l lang.Tag, seen int, words *string) error {
	if err := may(by, staff.MapEdit); err != nil {
		return err
	}
	s, ok := letter.SlotOf(slot)
	if !ok || !lang.Known(l) {
		return fault.New(fault.NotFound, "letters.error.slot")
	}
	if words != nil {
		tidy := letter.Tidy(*words)
		if m, ok := s.Check(tidy); !ok {
			f := fault.Fields{}
			f.Add("words", m.Key, m.Args...)
			return f.Err()
		}
		words = &tidy
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		q := queries.New(tx)
		if err := q.HoldWording(ctx); err != nil {
			return fmt.Errorf("wait for the wording: %w", err)
		}
		now, err := newestWording(ctx, q, slot, l)
		if err != nil {
			return err
		}
		if int(now.Edition) != seen {
			return fault.New(fault.Conflict, "letters.error.moved")
		}
		if same(now, words) {
			return nil // a double click
		}
		last, err := q.WordingEdition(ctx)
		if err != nil {
			return fmt.Errorf("number a wording: %w", err)
		}
		if err := q.AddWording(ctx, queries.AddWordingParams{Edition: last + 1, Slot: slot, Lang: string(l), Words: words, MadeBy: by.ID, MadeName: by.Name}); err != nil {
			return fmt.Errorf("keep a wording: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{Actor: by.Actor(), Action: "letters.worded", Target: slot + "." + string(l),
			Detail: map[string]any{"edition": last + 1, "ours": words == nil}})
	})
}

func newestWording(ctx context.Context, q *queries.Queries, slot string, l lang.Tag) (queries.WordingHistoryRow, error) {
	rows, err := q.WordingHistory(ctx, queries.WordingHistoryParams{Lang: string(l), Slot: slot})
	if err != nil || len(rows) == 0 {
		return queries.WordingHistoryRow{}, err
	}
	return rows[0], nil
}

func same(w queries.WordingHistoryRow, words *string) bool {
	if words == nil || w.Words == nil {
		return words == nil && w.Words == nil
	}
	return *w.Words == *words
}

// wordingOf is what letters in a language are written with now.
func wordingOf(ctx context.Context, q *queries.Queries, l lang.Tag) (letter.Wording, error) {
	last, err := q.WordingEdition(ctx)
	if err != nil {
		return letter.Wording{}, fmt.Errorf("read the edition of the wording: %w", err)
	}
	w := letter.Wording{Edition: int(last)}
	if last == 0 {
		return w, nil
	}
	rows, err := q.Wordings(ctx, string(l))
	if err != nil {
		return w, fmt.Errorf("read the wording of letters: %w", err)
	}
	w.Texts = map[string]string{}
	for _, row := range rows {
		if row.Words != nil {
			w.Texts[row.Slot] = *row.Words
		}
	}
	return w, nil
}

// SampleLetter shows a letter with invented facts and the words that stand in a
// form, before anybody saves them.
func (o *Office) SampleLetter(ctx context.Context, by staff.Member, slot string, l lang.Tag, words string) (letter.Letter, error) {
	if err := may(by, staff.MapEdit); err != nil {
		return letter.Letter{}, err
	}
	s, ok := letter.SlotOf(slot)
	if !ok || !lang.Known(l) {
		return letter.Letter{}, fault.New(fault.NotFound, "letters.error.slot")
	}
	w, err := wordingOf(ctx, queries.New(o.db), l)
	if err != nil {
		return letter.Letter{}, err
	}
	texts := map[string]string{"statement.sale": lang.In(l, "letters.sample.sale")}
	for id, t := range w.Texts {
		texts[id] = t
	}
	texts[slot] = letter.Tidy(words)
	kind, f := letter.SampleFor(s, l)
	f.Operator, f.Address, f.Contact, f.Officer = o.house().Operator, o.house().Address, o.house().Contact, o.house().Officer
	if f.Contact == "" {
		f.Contact = "privacy@example.org"
	}
	return letter.Build(kind, f, letter.Wording{Edition: w.Edition + 1, Texts: texts})
}
