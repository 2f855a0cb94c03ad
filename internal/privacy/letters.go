package privacy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// CaseLetters are the letters that were written in a case, newest first, and
// what stands in the way of the answer.
type CaseLetters struct {
	Letters []LetterRow
	// Next is the letter that the case is about to get, or has not got yet; "" if
	// there is nothing to say now.
	Next letter.Kind
	// Missing is what has to be there before that letter can be written.
	Missing []letter.Missing
	// Owed says that the case has moved on without it.
	Owed bool
}

// LetterRow is one letter as a list shows it.
type LetterRow struct {
	ID      uuid.UUID
	Kind    letter.Kind
	Lang    lang.Tag
	Edition int    // of the wording; 0 is the text that comes with the portal
	SHA256  string // of the PDF
	Author  string // "" if a machine wrote it
	At      time.Time
}

// LetterForm is one of the forms in which a letter is kept.
type LetterForm string

const (
	LetterHTML LetterForm = "html"
	LetterPDF  LetterForm = "pdf"
	LetterText LetterForm = "txt"
)

// LetterForms are all of them.
var LetterForms = []LetterForm{LetterHTML, LetterPDF, LetterText}

// KeptLetter is one form of a letter, as it was handed over.
type KeptLetter struct {
	LetterRow
	Form  LetterForm
	Bytes []byte
}

// compose writes a letter, keeps it with the case and queues the mail that says
// that it is there; the mail has no word of it. What only the caller knows is in
// f, what the case tells is filled in. r is as it will be once the transaction
// commits. A letter that would have a hole is a Conflict that names what is
// missing, and nothing is written.
func (o *Office) compose(ctx context.Context, tx pgx.Tx, by audit.Actor, r Request, kind letter.Kind, f letter.Facts) error {
	l, err := o.build(ctx, queries.New(tx), r, kind, f)
	if err != nil {
		return err
	}
	if o.try != nil {
		*o.try = l
		return ErrRehearsed
	}
	id, err := o.keepLetter(ctx, tx, by, r, l)
	if err != nil {
		return err
	}
	return o.write(ctx, tx, r, o.announces(r, l.Kind, id, f))
}

// ErrRehearsed ends what was only tried: nothing of it stays.
var ErrRehearsed = errors.New("a letter was rehearsed")

// Rehearse gives an office in which whatever writes a letter stops there, with
// ErrRehearsed: everything before it is checked as always, the letter is l, and
// nothing is changed.
func (o *Office) Rehearse(l *letter.Letter) *Office {
	c := *o
	c.try = l
	return &c
}

// build makes the letter from the case, the caller's facts and the wording that
// counts now.
func (o *Office) build(ctx context.Context, q *queries.Queries, r Request, kind letter.Kind, f letter.Facts) (letter.Letter, error) {
	f = o.commonFacts(r, f)
	// A refusal because somebody else decides is no refusal: it says who decides.
	if kind == letter.Refusal && len(f.Items) > 0 && !slices.ContainsFunc(f.Items, func(i letter.Item) bool { return i.Code != "NOT_CONTROLLER" }) {
		kind = letter.Redirected
	}
	words, err := wordingOf(ctx, q, r.Lang)
	if err != nil {
		return letter.Letter{}, err
	}
	l, err := letter.Build(kind, f, words)
	if missing, ok := errors.AsType[*letter.Incomplete](err); ok {
		return l, incomplete(ctx, missing)
	}
	return l, err
}

// incomplete tells staff what is missing.
func incomplete(ctx context.Context, e *letter.Incomplete) error {
	var words []string
	for _, b := range e.Blocks() {
		words = append(words, lang.T(ctx, "letters.missing."+b))
	}
	return fault.New(fault.Conflict, "letters.incomplete."+string(e.Kind), "Blocks", strings.Join(words, "; ")).Because(e)
}

// commonFacts fills in what the case and the house tell about every letter.
func (o *Office) commonFacts(r Request, f letter.Facts) letter.Facts {
	f.House = o.house()
	f.Page = o.outbox.Absolute(link.MyRequest(string(r.Ref)))
	f.Complain = o.outbox.Absolute(link.Complaint)
	f.Ref, f.Law, f.Right, f.Name, f.Lang = string(r.Ref), r.Law, string(r.Kind), r.Name, r.Lang
	f.Received, f.Made, f.AtOnce = r.ReceivedAt, o.now(), r.Kind.AtOnce()
	if f.Due.IsZero() {
		f.Due = r.DueAt
	}
	return f
}

// house is who answers.
func (o *Office) house() letter.House {
	h := o.set.House
	if h.Operator == "" {
		h.Operator = o.outbox.Operator
	}
	return h
}

// announces picks the mail that says that a letter is there: one event, one mail.
func (o *Office) announces(r Request, kind letter.Kind, id uuid.UUID, f letter.Facts) mail.Letter {
	ref := string(r.Ref)
	page := link.MyRequest(ref)
	switch {
	case kind == letter.Acknowledgement:
		return mail.RequestReceived{Ref: ref, Path: page, Due: r.DueAt, AtOnce: r.Kind.AtOnce()}
	case !kind.Decides() || kind == letter.AppealDecided:
	case r.State == Rejected:
		return mail.Refused{Ref: ref, Path: page}
	case r.State == Ready:
		return mail.Ready{Ref: ref, Path: link.MyData(ref), Until: f.Until}
	case r.Outcome == Erased:
		return mail.Deleted{Ref: ref, Path: page}
	case r.Outcome == NothingFound:
		return mail.NothingFound{Ref: ref, Path: page}
	case slices.Contains(mail.Outcomes, string(r.Outcome)):
		return mail.Done{What: string(r.Outcome), Ref: ref, Path: page}
	}
	return o.letterReady(r, id)
}

func (o *Office) letterReady(r Request, id uuid.UUID) mail.Letter {
	return mail.LetterReady{Ref: string(r.Ref), Path: link.MyLetter(string(r.Ref), id.String(), "")}
}

// keepLetter writes the three forms and keeps their very bytes, sealed.
func (o *Office) keepLetter(ctx context.Context, tx pgx.Tx, by audit.Actor, r Request, l letter.Letter) (uuid.UUID, error) {
	id := uuid.New()
	html, err := l.HTML()
	if err != nil {
		return id, err
	}
	pdf, err := l.PDF()
	if err != nil {
		return id, err
	}
	p := queries.AddCaseLetterParams{ID: id, RequestID: r.ID, Kind: string(l.Kind), Lang: string(l.Lang), Edition: int32(l.Edition)}
	for _, form := range []struct {
		name   LetterForm
		bytes  []byte
		sealed *[]byte
		sum    *string
	}{{LetterHTML, html, &p.Html, &p.HtmlSha256}, {LetterText, l.PlainText(), &p.Plain, &p.PlainSha256}, {LetterPDF, pdf, &p.Pdf, &p.PdfSha256}} {
		if *form.sealed, err = o.outbox.Seal(letterPlace(id, form.name), form.bytes); err != nil {
			return id, fmt.Errorf("seal a letter of %s: %w", r.Ref, err)
		}
		sum := sha256.Sum256(form.bytes)
		*form.sum = hex.EncodeToString(sum[:])
	}
	if by.Kind == audit.StaffActor {
		who, err := uuid.Parse(by.ID)
		if err != nil {
			return id, fmt.Errorf("read who writes a letter of %s: %w", r.Ref, err)
		}
		p.StaffID, p.Author = &who, by.Label
	}
	if err := queries.New(tx).AddCaseLetter(ctx, p); err != nil {
		return id, fmt.Errorf("keep a letter of %s: %w", r.Ref, err)
	}
	return id, o.note(ctx, tx, by, r, "letter.written", map[string]any{"kind": string(l.Kind), "letter": id.String(), "sha256": p.PdfSha256, "edition": l.Edition})
}

// letterPlace binds a sealed form to its row and column.
func letterPlace(id uuid.UUID, form LetterForm) string {
	return "case letter/" + id.String() + "/" + string(form)
}

func (o *Office) lettersOf(ctx context.Context, id ID) ([]LetterRow, error) {
	rows, err := queries.New(o.db).CaseLettersOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	out := make([]LetterRow, len(rows))
	for i, w := range rows {
		out[i] = LetterRow{ID: w.ID, Kind: letter.Kind(w.Kind), Lang: lang.Tag(w.Lang), Edition: int(w.Edition), SHA256: w.PdfSha256, Author: w.Author, At: w.MadeAt}
	}
	return out, nil
}

func (o *Office) loadLetters(ctx context.Context, r Request, c *Case) (err error) {
	if c.Sent.Letters, err = o.lettersOf(ctx, r.ID); err != nil {
		return err
	}
	return o.loadNext(ctx, r, c)
}

// letterOf opens one form of a letter of a request.
func (o *Office) letterOf(ctx context.Context, r Request, id uuid.UUID, form LetterForm) (KeptLetter, error) {
	row, err := queries.New(o.db).CaseLetter(ctx, queries.CaseLetterParams{ID: id, RequestID: r.ID, Form: string(form)})
	if errors.Is(err, pgx.ErrNoRows) || !slices.Contains(LetterForms, form) {
		return KeptLetter{}, fault.New(fault.NotFound, "letters.none")
	}
	if err != nil {
		return KeptLetter{}, fmt.Errorf("read a letter of %s: %w", r.Ref, err)
	}
	k := KeptLetter{LetterRow: LetterRow{ID: id, Kind: letter.Kind(row.Kind), Lang: lang.Tag(row.Lang), Edition: int(row.Edition), SHA256: row.Sha256, Author: row.Author, At: row.MadeAt}, Form: form}
	if k.Bytes, err = o.outbox.Open(letterPlace(id, form), row.Sealed); err != nil {
		return KeptLetter{}, fmt.Errorf("open a letter of %s: %w", r.Ref, err)
	}
	if sum := sha256.Sum256(k.Bytes); hex.EncodeToString(sum[:]) != row.Sha256 {
		return KeptLetter{}, fmt.Errorf("a letter of %s is not what was kept", r.Ref)
	}
	return k, nil
}

// MyLetters lists the letters of the person's own request.
func (o *Office) MyLetters(ctx context.Context, email string, ref Ref) ([]LetterRow, error) {
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return nil, err
	}
	return o.lettersOf(ctx, r.ID)
}

// MyLetter gives the person a letter of their own request; somebody else's is as
// absent as one that never was.
func (o *Office) MyLetter(ctx context.Context, email string, ref Ref, id uuid.UUID, form LetterForm) (KeptLetter, error) {
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return KeptLetter{}, err
	}
	return o.letterOf(ctx, r, id, form)
}

// DeskLetter gives staff a letter of a case.
func (o *Office) DeskLetter(ctx context.Context, by staff.Member, ref Ref, id uuid.UUID, form LetterForm) (KeptLetter, error) {
	if err := may(by, staff.RequestRead); err != nil {
		return KeptLetter{}, err
	}
	row, err := queries.New(o.db).RequestByRef(ctx, string(ref))
	if errors.Is(err, pgx.ErrNoRows) {
		return KeptLetter{}, fault.New(fault.NotFound, "error.no_request")
	}
	if err != nil {
		return KeptLetter{}, fmt.Errorf("read a request: %w", err)
	}
	r, err := fromRefRow(row)
	if err != nil {
		return KeptLetter{}, err
	}
	return o.letterOf(ctx, r, id, form)
}
