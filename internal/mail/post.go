package mail

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/mail/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// Post carries letters from the outbox to the mail server.
type Post struct {
	DB   *pgxpool.Pool
	Keys *seal.Keyring
	SMTP *SMTP
}

// Result is where a letter stands after Send. RetryIn is zero when there is
// nothing left to do, else how long to wait before Send is worth calling again.
type Result struct {
	State   DeliveryState
	RetryIn time.Duration
}

const (
	claimFor = 3 * time.Minute // longer than an attempt can take

	// maxResends caps how often a letter goes out again when nobody knows
	// whether it arrived: each time the person may get a second copy.
	maxResends = 3
)

// pauses between attempts; the last one repeats until patience ends.
var pauses = []time.Duration{
	1 * time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// Send makes one attempt to send a letter and writes down how it ended. It may
// be called at any time, by several processes at once and again after a crash:
// one of them sends, and a letter that was sent is never sent again. A Result
// beside an error says for how long the letter was put off.
func (p *Post) Send(ctx context.Context, letter uuid.UUID) (Result, error) {
	q := queries.New(p.DB)
	claim, err := q.ClaimLetter(ctx, queries.ClaimLetterParams{ID: letter, Seconds: claimFor.Seconds()})
	if errors.Is(err, pgx.ErrNoRows) {
		return standing(ctx, q, letter)
	}
	if err != nil {
		return Result{}, fmt.Errorf("claim letter %s: %w", letter, err)
	}
	a := attempt{Post: p, q: q, letter: letter, claim: claim}
	if claim.Unanswered > maxResends {
		return a.record(ctx, outcome{verdict: unanswered}) // it died on us once too often
	}
	plain, err := p.Keys.Open(sealedAs(letter), claim.Sealed)
	if err != nil {
		return a.postpone(ctx, fmt.Errorf("open letter %s: %w", letter, err))
	}
	var e envelope
	if err := json.Unmarshal(plain, &e); err != nil {
		return a.postpone(ctx, fmt.Errorf("read letter %s: it is not what the outbox writes", letter))
	}
	o, err := p.SMTP.send(ctx, e, p.bounceAddress(letter))
	if err != nil {
		return a.postpone(ctx, fmt.Errorf("write letter %s: %w", letter, err))
	}
	return a.record(ctx, o)
}

// standing answers for a letter that is not to be sent now: it is done, not due
// yet, or in other hands. One that is gone leaves nothing to do.
func standing(ctx context.Context, q *queries.Queries, letter uuid.UUID) (Result, error) {
	s, err := q.LetterStanding(ctx, letter)
	if errors.Is(err, pgx.ErrNoRows) {
		return Result{State: Failed}, nil
	}
	if err != nil {
		return Result{}, fmt.Errorf("look at letter %s: %w", letter, err)
	}
	r := Result{State: DeliveryState(s.State)}
	if r.State == Queued || r.State == Delayed {
		r.RetryIn = max(s.AgainAt.Sub(s.At), time.Second)
	}
	return r, nil
}

// grace is how late a letter may be before somebody has to ask why.
const grace = 10 * time.Minute

// Overdue lists letters that are past their time and in nobody's hands: their
// job was lost. The queue is only the bell; whoever asks rings it again, and
// may do so once too often, because Send does no harm.
func (p *Post) Overdue(ctx context.Context) ([]uuid.UUID, error) {
	ids, err := queries.New(p.DB).OverdueLetters(ctx, grace.Seconds())
	if err != nil {
		return nil, fmt.Errorf("list overdue letters: %w", err)
	}
	return ids, nil
}

// attempt is one claimed try. Its number fences it: if the claim ran out and
// somebody else took over, what this one writes changes nothing.
type attempt struct {
	*Post
	q      *queries.Queries
	letter uuid.UUID
	claim  queries.ClaimLetterRow
}

// record writes down an outcome, even if the process is being stopped: else the
// next one could not know that the mail is out.
func (a attempt) record(ctx context.Context, o outcome) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	unknown := a.claim.Unanswered
	if o.verdict == unanswered {
		unknown++
	}
	pause := pauses[min(int(a.claim.Attempts)-1, len(pauses)-1)]
	var (
		r   Result
		n   int64
		err error
	)
	switch {
	case o.verdict == accepted:
		r = Result{State: Sent}
		n, err = a.q.MarkSent(ctx, queries.MarkSentParams{ID: a.letter, Attempt: a.claim.Attempts, Reply: o.reply})
	case o.verdict == refused,
		unknown > maxResends,
		a.claim.At.Add(pause).After(a.claim.GiveUpAt):
		r = Result{State: Failed}
		n, err = a.q.MarkFailed(ctx, queries.MarkFailedParams{
			ID: a.letter, Attempt: a.claim.Attempts, Reply: o.reply, Unanswered: unknown,
		})
	default:
		r = Result{State: Delayed, RetryIn: pause}
		n, err = a.q.MarkDelayed(ctx, queries.MarkDelayedParams{
			ID: a.letter, Attempt: a.claim.Attempts, Reply: o.reply, Unanswered: unknown, Seconds: pause.Seconds(),
		})
	}
	if err != nil {
		return Result{}, fmt.Errorf("write down how letter %s fared: %w", a.letter, err)
	}
	if n == 0 {
		return standing(ctx, a.q, a.letter)
	}
	return r, nil
}

// postpone gives a letter back that we could not even open, for example because
// a sealing key is missing from the list: that is for us to mend.
func (a attempt) postpone(ctx context.Context, cause error) (Result, error) {
	r, err := a.record(ctx, outcome{verdict: unreachable})
	return r, errors.Join(cause, err)
}

// bounceAddress is the sender on the envelope. A report about a failed delivery
// comes back to it and names the letter; the code makes it hard to forge.
func (p *Post) bounceAddress(letter uuid.UUID) string {
	mac := p.Keys.MAC("mail bounce", letter[:])
	code := strings.ToLower(base32.StdEncoding.EncodeToString(mac[:10]))
	return "bounce+" + hex.EncodeToString(letter[:]) + "." + code + "@" + p.SMTP.domain
}
