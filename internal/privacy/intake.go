package privacy

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/nyaruka/phonenumbers"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
)

// Check says what is wrong with one page of the form, as a fault with fields.
func (o *Office) Check(step Step, s Submission) error {
	f := fault.Fields{}
	switch step {
	case StepRight:
		if !slices.Contains(Kinds, s.Kind) {
			f.Add("kind", "error.field.kind_missing")
		}
	case StepYou:
		if !slices.Contains(Relations, s.Relation) {
			f.Add("relation", "error.field.relation_missing")
		}
		if s.Relation == Representative && strings.TrimSpace(s.Organization) == "" {
			f.Add("organization", "error.field.organization_missing")
		}
		tooLong(f, "organization", s.Organization, MaxName)
		tooLong(f, "business", s.Business, MaxName)
	case StepDetails:
		o.checkDetails(f, s)
	case StepScope:
		o.checkScope(f, s)
	}
	return f.Err()
}

func (o *Office) checkDetails(f fault.Fields, s Submission) {
	if strings.TrimSpace(s.Name) == "" {
		f.Add("name", "error.field.name_missing")
	}
	tooLong(f, "name", s.Name, MaxName)
	if strings.TrimSpace(s.Email) == "" {
		f.Add("email", "error.field.email_missing")
	} else if _, err := mail.ParseAddress(s.Email); err != nil {
		f.Add("email", "error.field.email_wrong")
	}
	if !slices.ContainsFunc(law.Places(), func(p law.Place) bool { return p.Code == s.Country }) {
		f.Add("country", "error.field.country_missing")
	}
	if s.Phone != "" {
		if _, err := parsePhone(s.Phone, s.Country); err != nil {
			f.Add("phone", "error.field.phone_wrong")
		}
	}
}

func (o *Office) checkScope(f fault.Fields, s Submission) {
	for _, c := range s.Categories {
		if !slices.Contains(o.set.Categories, c) {
			f.Add("categories", "error.field.category_unknown")
		}
	}
	from, okFrom := parseDay(s.From)
	until, okUntil := parseDay(s.Until)
	if !okFrom {
		f.Add("from", "error.field.from_wrong")
	}
	if !okUntil {
		f.Add("until", "error.field.until_wrong")
	}
	if okFrom && okUntil && s.From != "" && s.Until != "" && until.Before(from) {
		f.Add("until", "error.field.dates_reversed")
	}
	tooLong(f, "details", s.Details, MaxDetails)
	switch s.Kind {
	case Correction:
		checkCorrections(f, s)
	case Objection:
		o.checkPurposes(f, s.Purposes)
	case Withdrawal:
		if len(s.Purposes) > 0 {
			o.checkPurposes(f, s.Purposes)
		}
	case ShortenedRetention:
		o.checkKeeping(f, s.KeepDays, s.Categories)
	}
}

func checkCorrections(f fault.Fields, s Submission) {
	if len(s.Corrections) == 0 {
		f.Add("wrong-0", "error.field.correction_missing")
	}
	for i, c := range s.Corrections {
		n := strconv.Itoa(i)
		if strings.TrimSpace(c.Wrong) == "" {
			f.Add("wrong-"+n, "error.field.correction_missing")
		}
		if strings.TrimSpace(c.Right) == "" {
			f.Add("right-"+n, "error.field.correction_right_missing")
		}
		tooLong(f, "wrong-"+n, c.Wrong, MaxName)
		tooLong(f, "right-"+n, c.Right, MaxName)
	}
}

func tooLong(f fault.Fields, field, value string, limit int) {
	if n := utf8.RuneCountInString(value); n > limit {
		f.Add(field, "error.field.too_long", "Limit", limit, "Over", n-limit)
	}
}

// parseDay reads YYYY-MM-DD; an empty text is fine.
func parseDay(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil && t.Year() >= 1900 && t.Year() <= 9999
}

// parsePhone gives the E.164 form; a number without country code is read in
// the country where the person lives.
func parsePhone(s, country string) (string, error) {
	region, _, _ := strings.Cut(country, "-")
	n, err := phonenumbers.Parse(s, region)
	if err != nil {
		return "", err
	}
	if !phonenumbers.IsPossibleNumber(n) {
		return "", errors.New("not a possible number")
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// Admit takes one try of what from a client's network, or says TooMany. It is
// for the pages, which alone know where somebody asks from.
func (o *Office) Admit(ctx context.Context, what, network string, l auth.Limit) error {
	return o.throttle.Allow(ctx, what, network, l)
}

// Submit opens a request and writes to the address; nothing else happens until
// the person confirms. The same draft sent again gives the request it made.
func (o *Office) Submit(ctx context.Context, s Submission) (r Request, err error) {
	for _, step := range Steps {
		if err := o.Check(step, s); err != nil {
			return Request{}, err
		}
	}
	if r, ok, err := o.byDraft(ctx, s.Draft); err != nil || ok {
		return r, err
	}
	address, err := mail.ParseAddress(s.Email)
	if err != nil {
		return Request{}, fmt.Errorf("address passed the check and does not parse: %w", err)
	}
	if err := o.throttle.Allow(ctx, "submit", address, auth.Limit{Burst: 10, Per: 24 * time.Hour}); err != nil {
		return Request{}, err
	}
	s.Email, s.Name = address, strings.TrimSpace(s.Name)
	for try := 0; ; try++ {
		r, err = o.insert(ctx, s)
		// A reference that was given out already: draw another one.
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.ConstraintName != "requests_ref_key" || try == 3 {
			return r, err
		}
	}
}

func (o *Office) insert(ctx context.Context, s Submission) (r Request, err error) {
	answers, err := json.Marshal(s)
	if err != nil {
		return Request{}, fmt.Errorf("write answers: %w", err)
	}
	phone := ""
	if s.Phone != "" {
		if phone, err = parsePhone(s.Phone, s.Country); err != nil {
			return Request{}, fmt.Errorf("number passed the check and does not parse: %w", err)
		}
	}
	now := o.now()
	code := law.For(s.Country).Code
	d := o.opening(code, s.Kind, now)
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		row, err := queries.New(tx).InsertRequest(ctx, queries.InsertRequestParams{
			Ref: newRef(), Kind: string(s.Kind), Relation: string(s.Relation), Name: s.Name, Email: s.Email, Phone: phone,
			Country: s.Country, Lang: string(s.Lang), Law: code, Answers: answers, Draft: draftHash(s.Draft), ReceivedAt: now, DueAt: d.Due(),
			EarliestAt: date(d.Earliest), LegalDueAt: date(d.LegalDue), TargetAt: date(d.Target), AckDueAt: date(d.AckDue), NoticeBy: date(d.NoticeBy),
		})
		if errors.Is(err, pgx.ErrNoRows) { // another click of the same draft was faster
			row, err = queries.New(tx).RequestByDraft(ctx, draftHash(s.Draft))
			if err == nil {
				r, err = fromRow(row)
			}
			return err
		}
		if err != nil {
			return fmt.Errorf("insert request: %w", err)
		}
		if r, err = fromRow(row); err != nil {
			return err
		}
		if err := o.note(ctx, tx, subject(r), r, "request.received", map[string]any{"kind": string(r.Kind), "law": r.Law, "relation": string(r.Relation)}); err != nil {
			return err
		}
		return o.sendConfirmation(ctx, tx, r)
	})
	return r, err
}

func (o *Office) sendConfirmation(ctx context.Context, tx pgx.Tx, r Request) error {
	raw, err := auth.MintLink(ctx, tx, auth.Purpose(LinkConfirm), r.ID, o.set.LinkTTL)
	if err != nil {
		return err
	}
	return o.write(ctx, tx, r, mail.ConfirmRequest{Ref: string(r.Ref), Path: link.Confirm(raw), Due: r.DueAt})
}

func (o *Office) byDraft(ctx context.Context, draft string) (Request, bool, error) {
	h := draftHash(draft)
	if h == nil {
		return Request{}, false, nil
	}
	row, err := queries.New(o.db).RequestByDraft(ctx, h)
	if errors.Is(err, pgx.ErrNoRows) {
		return Request{}, false, nil
	}
	if err != nil {
		return Request{}, false, fmt.Errorf("look for the draft: %w", err)
	}
	r, err := fromRow(row)
	return r, err == nil, err
}

func draftHash(draft string) []byte {
	if draft == "" {
		return nil
	}
	h := sha256.Sum256([]byte(draft))
	return h[:]
}

// DueIfSentNow is the date that "Check your answers" promises.
func (o *Office) DueIfSentNow(s Submission) time.Time {
	return o.opening(s.Country, s.Kind, o.now()).Due()
}

// Resend mails a new confirmation link; the old one dies. There are three a day
// for a request and ten for an address, which may have many requests that
// somebody else made.
func (o *Office) Resend(ctx context.Context, id ID) error {
	if err := o.throttle.Allow(ctx, "resend", id.String(), auth.Limit{Burst: 3, Per: 24 * time.Hour}); err != nil {
		return err
	}
	known, err := o.Load(ctx, id)
	if err != nil {
		return err
	}
	if err := o.throttle.Allow(ctx, "resend to an address", known.Email, auth.Limit{Burst: 10, Per: 24 * time.Hour}); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil || r.State != Received {
			return err // confirmed meanwhile: there is nothing to send
		}
		if err := o.note(ctx, tx, subject(r), r, "link.resent", nil); err != nil {
			return err
		}
		return o.sendConfirmation(ctx, tx, r)
	})
}

// newRef draws a reference without letters that look alike (no I, L, O, U, 0, 1).
func newRef() string {
	const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 8)
	for i := 0; i < len(b); {
		var one [1]byte
		rand.Read(one[:])
		if int(one[0]) < 256/len(alphabet)*len(alphabet) { // no bias
			b[i] = alphabet[int(one[0])%len(alphabet)]
			i++
		}
	}
	return "CS-" + string(b[:4]) + "-" + string(b[4:])
}
