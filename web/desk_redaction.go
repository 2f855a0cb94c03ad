package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// deskRedaction is the review of a package.
var deskRedaction = []deskRoute{
	{"GET", deskRef + "/redaction", staff.RequestRead, false, "", (*Server).redaction},
	{"GET", deskRef + "/redaction/people", staff.ContentRead, false, "", (*Server).redactionPeople},
	{"POST", deskRef + "/redaction/people", staff.ContentRead, false, "redaction", (*Server).rulePerson},
	{"GET", deskRef + "/redaction/files", staff.ContentRead, false, "", (*Server).redactionFiles},
	{"POST", deskRef + "/redaction/files", staff.ContentRead, false, "redaction", (*Server).ruleFile},
	{"POST", deskRef + "/redaction/undo", staff.ContentRead, false, "redaction", (*Server).undoRuling},
	{"POST", deskRef + "/redaction/finish", staff.ContentRead, false, "redaction", (*Server).finishReview},
	{"GET", deskRef + "/redaction/:talk", staff.ContentRead, false, "", (*Server).talk},
	{"POST", deskRef + "/redaction/:talk", staff.ContentRead, false, "redaction", (*Server).ruleTalk},
}

// reviewed is a case with its sheets open, for whoever gave a reason to read them.
type reviewed struct {
	privacy.Case
	*privacy.Review
	open []export.Suggestion
}

// review opens the sheets of a case's package. A nil review with no error is an
// answer that was given already.
func (s *Server) review(c echo.Context, v *visit) (*reviewed, error) {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return nil, err
	}
	if cs.Redaction.Totals == nil || cs.Proposal.Package.Gone() {
		return nil, fault.New(fault.NotFound, "error.no_package")
	}
	if err := privacy.MayReview(v.by, cs.Request); err != nil {
		return nil, err
	}
	if ok, err := s.contentReason(c, v, cs); !ok {
		return nil, err
	}
	sheets, err := s.Vault.OpenSheets(c.Request().Context(), cs.Proposal.ID, cs.Proposal.Package)
	if err != nil {
		return nil, err
	}
	r := &reviewed{Case: cs}
	about := privacy.WordsAbout(cs.Request)
	r.Review, err = privacy.NewReview(sheets, cs.Redaction.Rulings, func(sealed []byte) ([]byte, error) { return s.Vault.OpenNote(about, sealed) })
	if err == nil {
		r.open, err = r.Undecided()
	}
	if err != nil {
		sheets.Close()
		return nil, err
	}
	return r, nil
}

// redaction is the list of conversations; without the right to read content,
// only how far the review is.
func (s *Server) redaction(c echo.Context, v *visit) error {
	cs, err := s.caseOf(c, v)
	if err != nil {
		return err
	}
	if cs.Redaction.Totals == nil || cs.Proposal.Package.Gone() || !v.by.Can(staff.ContentRead) {
		return s.showCase(c, v, cs, "redaction", v.takeKept(c.Request().URL.Path), http.StatusOK)
	}
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	return s.showReview(c, v, r, "", views.Form{}, http.StatusOK)
}

func (s *Server) showReview(c echo.Context, v *visit, r *reviewed, part string, form views.Form, status int) error {
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	p := views.ReviewPage{CasePage: views.CasePage{Case: r.Case, Tab: "redaction", Form: form}, Review: r.Review, Open: r.open}
	switch part {
	case "people":
		return render(c, status, views.RedactionPeople(frame, p))
	case "files":
		return render(c, status, views.RedactionFiles(frame, p))
	}
	return render(c, status, views.RedactionList(frame, p))
}

func (s *Server) redactionPeople(c echo.Context, v *visit) error { return s.reviewPart(c, v, "people") }
func (s *Server) redactionFiles(c echo.Context, v *visit) error  { return s.reviewPart(c, v, "files") }

func (s *Server) reviewPart(c echo.Context, v *visit, part string) error {
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	return s.showReview(c, v, r, part, views.Form{}, http.StatusOK)
}

// talk shows a page of a conversation.
func (s *Server) talk(c echo.Context, v *visit) error {
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	return s.showTalk(c, v, r, views.Form{}, http.StatusOK)
}

// place reads which conversation and page of it are meant, both from 0.
func (r *reviewed) place(c echo.Context) (talk, page int, err error) {
	talk, err = strconv.Atoi(c.Param("talk"))
	if err != nil || talk < 1 || talk > len(r.Talks) {
		return 0, 0, fault.New(fault.NotFound, "redaction.error.no_talk")
	}
	talk--
	at := c.QueryParam("page")
	if c.Request().Method == http.MethodPost {
		at = text(c, "page")
	}
	if page, err = strconv.Atoi(at); err != nil || page < 1 {
		page = 1
	}
	pages := views.TalkPages(r.Talks[talk])
	return talk, min(page, pages) - 1, nil
}

func (s *Server) showTalk(c echo.Context, v *visit, r *reviewed, form views.Form, status int) error {
	talk, page, err := r.place(c)
	if err != nil {
		return err
	}
	frame, err := s.deskFrame(c, v, nil)
	if err != nil {
		return err
	}
	messages, err := r.Review.Messages(talk, page*export.PageMessages, export.PageMessages)
	if err != nil {
		return err
	}
	p := views.TalkPage{ReviewPage: views.ReviewPage{CasePage: views.CasePage{Case: r.Case, Tab: "redaction", Form: form}, Review: r.Review, Open: r.open},
		Talk: talk, Page: page, Messages: messages, Delivered: c.QueryParam("view") == "delivered" && c.Request().Method == http.MethodGet}
	return render(c, status, views.RedactionTalk(frame, p))
}

// seen is the last ruling that the page of a form knew.
func seen(c echo.Context) int {
	n, err := strconv.Atoi(text(c, "version"))
	if err != nil {
		return -1 // a version that never was: the page is too old
	}
	return n
}

// ruleTalk takes what staff decided on a page of a conversation.
func (s *Server) ruleTalk(c echo.Context, v *visit) error {
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	talk, page, err := r.place(c)
	if err != nil {
		return err
	}
	rulings, err := s.ruledOn(c, r, talk, page)
	if err == nil && len(rulings) > 0 {
		err = s.Office.Rule(c.Request().Context(), v.by, r.Request.ID, text(c, "hash"), seen(c), rulings)
	}
	if err != nil {
		return s.talkAgain(c, v, err)
	}
	flash := lang.N(c.Request().Context(), "redaction.saved", int64(len(rulings)))
	return s.done(c, v, r.after(c, talk, page), flash)
}

// talkAgain shows a form that could not be taken, with what was typed, on what
// stands now.
func (s *Server) talkAgain(c echo.Context, v *visit, cause error) error {
	kind := fault.KindOf(cause)
	if kind != fault.Invalid && kind != fault.Conflict && kind != fault.Forbidden {
		return cause
	}
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	return s.showTalk(c, v, r, formOf(c, cause), statusOf[kind])
}

// ruledOn makes rulings of what a page of a conversation sent: the marks that are
// not as the page showed them, and the words that were typed.
func (s *Server) ruledOn(c echo.Context, r *reviewed, talk, page int) ([]privacy.Ruling, error) {
	messages, err := r.Review.Messages(talk, page*export.PageMessages, export.PageMessages)
	if err != nil {
		return nil, err
	}
	form, why, key := c.Request().PostForm, text(c, "why"), r.Talks[talk].Key
	f, before := fault.Fields{}, len(r.open)
	var out []privacy.Ruling
	for i, m := range messages {
		for j, t := range m.Texts {
			for _, mark := range r.Verdicts(key, t) {
				act := views.Decided(form, views.MarkID(page, i, j, mark), mark)
				if act == "" || mark.Never || t.Sum == "" {
					continue
				}
				u := privacy.Ruling{Sort: privacy.RuleMark, Act: act, Talk: key, Place: t.Place, Start: mark.Start, End: mark.End, Digest: t.Sum, Reason: why}
				if mark.State == export.MarkOpen {
					u.Settled = 1
				}
				out = append(out, u)
			}
		}
	}
	if words := text(c, "add"); words != "" && text(c, "go") == "add" {
		u := privacy.Ruling{Sort: privacy.RuleWords, Act: privacy.ActHide, Talk: key, What: text(c, "what"), Reason: why}
		scope := talk
		if text(c, "everywhere") != "" {
			u.Talk, scope = "", -1
		}
		if err := s.wordsFit(f, r, scope, words); err != nil {
			return nil, err
		}
		if u.Settled, err = r.Settles(before, u, words); err != nil {
			return nil, err
		}
		if u.Words, err = s.Vault.SealNote(privacy.WordsAbout(r.Request), []byte(words)); err != nil {
			return nil, err
		}
		out = append(out, u)
	} else if text(c, "go") == "add" {
		f.Add("add", "redaction.error.words_missing")
	}
	if text(c, "go") == "rest" {
		u := privacy.Ruling{Sort: privacy.RulePerson, Act: privacy.ActHide, Who: privacy.Everybody, Talk: key, Reason: why}
		if u.Settled, err = r.Settles(before, u, ""); err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	if len(out) > 0 && !slices.Contains(privacy.RulingReasons, why) {
		f.Add("why", "redaction.error.reason")
	}
	return out, f.Err()
}

// Words that are hidden have some length, and stand somewhere.
const (
	minWords = 2
	maxWords = 200
)

func (s *Server) wordsFit(f fault.Fields, r *reviewed, talk int, words string) error {
	if n := utf8.RuneCountInString(words); n < minWords || n > maxWords {
		f.Add("add", "redaction.error.words_length", "Least", minWords, "Most", maxWords)
		return nil
	}
	there, err := r.Holds(talk, words)
	if err == nil && !there {
		f.Add("add", "redaction.error.words_absent")
	}
	return err
}

// after is where staff go on.
func (r *reviewed) after(c echo.Context, talk, page int) string {
	ref := string(r.Request.Ref)
	switch text(c, "go") {
	case "next":
		if page+1 < views.TalkPages(r.Talks[talk]) {
			return link.DeskTalk(ref, talk+1, page+2, false)
		}
		if talk+1 < len(r.Talks) {
			return link.DeskTalk(ref, talk+2, 1, false)
		}
		return link.DeskRedaction(ref)
	case "close":
		return link.DeskRedaction(ref)
	}
	return link.DeskTalk(ref, talk+1, page+1, false)
}

// rule adds one ruling that a form of the review's other pages made.
func (s *Server) rule(c echo.Context, v *visit, part string, make func(*reviewed) (privacy.Ruling, error)) error {
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	ctx := c.Request().Context()
	u, err := make(r)
	if err == nil {
		err = s.Office.Rule(ctx, v.by, r.Request.ID, text(c, "hash"), seen(c), []privacy.Ruling{u})
	}
	if err == nil {
		back := link.DeskRedaction(string(r.Request.Ref))
		if part != "" {
			back = link.DeskRedactionPart(string(r.Request.Ref), part)
		}
		return s.done(c, v, back, lang.N(ctx, "redaction.saved", 1))
	}
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.Conflict && kind != fault.Forbidden {
		return err
	}
	form := formOf(c, err)
	again, err := s.review(c, v)
	if again == nil {
		return err
	}
	defer again.Close()
	return s.showReview(c, v, again, part, form, statusOf[kind])
}

// rulePerson hides or keeps everything of one other person.
func (s *Server) rulePerson(c echo.Context, v *visit) error {
	return s.rule(c, v, "people", func(r *reviewed) (u privacy.Ruling, err error) {
		u = privacy.Ruling{Sort: privacy.RulePerson, Act: privacy.RulingAct(text(c, "act")), Who: text(c, "who"), Reason: text(c, "why")}
		known := slices.ContainsFunc(r.People, func(p export.SheetPerson) bool { return p.Who == u.Who })
		if u.Who == privacy.Everybody { // what is left is hidden; to keep something one looks at it
			known = u.Act == privacy.ActHide
		}
		if !known || u.Act != privacy.ActHide && u.Act != privacy.ActKeep {
			return u, fault.New(fault.Conflict, "redaction.error.changed")
		}
		u.Settled, err = r.Settles(len(r.open), u, "")
		return u, err
	})
}

// ruleFile hands an attachment over, or holds it back.
func (s *Server) ruleFile(c echo.Context, v *visit) error {
	return s.rule(c, v, "files", func(r *reviewed) (privacy.Ruling, error) {
		u := privacy.Ruling{Sort: privacy.RuleFile, Act: privacy.RulingAct(text(c, "act")), Place: text(c, "place"), Reason: text(c, "why")}
		known := slices.ContainsFunc(r.Files, func(f export.SheetFile) bool { return f.Place == u.Place })
		if !known || u.Act != privacy.ActHide && u.Act != privacy.ActKeep {
			return u, fault.New(fault.Conflict, "redaction.error.changed")
		}
		return u, nil
	})
}

// undoRuling takes back a ruling, and goes back to where its button stood.
func (s *Server) undoRuling(c echo.Context, v *visit) error {
	id, err := uuid.Parse(text(c, "ruling"))
	r, failed := s.review(c, v)
	if r == nil {
		return failed
	}
	defer r.Close()
	ctx, ref := c.Request().Context(), string(r.Request.Ref)
	i := slices.IndexFunc(r.Redaction.Rulings, func(u privacy.Ruling) bool { return u.ID == id && !u.Undone && u.Sort != privacy.RuleUndo })
	if err != nil || i < 0 {
		err = fault.New(fault.Conflict, "redaction.error.changed")
	} else {
		u := r.Redaction.Rulings[i]
		err = s.Office.Rule(ctx, v.by, r.Request.ID, text(c, "hash"), seen(c), []privacy.Ruling{{Sort: privacy.RuleUndo, Talk: u.Talk, Undoes: &id}})
	}
	if kind := fault.KindOf(err); kind == fault.Conflict || kind == fault.Forbidden {
		return s.showReview(c, v, r, "", formOf(c, err), statusOf[kind])
	}
	if err != nil {
		return err
	}
	back := localPath(text(c, "back"))
	if !strings.HasPrefix(back, link.DeskRedaction(ref)) {
		back = link.DeskRedaction(ref)
	}
	return s.done(c, v, back, lang.T(ctx, "redaction.undone"))
}

// finishReview has the package made again, once every suggestion is decided.
func (s *Server) finishReview(c echo.Context, v *visit) error {
	r, err := s.review(c, v)
	if r == nil {
		return err
	}
	defer r.Close()
	ctx, ref := c.Request().Context(), string(r.Request.Ref)
	if n := len(r.open); n > 0 {
		// The page itself says how many, with a link to each.
		return s.showReview(c, v, r, "", views.Form{Name: "finish", Trouble: fault.Message{Key: "redaction.error.undecided"}}, http.StatusConflict)
	}
	err = s.Office.FinishReview(ctx, v.by, r.Request.ID, text(c, "hash"), seen(c))
	if kind := fault.KindOf(err); kind == fault.Conflict || kind == fault.Forbidden {
		return s.showReview(c, v, r, "", formOf(c, err), statusOf[kind])
	}
	if err != nil {
		return err
	}
	return s.done(c, v, link.DeskTab(ref, "data"), lang.T(ctx, "redaction.finished"))
}
