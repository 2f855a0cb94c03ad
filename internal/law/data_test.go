package law_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

func TestEveryRegimeIsWhole(t *testing.T) {
	t.Parallel()
	for _, code := range law.Codes() {
		r := law.For(code)
		if r.Code != code {
			t.Errorf("%s gives %s", code, r.Code)
		}
		if r.Refs == "" || r.Authority.Name == "" || r.Rights == "" || r.Response.N == 0 || r.Roll == "" || r.InForce == "" && code != "US-XX" {
			t.Errorf("%s lacks something: %+v", code, r)
		}
		for _, a := range append(r.Also, r.Authority) {
			if !strings.HasPrefix(a.URL, "https://") {
				t.Errorf("%s: no address: %v", code, a)
			}
		}
		if _, err := time.LoadLocation(r.Zone); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		if !r.Grants('A') {
			t.Errorf("%s gives no access", code)
		}
		if (r.Source == "") != (r.Mark == law.Unverified) && r.Mark != law.Unverified {
			t.Errorf("%s is %s without a source", code, r.Mark)
		}
		if (r.Mark == law.Partly) != (len(r.Unread) > 0) {
			t.Errorf("%s is %s and leaves %v unread", code, r.Mark, r.Unread)
		}
		keys := []string{r.Name, "law.appeal." + r.Appeal.Rule, "law.fee." + r.Fee.Rule, "law.roll." + string(r.Roll)}
		keys = append(keys, prefixed("law.notice.", r.NoticeSays)...)
		keys = append(keys, prefixed("law.note.", r.Notes)...)
		keys = append(keys, prefixed("law.part.", r.Unread)...)
		for _, c := range r.Changes {
			if _, err := time.Parse(time.DateOnly, c.From); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
		for _, step := range r.Steps {
			keys = append(keys, "law.trace.step."+step.Name, "law.page.step."+step.Name)
		}
		inCatalogue(t, keys...)
	}
}

func TestTheTableHasEveryRow(t *testing.T) {
	t.Parallel()
	rows := "EU UK CH TR BR CA-FED CA-QC AR CN IN ZA AU NZ SG KR JP US-CA US-CO US-CT US-DE US-FL US-IA US-IN US-KY US-MD US-MN US-MT US-NE US-NH US-NJ US-OR US-RI US-TN US-TX US-UT US-VA US-XX"
	for _, m := range strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK") {
		rows += " EU-" + m
	}
	want := strings.Fields(rows)
	slices.Sort(want)
	if got := law.Codes(); !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}

// What the states have of their own, in one line each: answer, extension, the
// time for an appeal and its extension, free answers.
func TestTheUnitedStatesDifferWhereTheyDo(t *testing.T) {
	t.Parallel()
	type own struct{ answer, more, appeal, appealMore, free int }
	usual := own{45, 45, 60, 0, 1}
	for code, want := range map[string]own{"US-VA": {45, 45, 60, 0, 2}, "US-TX": {45, 45, 60, 0, 2}, "US-FL": {45, 15, 60, 0, 2}, "US-CO": {45, 45, 45, 60, 1},
		"US-CT": usual, "US-MT": usual, "US-OR": {45, 45, 45, 0, 1}, "US-UT": {45, 45, 0, 0, 1}, "US-IA": {90, 45, 60, 0, 1}, "US-NJ": {45, 45, 45, 0, 1},
		"US-MN": {45, 45, 45, 60, 1}, "US-DE": usual, "US-NH": usual, "US-NE": usual, "US-TN": usual, "US-IN": usual, "US-KY": usual, "US-RI": usual, "US-MD": usual, "US-XX": usual,
		"US-CA": {45, 45, 0, 0, 2}} {
		r := law.For(code)
		if got := (own{r.Response.N, r.Extension.N, r.Appeal.Period.N, r.Appeal.Extension.N, r.Fee.Free}); got != want {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
	}
	utah := law.For("US-UT")
	if utah.On(at(t, utah.Zone, "2026-06-30 12:00")).Grants('C') || !utah.On(at(t, utah.Zone, "2026-07-01 12:00")).Grants('C') {
		t.Error("Utah lets people correct from 1 July 2026")
	}
}

func TestEveryPlaceHasANameAndALaw(t *testing.T) {
	t.Parallel()
	for _, p := range law.Places() {
		inCatalogue(t, "place."+p.Code)
		if r := law.For(p.Code); r.Code != p.Law {
			t.Errorf("place %s has law %s, and For gives %s", p.Code, p.Law, r.Code)
		}
	}
}

func TestEveryGroundHasWordsAndAnArticle(t *testing.T) {
	t.Parallel()
	for _, f := range law.Refusals {
		inCatalogue(t, "law.refusal."+f.Code, "law.refusal."+f.Code+".why")
		if f.Also {
			inCatalogue(t, "law.refusal."+f.Code+".also")
		}
		if len(f.Law) == 0 || f.Mark == "" {
			t.Errorf("%s names no law or mark", f.Code)
		}
		for _, b := range f.Law {
			if _, ok := law.Find(b.Law); !ok && b.Law != "US" {
				t.Errorf("%s: there is no law %s", f.Code, b.Law)
			}
		}
		for _, kind := range f.Kinds {
			if !slices.Contains(kinds, kind) {
				t.Errorf("%s: there is no kind %s", f.Code, kind)
			}
		}
	}
	for _, code := range strings.Fields("ID_NOT_VERIFIED NOT_CONTROLLER NO_DATA_HELD MANIFESTLY_UNFOUNDED EXCESSIVE ABUSE THIRD_PARTY_RIGHTS TRADE_SECRET PRIVILEGE NEVER_DISCLOSE NATIONAL_LIMIT FEE_UNPAID LEGAL_RETENTION LEGAL_CLAIMS HOLD FREE_EXPRESSION ARCHIVE HEALTH CONTRACT_NEEDED SECURITY_DEBUG OVERRIDING_GROUNDS DATA_ACCURATE PORT_NOT_PROVIDED PORT_BASIS TECH_INFEASIBLE DEIDENTIFIED FRAUD_SUSPECTED OUT_OF_SCOPE_PERSON") {
		if _, ok := law.RefusalOf(code); !ok {
			t.Errorf("there is no ground %s", code)
		}
	}
	inCatalogue(t, prefixed("law.letter.", law.LetterSays)...)
}

func TestGroundsFitTheKindAndTheLaw(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		law, kind, code string
		want            bool
		article         string
	}{
		{"EU-DE", "deletion", "LEGAL_RETENTION", true, "GDPR Art. 17(3)(b)"},
		{"EU-DE", "access", "LEGAL_RETENTION", false, "GDPR Art. 17(3)(b)"},
		{"US-CA", "deletion", "LEGAL_RETENTION", true, "Civ. Code 1798.105(d)(8)"},
		{"US-VA", "access", "OUT_OF_SCOPE_PERSON", true, "§ “consumer”"},
		{"US-CA", "access", "OUT_OF_SCOPE_PERSON", false, ""},
		{"US-UT", "access", "FRAUD_SUSPECTED", true, "Utah Code 13-61-203(2)(d)"},
		{"EU-FR", "access", "FRAUD_SUSPECTED", false, ""},
		{"JP", "access", "NO_DATA_HELD", true, ""},
		{"EU-FR", "objection", "OVERRIDING_GROUNDS", true, "GDPR Art. 21(1)"},
	} {
		r := law.For(tt.law)
		f, _ := law.RefusalOf(tt.code)
		got := slices.ContainsFunc(r.Refusals(tt.kind), func(o law.Refusal) bool { return o.Code == tt.code })
		if got != tt.want || f.Article(r) != tt.article {
			t.Errorf("%s %s %s: %v %q", tt.law, tt.kind, tt.code, got, f.Article(r))
		}
	}
}

func TestLevelsDifferencesAndListsHaveWords(t *testing.T) {
	t.Parallel()
	for _, tier := range law.Tiers {
		inCatalogue(t, "law.tier."+string(tier.Level), "law.tier."+string(tier.Level)+".about")
	}
	for _, v := range law.VerificationRules {
		inCatalogue(t, "law.verify."+v.Code)
	}
	for _, n := range law.NeverDisclose {
		inCatalogue(t, "law.never."+n.Code)
	}
	for code, want := range map[string]int{"US-CA": 7, "US-MN": 7, "US-VA": 0, "EU-DE": 0} {
		if got := len(law.For(code).Masks()); got != want {
			t.Errorf("%s lists %d values, want %d", code, got, want)
		}
	}
	for _, r := range law.Records {
		inCatalogue(t, "law.record."+r.Law)
	}
	for _, d := range law.Differences {
		inCatalogue(t, "law.difference."+d.Code, "law.difference."+d.Code+".other")
	}
	var got []string
	for _, d := range law.For("UK").Differences() {
		got = append(got, d.Code)
	}
	if want := []string{"D1", "D2", "D3", "D4", "D9"}; !slices.Equal(got, want) {
		t.Errorf("the UK has %v, want %v", got, want)
	}
	for _, kind := range kinds {
		if law.LevelFor(kind, true) == "" || law.LevelFor(kind, false) == "" {
			t.Errorf("no level for %s", kind)
		}
	}
	if law.LevelFor("something new", false) != law.High || law.LevelFor("opt_out", true) != law.Low || law.LevelFor("access", true) != law.High {
		t.Error("a level is wrong")
	}
}

func prefixed(prefix string, ids []string) (keys []string) {
	for _, id := range ids {
		keys = append(keys, prefix+id)
	}
	return keys
}

func inCatalogue(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if !lang.Has(key) {
			t.Errorf("%s is not in the catalogue", key)
		}
	}
}
