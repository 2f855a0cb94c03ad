package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// Grievance is a complaint as somebody types it who may not be signed in.
type Grievance struct {
	Name    string
	Email   string
	Country string
	Ref     string // of the request that it is about, if they name one
	Words   string
	Lang    lang.Tag
	Draft   string // as of a Submission
}

// Grieves says that a kind is a complaint or an appeal: somebody decides about
// it, and nothing is looked for.
func (k Kind) Grieves() bool { return k == Complaint || k == Appeal }

// decided says that there is an answer that one can be against.
func (r Request) decided() bool {
	switch r.State {
	case Rejected, Ready:
		return true
	case Closed:
		return r.Outcome != Withdrawn
	}
	return false
}

// grievance is what somebody files about a request: an appeal against a decision
// where the law knows one, else a complaint. "" if they cannot yet.
func (o *Office) grievance(r Request) Kind {
	switch {
	case r.VerifiedAt == nil || r.State == Lapsed:
		return ""
	case r.decided() && !r.Kind.Grieves() && law.For(r.Law).Appeal.Period.N > 0:
		return Appeal
	}
	return Complaint
}

// CheckGrievance says what is missing in a complaint.
func (o *Office) CheckGrievance(g Grievance) error {
	f := fault.Fields{}
	needed(f, "name", g.Name, MaxName, "error.field.name_missing")
	if strings.TrimSpace(g.Email) == "" {
		f.Add("email", "error.field.email_missing")
	} else if _, err := mail.ParseAddress(g.Email); err != nil {
		f.Add("email", "error.field.email_wrong")
	}
	if !slices.ContainsFunc(law.Places(), func(p law.Place) bool { return p.Code == g.Country }) {
		f.Add("country", "error.field.country_missing")
	}
	needed(f, "words", g.Words, MaxMessage, "error.field.complaint_words")
	return f.Err()
}

// Complain takes a complaint by the form. Like a request it counts from now and
// waits until the address is proved. A reference binds it where the request is of
// the same address; whether it is, nobody learns here.
func (o *Office) Complain(ctx context.Context, g Grievance) error {
	if err := o.CheckGrievance(g); err != nil {
		return err
	}
	address, err := mail.ParseAddress(g.Email)
	if err != nil {
		return fmt.Errorf("address passed the check and does not parse: %w", err)
	}
	if err := o.throttle.Allow(ctx, "submit", address, auth.Limit{Burst: 10, Per: 24 * time.Hour}); err != nil {
		return err
	}
	kind, code := Complaint, law.For(g.Country).Code
	var about *Request
	r, err := own(ctx, queries.New(o.db), address, Ref(strings.ToUpper(strings.TrimSpace(g.Ref))))
	if err == nil && r.VerifiedAt != nil {
		about, kind, code = &r, o.grievance(r), r.Law
	} else if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	s := Submission{Kind: kind, Relation: Visitor, Name: strings.TrimSpace(g.Name), Email: address, Country: g.Country, Details: strings.TrimSpace(g.Words), Lang: g.Lang, Draft: g.Draft}
	return o.again(func() error {
		return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
			r, err := o.file(ctx, tx, s, code, about)
			if err != nil || r.ID == uuid.Nil { // a double click
				return err
			}
			return o.sendConfirmation(ctx, tx, r)
		})
	})
}

// again draws another reference where one was given out already.
func (o *Office) again(do func() error) error {
	for try := 0; ; try++ {
		err := do()
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.ConstraintName != "requests_ref_key" || try == 3 {
			return err
		}
	}
}

// file opens a complaint or an appeal; the zero Request if this draft has one.
func (o *Office) file(ctx context.Context, tx pgx.Tx, s Submission, code string, about *Request) (Request, error) {
	answers, err := json.Marshal(s)
	if err != nil {
		return Request{}, fmt.Errorf("write answers: %w", err)
	}
	now := o.now()
	d := o.opening(code, s.Kind, now)
	p := queries.InsertGrievanceParams{Ref: newRef(), Kind: string(s.Kind), Relation: string(s.Relation), Name: s.Name, Email: s.Email, Country: s.Country, Lang: string(s.Lang),
		Law: code, Answers: answers, Draft: draftHash(s.Draft), ReceivedAt: now, DueAt: d.Due(),
		EarliestAt: date(d.Earliest), LegalDueAt: date(d.LegalDue), TargetAt: date(d.Target), AckDueAt: date(d.AckDue), NoticeBy: date(d.NoticeBy)}
	detail := map[string]any{"kind": string(s.Kind), "law": code}
	if about != nil {
		p.About, detail["about"] = &about.ID, string(about.Ref)
	}
	row, err := queries.New(tx).InsertGrievance(ctx, p)
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{}, nil
	}
	if err != nil {
		return Request{}, fmt.Errorf("file a complaint: %w", err)
	}
	r, err := fromRow(row)
	if err != nil {
		return Request{}, err
	}
	return r, o.note(ctx, tx, subject(r), r, "request.received", detail)
}

// FileAbout takes a complaint or an appeal from the page of a request: who is
// there has proved the address. One that is open is not filed twice.
func (o *Office) FileAbout(ctx context.Context, email string, ref Ref, words string) (filed Request, err error) {
	f := fault.Fields{}
	needed(f, "words", words, MaxMessage, "error.field.complaint_words")
	if err := f.Err(); err != nil {
		return Request{}, err
	}
	known, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return Request{}, err
	}
	if err := o.throttle.Allow(ctx, "submit", email, auth.Limit{Burst: 10, Per: 24 * time.Hour}); err != nil {
		return Request{}, err
	}
	err = o.again(func() error {
		return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
			about, err := o.lock(ctx, tx, known.ID)
			if err != nil {
				return err
			}
			kind := o.grievance(about)
			if kind == "" {
				return fault.New(fault.Conflict, "error.wrong_state")
			}
			if open, err := o.openGrievance(ctx, queries.New(tx), about); err != nil || open.ID != uuid.Nil {
				filed = open
				return err
			}
			s := about.Answers
			s.Kind, s.Details, s.Draft, s.Corrections, s.Purposes, s.Categories = kind, strings.TrimSpace(words), "", nil, nil, nil
			s.Relation, s.Name, s.Email, s.Country, s.Lang = about.Relation, about.Name, about.Email, about.Country, about.Lang
			if filed, err = o.file(ctx, tx, s, about.Law, &about); err != nil {
				return err
			}
			return o.proved(ctx, tx, &filed, about)
		})
	})
	return filed, err
}

// proved takes the proof of the address over from the request that it is about,
// and acknowledges.
func (o *Office) proved(ctx context.Context, tx pgx.Tx, r *Request, about Request) error {
	now := o.now()
	if err := queries.New(tx).SetVerified(ctx, queries.SetVerifiedParams{ID: r.ID, VerifiedAt: &now}); err != nil {
		return fmt.Errorf("take over the proof of %s: %w", about.Ref, err)
	}
	r.VerifiedAt = &now
	if err := o.move(ctx, tx, subject(*r), r, change{to: Verified, detail: map[string]any{"about": string(about.Ref)}}); err != nil {
		return err
	}
	return o.compose(ctx, tx, system, *r, letter.Acknowledgement, letter.Facts{})
}

// openGrievance is the one about a request that is not decided yet.
func (o *Office) openGrievance(ctx context.Context, q *queries.Queries, about Request) (Request, error) {
	all, err := o.aboutOf(ctx, q, about.ID)
	if err != nil {
		return Request{}, err
	}
	for _, r := range all {
		if r.Kind.Grieves() && r.State == Verified {
			return r, nil
		}
	}
	return Request{}, nil
}
