package mail_test

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
)

var update = flag.Bool("update", false, "rewrite the golden letters")

const (
	ref   = "CS-7F3K-29QD"
	token = "8Kf2mT0vZq9rW4xdPk31s0yQmA7cLb5nXeUjRtVh2Gd"
)

var (
	base  = &url.URL{Scheme: "https", Host: "privacy.example.org"}
	noon  = time.Date(2026, time.November, 3, 10, 12, 0, 0, time.UTC)
	amina = mail.Recipient{Address: "amina.okafor@example.com", Name: "Amina Okafor", Lang: lang.English}
)

func everyLetter() []mail.Letter {
	due := time.Date(2026, time.December, 3, 0, 0, 0, 0, time.UTC)
	runs := time.Date(2026, time.November, 5, 8, 30, 0, 0, time.FixedZone("CET", 3600))
	all := []mail.Letter{
		mail.ConfirmRequest{Ref: ref, Path: link.Confirm(token), Due: due},
		mail.RequestReceived{Ref: ref, Path: link.MyRequest(ref), Due: due},
		mail.RequestReceived{Ref: ref, Path: link.MyRequest(ref), Due: due, AtOnce: true},
		mail.RestrictionEnds{Ref: ref, Path: link.MyRequest(ref), RunsAt: runs},
		mail.MyRequests{Path: link.Confirm(token)},
		mail.NoRequests{Path: link.RequestRight},
		mail.StaffMessage{Ref: ref, Path: link.MyRequest(ref)},
		mail.LetterReady{Ref: ref, Path: link.MyLetter(ref, "0b6f1f6e-5a3c-4d2e-9f1a-7c8d9e0f1a2b", "")},
		mail.DeletionPlanned{Ref: ref, Path: link.Confirm(token)},
		mail.DeletionScheduled{Ref: ref, Path: link.MyRequest(ref), RunsAt: runs},
		mail.Ready{Ref: ref, Path: link.MyData(ref), Until: due},
		mail.Deleted{Ref: ref, Path: link.MyRequest(ref)},
		mail.NothingFound{Ref: ref, Path: link.MyRequest(ref)},
		mail.Refused{Ref: ref, Path: link.MyRequest(ref)},
		mail.Withdrawn{Ref: ref, Path: link.MyRequest(ref)},
		mail.StaffInvite{Path: link.DeskLink(token)},
		mail.StaffSignIn{Path: link.DeskLink(token)},
		mail.StaffApproval{Ref: ref, Path: link.DeskTab(ref, "decision")},
		mail.StaffReminder{About: mail.RemindDuty, Ref: ref, Path: link.DeskCase(ref)},
		mail.StaffReminder{About: mail.RemindSoon, Ref: ref, Path: link.DeskCase(ref)},
		mail.StaffReminder{About: mail.RemindOverdue, Ref: ref, Path: link.DeskCase(ref)},
		mail.StaffReminder{About: mail.RemindUnassigned, Path: link.Desk},
		mail.Duplicate{Ref: ref, Other: "CS-4M8W-X1TP", Path: link.MyRequest("CS-4M8W-X1TP")},
	}
	for _, what := range mail.Outcomes {
		all = append(all, mail.Done{What: what, Ref: ref, Path: link.MyRequest(ref)})
	}
	return all
}

func TestEveryLetterReadsAsAgreed(t *testing.T) {
	t.Parallel()
	for _, l := range everyLetter() {
		for _, tag := range lang.Supported {
			name := mail.NameOf(l) + "." + string(tag)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				to := amina
				to.Lang = tag
				subject, text, html, err := mail.Render(l, to, base, noon)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, name+".txt", "Subject: "+subject+"\n\n"+text)
				golden(t, name+".html", html)
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (run with -update if this is meant):\n%s", file, diff)
	}
}

// The rights, in both languages: a subject is read over shoulders and on locked
// telephones.
var tellsTheRight = regexp.MustCompile(`(?i)delet|access|copy|correct|restrict|lösch|auskunft|kopie|berichtig|einschränk|okafor|amina`)

func TestEveryLetterKeepsTheRulesOfMail(t *testing.T) {
	t.Parallel()
	for _, l := range everyLetter() {
		for _, tag := range lang.Supported {
			t.Run(mail.NameOf(l)+"."+string(tag), func(t *testing.T) {
				t.Parallel()
				to := amina
				to.Lang = tag
				subject, text, html, err := mail.Render(l, to, base, noon)
				if err != nil {
					t.Fatal(err)
				}
				never := lang.In(tag, "mail.never")
				notYou := lang.In(tag, "mail.not_you")
				all := subject + text + html
				for what, bad := range map[string]bool{
					"staff have no name for it":                 strings.Contains(lang.In(tag, "letter."+mail.NameOf(l)), "⟦"),
					"a sentence is missing from the catalogue":  strings.ContainsAny(all, "⟦⟧") || strings.Contains(all, "<no value>"),
					"the subject tells the right or the person": tellsTheRight.MatchString(strings.ReplaceAll(subject, "access to the privacy desk", "")),
					"the subject lacks the reference":           strings.Contains(text, ref) && !strings.Contains(subject, ref),
					"it loads something from outside":           regexp.MustCompile(`(?i)<img|src=|url\(|@import|<link|<script`).MatchString(html),
					"it has not exactly one button":             strings.Count(html, `class="e-btn"`) != 1,
					"the bare link does not stand below":        strings.Count(html, `href="https://privacy.example.org/`) != 3,
					"the text part has no link on its own line": !regexp.MustCompile(`(?m)^https://privacy\.example\.org/\S+$`).MatchString(text),
					"it does not ask whether it was you":        !strings.Contains(text, strings.ToUpper(notYou)) || !strings.Contains(html, notYou),
					"it does not say what we never ask for":     !strings.Contains(text, never) || !strings.Contains(html, never),
					"a line of the text part is too long":       regexp.MustCompile(`(?m)^[^h\n].{78,}$`).MatchString(text),
				} {
					if bad {
						t.Error(what)
					}
				}
			})
		}
	}
}

func TestTheGreetingTakesNamesAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, typed, want string }{
		{"a name", "Amina Okafor", "Hello Amina Okafor,"},
		{"marks, hyphens and apostrophes", "Zoë Nic O’Dónaill-Płatek", "Hello Zoë Nic O’Dónaill-Płatek,"},
		{"another script", "محمد علي", "Hello محمد علي,"},
		{"nothing", "", "Hello,"},
		{"an address of the web", "Win at evil.example", "Hello,"},
		{"a link", "https://evil.example/now", "Hello,"},
		{"a number", "Call 0900 123456", "Hello,"},
		{"markup", "<b>Amina</b>", "Hello,"},
		{"a sentence", "You have won a prize in our lottery today", "Hello,"},
		{"lines", "Amina\r\n\r\nPay now!", "Hello,"},
		{"something endless", strings.Repeat("A", 60), "Hello,"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, text, html, err := mail.Render(mail.MyRequests{Path: "/x"}, mail.Recipient{Name: tt.typed, Lang: lang.English}, base, noon)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, "\n"+tt.want+"\n") || !strings.Contains(html, ">"+tt.want+"<") {
				t.Errorf("greeting of %q is not %q in:\n%s", tt.typed, tt.want, text)
			}
		})
	}
}
