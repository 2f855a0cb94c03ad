package letter

import (
	"context"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

// Build makes the letter of a kind. It is an *Incomplete where something is not
// there that such a letter must tell.
func Build(kind Kind, f Facts, words Wording) (Letter, error) {
	if f.Decided.IsZero() {
		f.Decided = f.Made
	}
	w := &writer{kind: kind, f: f, law: law.For(f.Law).On(f.Received), words: words, ctx: lang.With(context.Background(), f.Lang)}
	if w.zone, _ = time.LoadLocation(w.law.Zone); w.zone == nil {
		w.zone = time.UTC // of no row of ours: a test loads every zone
	}
	if f.basics(w); len(w.missing) > 0 { // every block speaks of one of them
		return Letter{}, &Incomplete{Kind: kind, Missing: w.missing}
	}
	w.values = w.fields()
	for _, b := range blocks[kind] {
		s := Section{Block: b.id, Title: w.title(b.id), Parts: b.fill(w)}
		if len(s.Parts) > 0 {
			w.sections = append(w.sections, s)
		} else if b.need == nil || b.need(w) {
			w.lacks(b.id, "")
		}
	}
	if len(w.missing) > 0 {
		return Letter{}, &Incomplete{Kind: kind, Missing: w.missing}
	}
	return w.letter(), nil
}

// basics are what no letter can do without.
func (f Facts) basics(w *writer) {
	for _, b := range []struct {
		what  string
		there bool
	}{{"reference", f.Ref != ""}, {"received", !f.Received.IsZero()}, {"written", !f.Made.IsZero()}, {"operator", plain(f.Operator) != ""}} {
		if !b.there {
			w.lacks(b.what, "")
		}
	}
}

// writer gathers one letter.
type writer struct {
	kind     Kind
	f        Facts
	law      law.Regime
	words    Wording
	ctx      context.Context // carries the language only
	zone     *time.Location
	values   map[string]string
	sections []Section
	missing  []Missing
}

func (w *writer) letter() Letter {
	l := Letter{Kind: w.kind, Lang: lang.From(w.ctx), Dir: lang.Dir(w.ctx), From: plain(w.f.Operator), Ref: w.f.Ref, Made: w.f.Made.UTC(),
		Edition: w.words.Edition, Sections: w.sections, Title: w.heading(), Greeting: w.t("greeting"),
		foot: w.t("foot", "Ref", w.f.Ref), unlike: w.t("unlike"), narrow: strings.HasPrefix(w.law.Code, "US") || strings.HasPrefix(w.law.Code, "CA")}
	if who := name(w.f.Name); who != "" {
		l.Greeting = w.t("greeting.name", "Name", who)
	}
	for _, line := range w.f.Address {
		l.Address = append(l.Address, plain(line))
	}
	began := "head.received"
	if w.f.Right == "restriction_lift" { // nobody asked for it
		began = "head.opened"
	}
	l.Head = append(l.Head, Fact{w.t("head.reference"), value(w.f.Ref)}, Fact{w.t(began), value(w.date(w.f.Received))})
	if w.kind.Decides() {
		l.Head = append(l.Head, Fact{w.t("head.decided"), value(w.date(w.f.Decided))})
	} else {
		l.Head = append(l.Head, Fact{w.t("head.written"), value(w.date(w.f.Made))})
	}
	l.Head = append(l.Head, Fact{w.t("head.law"), value(w.lawWords())})
	return l
}

// heading is the letter's title; an answer has one for each right.
func (w *writer) heading() string {
	own := "letters.title." + string(w.kind) + "." + w.f.Right
	if lang.Has(own) {
		return lang.T(w.ctx, own)
	}
	return w.t("title." + string(w.kind))
}

// title is a section's heading; the first ones have none.
func (w *writer) title(block string) string {
	if !lang.Has("letters.block." + block) {
		return ""
	}
	return w.t("block." + block)
}

func (w *writer) t(key string, args ...any) string { return lang.T(w.ctx, "letters."+key, args...) }

func (w *writer) lacks(block, of string) { w.missing = append(w.missing, Missing{block, plain(of)}) }

// date is a day where the law's clock runs.
func (w *writer) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return lang.Date(w.ctx, t.In(w.zone))
}

// fields are the values that a text may have.
func (w *writer) fields() map[string]string {
	f := w.f
	right := w.t("right." + f.Right)
	if !lang.Has("letters.right." + f.Right) {
		right = w.t("right.other")
	}
	v := map[string]string{
		"name": name(f.Name), "reference": f.Ref, "operator": f.Operator, "contact": f.Contact, "law": w.t0(w.law.Name), "right": right,
		"received": w.date(f.Received), "written": w.date(f.Made), "due": w.date(f.Due), "new_due": w.date(f.NewDue), "until": w.date(f.Until),
	}
	if f.Days > 0 {
		v["days"] = lang.N(w.ctx, "letters.days", int64(f.Days))
	}
	if f.Downloads > 0 {
		v["downloads"] = lang.Number(w.ctx, int64(f.Downloads))
	}
	return v
}

func (w *writer) t0(key string) string { return lang.T(w.ctx, key) }

// lawWords names the law, and its article on what was asked.
func (w *writer) lawWords() string {
	name := w.t0(w.law.Name)
	if a := article(w.law, w.f.Right); a != "" {
		name += ", " + a
	}
	return name
}

// say puts a slot's words into parts; nothing where a value that they have is not
// known, or where nobody has said anything. Only a name may be missing: not
// everybody gives one.
func (w *writer) say(slot string) []Part {
	text := Tidy(w.words.text(slot, lang.From(w.ctx)))
	pieces, _ := cut(text) // Check lets no mistake in
	for _, p := range pieces {
		if p.field != "" && p.field != "name" && strings.TrimSpace(w.values[p.field]) == "" {
			return nil
		}
	}
	return parts(expand(text, w.values))
}

// line is a sentence of ours that nobody can change.
func (w *writer) line(key string, args ...any) Part {
	return Part{Text: Text{{Text: w.t(key, args...)}}}
}

func parts(texts []Text) []Part {
	out := make([]Part, len(texts))
	for i, t := range texts {
		out[i] = Part{Text: t}
	}
	return out
}

func value(s string) Text { return Text{{Text: plain(s), Value: true}} }

// values makes a list of what was put in; empty ones are left out.
func values(list []string) []Text {
	var out []Text
	for _, s := range list {
		if s = plain(s); s != "" {
			out = append(out, value(s))
		}
	}
	return out
}
