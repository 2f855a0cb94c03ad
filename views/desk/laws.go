package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

// lawGroup is a part of the list of laws.
type lawGroup struct {
	id      string
	regimes []law.Regime
}

// lawGroups sorts the laws into the parts of the list, each by name.
func lawGroups(ctx context.Context, regimes []law.Regime) []lawGroup {
	groups := []lawGroup{{id: "eu"}, {id: "us"}, {id: "rest"}}
	for _, r := range regimes {
		switch {
		case r.Is("EU"):
			groups[0].regimes = append(groups[0].regimes, r)
		case strings.HasPrefix(r.Code, "US-"):
			groups[1].regimes = append(groups[1].regimes, r)
		default:
			groups[2].regimes = append(groups[2].regimes, r)
		}
	}
	for _, g := range groups {
		slices.SortFunc(g.regimes, func(a, b law.Regime) int {
			return cmp.Or(strings.Compare(a.Family, b.Family), strings.Compare(shortName(ctx, a), shortName(ctx, b)))
		})
	}
	return slices.DeleteFunc(groups, func(g lawGroup) bool { return len(g.regimes) == 0 })
}

// shortName is the place, where the heading already says the law.
func shortName(ctx context.Context, r law.Regime) string {
	if r.Place == "" {
		return lang.T(ctx, r.Name)
	}
	return lang.T(ctx, "place."+r.Place)
}

// lawKinds are the rows of a law's own table of times: the kinds that it treats
// in a way of its own, and those that no law sets a time for.
func lawKinds(r law.Regime) []string {
	var own []string
	for _, kind := range allKinds {
		if t := r.TermOf(kind); !sameTerm(t, r.Term) {
			own = append(own, kind)
		}
	}
	return own
}

var allKinds = []string{"access", "portability", "correction", "deletion", "restriction", "objection", "withdrawal",
	"opt_out", "shortened_retention", "subprocessor_list", "complaint", "appeal"}

func sameTerm(a, b law.Term) bool {
	return a.Response == b.Response && a.Measure == b.Measure && a.Extension == b.Extension && a.OpenExtension == b.OpenExtension &&
		a.Ack == b.Ack && a.AtOnce == b.AtOnce && a.RunsOn == b.RunsOn
}

func lawKind(ctx context.Context, kind string) string {
	if kind == "" {
		return lang.T(ctx, "law.page.usual")
	}
	if key := "desk.kind." + kind; lang.Has(key) {
		return lang.T(ctx, key)
	}
	return lang.T(ctx, "law.kind."+kind)
}

func termExtension(ctx context.Context, t law.Term) string {
	switch {
	case t.Extension.N > 0:
		return period(ctx, t.Extension)
	case t.OpenExtension:
		return lang.T(ctx, "law.page.open")
	}
	return lang.T(ctx, "law.page.none")
}

func noticeBy(ctx context.Context, t law.Term) string {
	if t.Notice.N > 0 {
		return period(ctx, t.Notice)
	}
	return lang.T(ctx, "law.page.end")
}

// measure says whose number a time is, if it is not the law's.
func measure(ctx context.Context, t law.Term) string {
	if t.Measure == law.ByLaw {
		return ""
	}
	return lang.T(ctx, "law.page."+string(t.Measure))
}

// asking is what one question to the person does.
type asking struct{ question, does string }

// askings lists what each question does; nil if none does anything.
func askings(ctx context.Context, r law.Regime) (list []asking) {
	if r.Pauses == (law.Pauses{}) {
		return nil
	}
	for _, q := range []struct {
		name  string
		pause law.Pause
	}{{"identity", r.Pauses.Identity}, {"clarification", r.Pauses.Clarification}, {"fee", r.Pauses.Fee}} {
		pause := string(q.pause)
		if q.pause == law.NoPause {
			pause = "none"
		}
		a := asking{lang.T(ctx, "law.question."+q.name), lang.T(ctx, "law.pause."+pause)}
		if q.name == "clarification" && r.Pauses.ClarifyOnly != "" {
			a.does += " (" + lang.T(ctx, "law.page.clarify_only", "Kind", lawKind(ctx, r.Pauses.ClarifyOnly)) + ")"
		}
		list = append(list, a)
	}
	return list
}

func rightNames(ctx context.Context, rights string) string {
	var names []string
	for _, right := range law.AllRights {
		if strings.ContainsRune(rights, right) {
			names = append(names, lang.T(ctx, "law.right."+string(right)))
		}
	}
	return strings.Join(names, ", ")
}

// lawWords joins catalogue entries of one sort.
func lawWords(ctx context.Context, sort string, ids []string) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = lang.T(ctx, "law."+sort+"."+id)
	}
	return strings.Join(words, ", ")
}

func neverWords(ctx context.Context, list []law.Never) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = lang.T(ctx, "law.never."+n.Code)
	}
	return strings.Join(words, ", ")
}

func lawSource(ctx context.Context, r law.Regime) string {
	if r.Source == "" {
		return lang.T(ctx, "law.page.general")
	}
	return r.Source
}

func lawPlace(ctx context.Context, r law.Regime) string {
	if r.Calendar == "" {
		return lang.T(ctx, "law.page.weekends")
	}
	for _, key := range []string{"law.calendar." + r.Calendar, "place." + r.Calendar} {
		if lang.Has(key) {
			return lang.T(ctx, key)
		}
	}
	return r.Calendar
}

// lawRefusals are the grounds that some kind of request may meet under this
// law, those that the law itself names first.
func lawRefusals(r law.Regime) []law.Refusal {
	list := slices.DeleteFunc(slices.Clone(law.Refusals), func(f law.Refusal) bool { return f.Local && f.Article(r) == "" })
	unnamed := func(f law.Refusal) bool { return f.Article(r) == "" }
	return append(slices.DeleteFunc(slices.Clone(list), unnamed), slices.DeleteFunc(list, func(f law.Refusal) bool { return !unnamed(f) })...)
}

// bareURL is an address as a person reads it.
func bareURL(url string) string { return strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/") }

// lawDay reads a day of the tables; a test holds that each of them is one.
func lawDay(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s)
	return t
}

// appealPeriod is how long we have for an appeal made to us.
func appealPeriod(ctx context.Context, r law.Regime) string {
	if r.Appeal.Period.N == 0 {
		return lang.T(ctx, "law.page.no_appeal")
	}
	words := period(ctx, r.Appeal.Period)
	if r.Appeal.Extension.N > 0 {
		words += " " + lang.T(ctx, "law.page.more", "Period", period(ctx, r.Appeal.Extension))
	}
	return words
}
