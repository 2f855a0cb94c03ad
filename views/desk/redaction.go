package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// ReviewPage is a package under review, with its sheets open.
type ReviewPage struct {
	CasePage
	Review *privacy.Review
	Open   []export.Suggestion // that nobody has decided
}

// TalkPage is one page of a conversation.
type TalkPage struct {
	ReviewPage
	Talk, Page int // from 0
	Messages   []export.ReadMessage
	Delivered  bool // as the person gets it
}

// TalkPages is how many pages a conversation has.
func TalkPages(t export.Talk) int {
	return max(1, (t.Messages+export.PageMessages-1)/export.PageMessages)
}

// MarkID names a mark in a form: message, text and place.
func MarkID(page, message, text int, v privacy.Verdict) string {
	return fmt.Sprintf("%d.%d.%d-%d", page*export.PageMessages+message, text, v.Start, v.End)
}

// Decided reads from a form what became of a mark; "" where it is as the page
// showed it.
func Decided(form url.Values, id string, v privacy.Verdict) privacy.RulingAct {
	if act := privacy.RulingAct(form.Get("d-" + id)); act == privacy.ActHide || act == privacy.ActKeep {
		return act
	}
	was := form.Get("was-" + id)
	switch hidden := slices.Contains(form["rx"], id); {
	case was == string(export.MarkHidden) && !hidden:
		return privacy.ActKeep
	case was == string(export.MarkKept) && hidden:
		return privacy.ActHide
	}
	return ""
}

// canRule says whether a member may decide here and now.
func (p ReviewPage) canRule(f Frame) bool {
	return staged(p.Case) && !proposed(p.Case) && f.Member.Can(staff.PlanPropose) && f.Member.Can(staff.ContentRead)
}

func (p ReviewPage) version() string { return strconv.Itoa(p.Case.Redaction.Version) }

// since counts the rulings that the package was made without.
func (p ReviewPage) since() int64 {
	return int64(p.Case.Redaction.Version - p.Case.Proposal.Redaction)
}

// talkLine is one conversation of the list.
type talkLine struct {
	export.Talk
	N    int // from 1
	Open int // suggestions now
	Page int // of the first of them, from 1
}

// lines lists the conversations, those with something to decide first.
func (p ReviewPage) lines() []talkLine {
	out := make([]talkLine, len(p.Review.Talks))
	for i, t := range p.Review.Talks {
		out[i] = talkLine{Talk: t, N: i + 1, Page: 1}
	}
	for _, o := range slices.Backward(p.Open) {
		out[o.Talk].Open++
		out[o.Talk].Page = o.Page() + 1
	}
	slices.SortStableFunc(out, func(a, b talkLine) int { return cmp.Compare(min(b.Open, 1), min(a.Open, 1)) })
	return out
}

// shownOpen is how many suggestions the list names one by one.
const shownOpen = 50

func openHref(ref string, o export.Suggestion) string {
	return link.DeskTalk(ref, o.Talk+1, o.Page()+1, false) + "#" + messageID(o.Message)
}

func messageID(n int) string { return "m" + strconv.Itoa(n) }

func inLanguage(ctx context.Context, t datamap.Text) string { return t.In(string(lang.From(ctx))) }

// talkTitle names a conversation: what its rows are, and its number.
func talkTitle(ctx context.Context, t export.Talk, n int) string {
	return lang.T(ctx, "redaction.talk", "Title", inLanguage(ctx, t.Title), "N", lang.Number(ctx, int64(n)))
}

// moment reads a time as the store wrote it.
func moment(at string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999", "2006-01-02"} {
		if t, err := time.Parse(layout, at); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func talkPeriod(ctx context.Context, t export.Talk) string {
	first, ok := moment(t.First)
	last, also := moment(t.Last)
	if !ok || !also {
		return "–"
	}
	if first.After(last) {
		first, last = last, first
	}
	if from, until := lang.Date(ctx, first), lang.Date(ctx, last); from != until {
		return lang.T(ctx, "redaction.period", "From", from, "Until", until)
	}
	return lang.Date(ctx, first)
}

// bubble is one message as the page shows it.
type bubble struct {
	ID    string
	Day   string // where a new day begins
	Who   string // and when
	Out   bool   // somebody else's words
	Texts []bubbleText
}

type bubbleText struct {
	Label  string // where the message has several values
	Pieces []piece
}

// piece is text, or a mark over it.
type piece struct {
	Text string
	Mark *rx
}

// rx is a mark in a text.
type rx struct {
	ID      string
	State   export.MarkState
	Tag     string
	Fixed   bool // nothing to decide here: never disclosed, or words as a whole
	Checked bool // hidden, as typed
	Chosen  string
}

func (p TalkPage) bubbles(ctx context.Context, may bool) []bubble {
	out := make([]bubble, 0, len(p.Messages))
	day := ""
	for i, m := range p.Messages {
		b := bubble{ID: messageID(p.Page*export.PageMessages + i), Who: p.wrote(ctx, m.Author), Out: m.Author != export.BySubject}
		if at, ok := moment(m.At); ok {
			if d := lang.Weekday(ctx, at); d != day {
				b.Day, day = d, d
			}
			b.Who += ", " + lang.Clock(ctx, at)
		}
		for j, t := range m.Texts {
			b.Texts = append(b.Texts, p.text(ctx, i, j, t, inLanguage(ctx, m.Titles[j]), len(m.Texts) > 1 || t.Path != "", may))
		}
		out = append(out, b)
	}
	return out
}

func (p TalkPage) wrote(ctx context.Context, author int) string {
	switch author {
	case export.BySubject:
		return firstName(ctx, p.Case.Request)
	case export.ByOther:
		return lang.T(ctx, "redaction.by.other")
	}
	return lang.T(ctx, "redaction.by.unknown")
}

func (p TalkPage) text(ctx context.Context, message, n int, t export.SheetText, title string, label, may bool) bubbleText {
	var b bubbleText
	if label {
		b.Label = title
		if t.Path != "" {
			b.Label += ", " + t.Path
		}
	}
	if p.Delivered {
		b.Pieces = []piece{{Text: t.Delivered()}}
		return b
	}
	at := 0
	for _, v := range p.Review.Verdicts(p.Review.Talks[p.Talk].Key, t) {
		if v.Start > at {
			b.Pieces = append(b.Pieces, piece{Text: t.Text[at:v.Start]})
		}
		at = v.End
		b.Pieces = append(b.Pieces, piece{Text: t.Text[v.Start:v.End], Mark: p.mark(ctx, MarkID(p.Page, message, n, v), t, v, may)})
	}
	if at < len(t.Text) {
		b.Pieces = append(b.Pieces, piece{Text: t.Text[at:]})
	}
	return b
}

func (p TalkPage) mark(ctx context.Context, id string, t export.SheetText, v privacy.Verdict, may bool) *rx {
	x := &rx{ID: id, State: v.State, Tag: lang.T(ctx, "redaction.kind."+string(v.Kind)), Fixed: v.Never || t.Sum == "" || !may, Checked: v.State == export.MarkHidden}
	if v.Never {
		x.Tag = lang.T(ctx, "redaction.never", "Kind", x.Tag)
	} else if v.State == export.MarkHidden && v.Who != "" {
		x.Tag += ", " + p.Review.As(v.Who)
	}
	if form := p.Form.Values; len(form) > 0 && !x.Fixed { // as it was typed
		x.Chosen = form.Get("d-" + id)
		if form.Has("was-" + id) {
			x.Checked = slices.Contains(form["rx"], id)
		}
	}
	return x
}

// reasons are the options of every form that decides.
func reasons(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "redaction.reason.choose")}}
	for _, r := range privacy.RulingReasons {
		out = append(out, ui.Option{Value: r, Label: lang.T(ctx, "redaction.reason."+r)})
	}
	return out
}

func wordKinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range privacy.WordKinds {
		out = append(out, ui.Option{Value: k, Label: lang.T(ctx, "redaction.kind."+k)})
	}
	return out
}

// why is the reason that the form shows: as typed, else the one that was last
// given in this conversation.
func (p TalkPage) why() string {
	if p.Form.Values.Has("why") {
		return p.Form.Value("why")
	}
	for _, u := range slices.Backward(p.rulings()) {
		return u.Reason
	}
	return ""
}

// rulings are those that stand and touch the conversation, the last one first.
func (p TalkPage) rulings() []privacy.Ruling {
	key := p.Review.Talks[p.Talk].Key
	var out []privacy.Ruling
	for _, u := range slices.Backward(privacy.Standing(p.Case.Redaction.Rulings)) {
		if u.Talk == key || u.Talk == "" && (u.Sort == privacy.RuleWords || u.Who == privacy.Everybody) {
			out = append(out, u)
		}
	}
	return out
}

// shownRulings is how many rulings a page lists.
const shownRulings = 30

// rulingWords says what a ruling did.
func (p ReviewPage) rulingWords(ctx context.Context, u privacy.Ruling) string {
	key := "redaction.did." + string(u.Sort) + "." + string(u.Act)
	switch u.Sort {
	case privacy.RuleWords:
		return lang.T(ctx, key, "Words", p.Review.Words()[u.ID])
	case privacy.RulePerson:
		if u.Who == privacy.Everybody {
			return lang.T(ctx, "redaction.did.rest")
		}
		return lang.T(ctx, key, "Who", p.personLabel(u.Who))
	}
	return lang.T(ctx, key)
}

func (p ReviewPage) personLabel(who string) string {
	for _, x := range p.Review.People {
		if x.Who == who {
			return x.Label
		}
	}
	return "–"
}

// asked says whether anything in the conversation is to be decided.
func (p TalkPage) asked() bool {
	return slices.ContainsFunc(p.Open, func(o export.Suggestion) bool { return o.Talk == p.Talk })
}

// standing lists the rulings that nobody has undone, of some sorts, the last one
// first.
func (p ReviewPage) standing(sorts ...privacy.RulingSort) []privacy.Ruling {
	var out []privacy.Ruling
	for _, u := range slices.Backward(privacy.Standing(p.Case.Redaction.Rulings)) {
		if slices.Contains(sorts, u.Sort) {
			out = append(out, u)
		}
	}
	return out
}

// handedOver says what becomes of a file under the rulings that stand now.
func (p ReviewPage) handedOver(f export.SheetFile) bool {
	switch p.Review.File(f.Place) {
	case privacy.ActKeep:
		return true
	case privacy.ActHide:
		return false
	}
	return f.Own
}

// suggested is how many suggestions the staged package was made with that nobody
// had decided.
func suggested(c privacy.Case) int {
	if c.Redaction.Totals == nil {
		return 0
	}
	return c.Redaction.Totals.Open
}

// unready says that what is staged cannot be proposed: something is undecided, or
// decided and not in it yet.
func unready(c privacy.Case) bool { return c.Proposal.Undecided > 0 || !c.Fresh() }

// with puts the review's own facts beside the page.
func (p ReviewPage) with(beside templ.Component) CasePage {
	c := p.CasePage
	c.Beside = beside
	return c
}
