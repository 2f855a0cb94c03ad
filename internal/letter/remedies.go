package letter

import (
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

// remedies says what the person can do who does not agree: appeal, complain, go
// to court, each with its date where the law sets one.
func remedies(w *writer) []Part {
	out := w.say("statement.remedies")
	if len(out) == 0 {
		return nil
	}
	var list []Text
	add := func(key string, args ...any) { list = append(list, Text{{Text: w.t("remedy."+key, args...)}}) }
	if p := w.law.Appeal.Period; p.N > 0 && w.kind != AppealDecided {
		add("appeal", "Days", lang.N(w.ctx, "letters.days", int64(p.N)))
	}
	if w.law.Code == "UK" && w.kind != AppealDecided {
		t := Text{{Text: w.t("remedy.complaint")}}
		if w.f.Complain != "" {
			t = append(t, Span{Text: " "}, Span{Text: w.f.Complain, Value: true, Link: w.f.Complain})
		}
		list = append(list, t)
	}
	if t := w.authority(); t != nil {
		list = append(list, t)
	}
	if key := "court." + family(w.law.Code); lang.Has("letters.remedy." + key) {
		add(key)
	}
	if len(list) == 0 {
		return nil
	}
	return append(out, Part{Items: list})
}

// authority names whom to complain to, with the last day for it.
func (w *writer) authority() Text {
	a := w.law.Authority
	if a.Name == "" {
		return nil
	}
	t := Text{{Text: w.t("remedy.authority") + " "}, {Text: a.Name, Value: true, Link: a.URL}}
	if last := w.lastDay(); !last.IsZero() {
		t = append(t, Span{Text: w.t("remedy.authority.until", "Date", w.date(last))})
	} else {
		t = append(t, Span{Text: "."})
	}
	if key := "remedy.authority." + family(w.law.Code); lang.Has("letters." + key) {
		t = append(t, Span{Text: " " + w.t(key)})
	}
	return t
}

// lastDay is when a complaint about this decision comes too late; zero where the
// law sets no day, or nothing is decided.
func (w *writer) lastDay() time.Time {
	if !w.kind.Decides() {
		return time.Time{}
	}
	decided := w.f.Decided.In(w.zone)
	switch family(w.law.Code) {
	case "CA-FED":
		return decided.AddDate(0, 6, 0)
	case "CA-QC":
		return decided.AddDate(0, 0, 30)
	case "TR": // thirty days after the reply, sixty after the application
		if own, reply := w.f.Received.In(w.zone).AddDate(0, 0, 60), decided.AddDate(0, 0, 30); own.Before(reply) {
			return own
		} else {
			return reply
		}
	}
	return time.Time{}
}

// articles name where a law gives a right.
var articles = map[string]map[string]string{
	"EU": {"access": "Art. 15", "correction": "Art. 16", "deletion": "Art. 17", "portability": "Art. 20", "restriction": "Art. 18",
		"restriction_lift": "Art. 18(3)", "objection": "Art. 21", "withdrawal": "Art. 7(3)", "opt_out": "Art. 21(3)", "shortened_retention": "Art. 5(1)(e)"},
	"CH":    {"access": "Art. 25", "correction": "Art. 32", "deletion": "Art. 32", "portability": "Art. 28", "restriction": "Art. 32", "objection": "Art. 30"},
	"US-CA": {"access": "Civ. Code 1798.110", "correction": "Civ. Code 1798.106", "deletion": "Civ. Code 1798.105", "portability": "Civ. Code 1798.130", "opt_out": "Civ. Code 1798.120"},
	"BR":    {"access": "Art. 18, 19", "correction": "Art. 18 III", "deletion": "Art. 18 VI", "portability": "Art. 18 V", "restriction": "Art. 18 IV", "objection": "Art. 18 § 2", "withdrawal": "Art. 18 IX"},
	"CN":    {"access": "Art. 45", "correction": "Art. 46", "deletion": "Art. 47", "portability": "Art. 45", "restriction": "Art. 44", "objection": "Art. 44", "withdrawal": "Art. 15"},
	"ZA":    {"access": "s. 23", "correction": "s. 24", "deletion": "s. 24", "objection": "s. 11(3)", "withdrawal": "s. 11(2)"},
	"AU":    {"access": "APP 12", "correction": "APP 13"},
	"SG":    {"access": "s. 21", "correction": "s. 22", "withdrawal": "s. 16"},
	"KR":    {"access": "Art. 35", "correction": "Art. 36", "deletion": "Art. 36", "restriction": "Art. 37", "portability": "Art. 35-2"},
	"JP":    {"access": "Art. 33", "correction": "Art. 34", "deletion": "Art. 35", "restriction": "Art. 35"},
	"TR":    {"access": "Art. 11", "correction": "Art. 11", "deletion": "Art. 11", "objection": "Art. 11"},
	"AR":    {"access": "Art. 14", "correction": "Art. 16", "deletion": "Art. 16", "restriction": "Art. 16"},
}

// article is where a law gives the right, else where it says how to answer.
func article(r law.Regime, right string) string {
	f := family(r.Code)
	if f == "UK" {
		f = "EU" // the same numbers
	}
	if a := articles[f][right]; a != "" {
		return a
	}
	return r.Refs
}

// codeArticle is the rule behind a refusal in a law; of a law that names none, the
// one on answers.
func codeArticle(r law.Regime, f law.Refusal) string {
	if a := f.Article(r); a != "" {
		return a
	}
	return r.Refs
}
