package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"github.com/crowsstack/privacy-portal/internal/mail/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// SendArgs is the job that sends one letter of the outbox.
type SendArgs struct {
	LetterID uuid.UUID `json:"letter_id"`
}

// Kind is the job's name in the queue.
func (SendArgs) Kind() string { return "mail.send" }

// JobQueue is the letters' own queue: a slow mail server holds up nothing else.
const JobQueue = "mail"

// InsertOpts puts the job into the letters' queue.
func (SendArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: JobQueue} }

// Outbox takes letters in, inside the caller's transaction.
type Outbox struct {
	Operator string // the company that answers, on top of each letter; set before use

	jobs   *river.Client[pgx.Tx]
	keys   *seal.Keyring
	base   *url.URL
	domain string
}

// NewOutbox makes an outbox whose letters link to base, the portal's public
// address, and carry message ids under domain, which every replica shares.
func NewOutbox(jobs *river.Client[pgx.Tx], keys *seal.Keyring, base *url.URL, domain string) *Outbox {
	return &Outbox{Operator: "CrowsStack", jobs: jobs, keys: keys, base: base, domain: domain}
}

// envelope is a letter ready to be sent, as it lies sealed in the outbox. All
// that makes up the mail is fixed here, so that a second copy is recognisable
// as the same mail.
type envelope struct {
	To        string    `json:"to"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	HTML      string    `json:"html"`
	Lang      string    `json:"lang"`
	MessageID string    `json:"message_id"`
	Date      time.Time `json:"date"`
}

// Queue writes l for the recipient and leaves it in the outbox, with the job
// that sends it. It is sent if, and only if, tx commits. The request, if there
// is one, is where staff see how the letter fares.
func (o *Outbox) Queue(ctx context.Context, tx pgx.Tx, to Recipient, request *uuid.UUID, l Letter) error {
	address, err := ParseAddress(to.Address)
	if err != nil {
		return fmt.Errorf("queue the letter %s: %w", l.letter(), err)
	}
	id, now := uuid.New(), time.Now().UTC().Truncate(time.Second)
	s := lay(l, to, o.Operator, o.base, now)
	e := envelope{
		To: address, Subject: s.Subject, Lang: s.Lang, Date: now,
		MessageID: id.String() + "@" + o.domain,
	}
	if e.Text, e.HTML, err = s.render(); err != nil {
		return fmt.Errorf("queue the letter %s: %w", l.letter(), err)
	}
	sealed, err := o.seal(id, e)
	if err != nil {
		return fmt.Errorf("seal the letter %s: %w", l.letter(), err)
	}
	err = queries.New(tx).AddLetter(ctx, queries.AddLetterParams{
		ID: id, RequestID: request, Letter: l.letter(), Sealed: sealed,
		Patience: l.details().patience().Seconds(),
	})
	if err != nil {
		return fmt.Errorf("put the letter %s into the outbox: %w", l.letter(), err)
	}
	if _, err := o.jobs.InsertTx(ctx, tx, SendArgs{LetterID: id}, nil); err != nil {
		return fmt.Errorf("queue the job that sends the letter %s: %w", l.letter(), err)
	}
	return nil
}

// ForRequest says how the letters of a request fare, oldest first.
func (o *Outbox) ForRequest(ctx context.Context, q pg.Querier, request uuid.UUID) ([]Delivery, error) {
	rows, err := queries.New(reader{q}).LettersOfRequest(ctx, &request)
	if err != nil {
		return nil, fmt.Errorf("list the letters of request %s: %w", request, err)
	}
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = Delivery{
			Letter: r.Letter, State: DeliveryState(r.State), QueuedAt: r.QueuedAt,
			SentAt: r.SentAt, Attempts: int(r.Attempts), Reply: r.Reply,
		}
	}
	return out, nil
}

func (o *Outbox) seal(id uuid.UUID, e envelope) ([]byte, error) {
	plain, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return o.keys.Seal(sealedAs(id), plain)
}

// sealedAs binds a sealed letter to its row, so that two rows cannot be swapped.
func sealedAs(id uuid.UUID) string { return "mail/" + id.String() }

// reader lets generated code read through a pg.Querier, which cannot write.
type reader struct{ pg.Querier }

func (reader) Exec(context.Context, string, ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, errors.New("this connection is for reading")
}
