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
	if term, ok := w.law.Kinds["appeal"]; ok && w.kind != AppealDecided {
		add("appeal", "Days", w.period(term.Response))
	}
	if w.law.Code == "UK" && w.kind != AppealDecided {
		add("complaint")
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

func (w *writer) period(p law.Period) string {
	return lang.N(w.ctx, "letters.days", int64(p.N))
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

// codeArticles are the rules behind a refusal code: of the GDPR and of
// California (law.md 2d).
var codeArticles = map[string][2]string{
	"ID_NOT_VERIFIED":      {"Art. 12(2), (6)", "11 CCR 7024(a)"},
	"NOT_CONTROLLER":       {"Art. 28(3)(e)", "11 CCR 7050"},
	"NO_DATA_HELD":         {"Art. 15(1)", ""},
	"MANIFESTLY_UNFOUNDED": {"Art. 12(5)", "Civ. Code 1798.145(h)(3)"},
	"EXCESSIVE":            {"Art. 12(5)", "Civ. Code 1798.145(h)(3)"},
	"ABUSE":                {"Art. 12(5)", "Civ. Code 1798.145(h)(3)"},
	"THIRD_PARTY_RIGHTS":   {"Art. 15(4), 20(4)", ""},
	"TRADE_SECRET":         {"Recital 63", ""},
	"PRIVILEGE":            {"Art. 23", ""},
	"NEVER_DISCLOSE":       {"Art. 32", "11 CCR 7024(d)"},
	"NATIONAL_LIMIT":       {"Art. 23", ""},
	"FEE_UNPAID":           {"Art. 12(5)", "Civ. Code 1798.145(h)(3)"},
	"NOT_CONFIRMED":        {"Art. 12(5)", ""},
	"LEGAL_RETENTION":      {"Art. 17(3)(b)", "Civ. Code 1798.105(d)(8)"},
	"LEGAL_CLAIMS":         {"Art. 17(3)(e), 18(2)", ""},
	"HOLD":                 {"Art. 17(3)(e), 18(2)", ""},
	"FREE_EXPRESSION":      {"Art. 17(3)(a)", ""},
	"ARCHIVE":              {"Art. 17(3)(d)", ""},
	"HEALTH":               {"Art. 17(3)(c)", ""},
	"CONTRACT_NEEDED":      {"Art. 17(1)(a)", "Civ. Code 1798.105(d)(1)"},
	"SECURITY_DEBUG":       {"Art. 17(3)(b)", "Civ. Code 1798.105(d)(2), (3)"},
	"OVERRIDING_GROUNDS":   {"Art. 21(1)", ""},
	"DATA_ACCURATE":        {"Art. 16", ""},
	"PORT_NOT_PROVIDED":    {"Art. 20(1)", ""},
	"PORT_BASIS":           {"Art. 20(1)", ""},
	"TECH_INFEASIBLE":      {"Art. 20(2)", ""},
	"DEIDENTIFIED":         {"Art. 11", "11 CCR 7060(g)"},
	"FRAUD_SUSPECTED":      {"Art. 12(6)", ""},
	"OUT_OF_SCOPE_PERSON":  {"Art. 2", "Civ. Code 1798.140"},
}

// codeArticle is the rule behind a code in a law; of a law for which none is
// written down, the one on answers.
func codeArticle(r law.Regime, code string) string {
	a := codeArticles[code]
	switch family(r.Code) {
	case "EU", "UK":
		if a[0] != "" {
			return a[0]
		}
	case "US-CA":
		if a[1] != "" {
			return a[1]
		}
	}
	return r.Refs
}
