package desk_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/views/desk"
)

func allLaws() (list []law.Regime) {
	for _, code := range law.Codes() {
		list = append(list, law.For(code))
	}
	return list
}

// wellFormed is what every page of the desk has to be.
func wellFormed(t *testing.T, name, html string, doc *goquery.Document) {
	t.Helper()
	keep(t, name, html)
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%s: %d h1 elements", name, n)
	}
	if i := strings.IndexAny(html, "⟦"); i >= 0 || strings.Contains(html, "<no value>") || strings.Contains(html, " style=") {
		t.Errorf("%s: a sentence without words or value, or a style: %.80s", name, html[max(i, 0):])
	}
	everyControlHasAName(t, doc)
	idsAreUnique(t, doc)
}

func TestEveryLawHasItsPage(t *testing.T) {
	t.Parallel()
	for _, r := range allLaws() {
		for _, l := range lang.Supported {
			html, doc := render(t, l, desk.Law(frame(tomas), r))
			wellFormed(t, "law-"+r.Code+"."+string(l), html, doc)
			if got := doc.Find("aside a[href^='https://']").Length(); got != 1+len(r.Also) {
				t.Errorf("%s: %d links to authorities", r.Code, got)
			}
		}
	}
}

func TestTheListOfLawsMarksWhatNobodyRead(t *testing.T) {
	t.Parallel()
	for _, l := range lang.Supported {
		html, doc := render(t, l, desk.Settings(frame(tomas), desk.SettingsPage{Part: "deadlines", Regimes: allLaws()}))
		wellFormed(t, "laws."+string(l), html, doc)
		for _, r := range allLaws() {
			row := doc.Find(`tr[data-test="law-` + r.Code + `"]`)
			if row.Length() != 1 {
				t.Fatalf("%s: %d rows", r.Code, row.Length())
			}
			if marked := row.Find(".badge.warn").Length() == 1; marked != (r.Mark != law.Verified) {
				t.Errorf("%s is %s, and its row is marked: %v", r.Code, r.Mark, marked)
			}
			if href, _ := row.Find("th a").Attr("href"); href != "/desk/settings/deadlines/"+r.Code {
				t.Errorf("%s leads to %s", r.Code, href)
			}
		}
	}
}

func TestALawsPageSaysWhatIsSpecial(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"UK":    {"Starts again", "Pauses, both days included", "DPA 2018 s. 164A", "From 19 June 2026", "D4", "UK GDPR Art. 17(3)(b)"},
		"US-CA": {"10 working days", "15 working days", "oag.ca.gov", "11 CCR 7024(d)", "90 days in all"},
		"US-MN": {"Not verified", "45 days and 60 days more"},
		"BR":    {"At once, in simple form", "None"},
		"IN":    {"From 14 May 2027", "90 days", "D10"},
		"KR":    {"known up to 2030"},
		"CH":    {"Starts after ten days", "As long as the notice says"},
	} {
		_, doc := render(t, lang.English, desk.Law(frame(tomas), law.For(code)))
		text := strings.Join(strings.Fields(doc.Text()), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", code, w)
			}
		}
	}
}
