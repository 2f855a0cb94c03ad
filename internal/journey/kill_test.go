package journey

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// counter is the office as the test uses it, beside the two programs: people
// and staff act here where the browser is not what is tested.
func (k *stack) counter(t *testing.T) *privacy.Office {
	t.Helper()
	queue, err := pg.Queue(k.portal)
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(k.base)
	if err != nil {
		t.Fatal(err)
	}
	outbox := mail.NewOutbox(queue, k.keys, base, "portal.example")
	throttle := auth.NewThrottle(k.portal, k.keys)
	return privacy.NewOffice(k.portal, queue, outbox, staff.NewRoster(k.portal, outbox, k.keys, throttle), throttle, privacy.Settings{}, nil)
}

func (k *stack) member(role staff.Role) staff.Member {
	m := k.members[role].Member
	now := time.Now()
	m.FactorAt = &now
	return m
}

// ask takes a request of a person to the staged proposal.
func (k *stack) ask(t *testing.T, o *privacy.Office, who demo.Person, kind privacy.Kind, relation privacy.Relation) (privacy.Request, string) {
	t.Helper()
	ctx := t.Context()
	r, err := o.Submit(ctx, privacy.Submission{Kind: kind, Relation: relation, Organization: "The organization", Name: who.Name, Email: who.Email, Country: "DE", AllTime: true, Lang: lang.English,
		Corrections: []privacy.CorrectionPair{{Wrong: "An old name", Right: "The new one"}}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = o.Confirm(ctx, k.mint(t, privacy.LinkConfirm, r.ID)); err != nil {
		t.Fatal(err)
	}
	if err := o.Search(ctx, k.member(staff.Agent), r.ID); err != nil {
		t.Fatal(err)
	}
	return r, k.staged(t, o, r)
}

func (k *stack) mint(t *testing.T, p privacy.LinkPurpose, id privacy.ID) (raw string) {
	t.Helper()
	err := pg.InTx(t.Context(), k.portal, func(tx pgx.Tx) (err error) {
		raw, err = auth.MintLink(t.Context(), tx, auth.Purpose(p), id, time.Hour)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// staged waits for the worker's proposal and gives its hash.
func (k *stack) staged(t *testing.T, o *privacy.Office, r privacy.Request) (hash string) {
	t.Helper()
	k.until(t, "the worker stages a proposal", func() bool {
		c, err := o.Case(t.Context(), k.member(staff.Agent), r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if c.Request.State != privacy.InReview || c.Proposal == nil {
			return false
		}
		hash = c.Proposal.Hash
		return true
	})
	return hash
}

// decide lets two people agree, and the person confirm a deletion.
func (k *stack) decide(t *testing.T, o *privacy.Office, r privacy.Request, hash string) {
	t.Helper()
	ctx := t.Context()
	if r.Kind.Packs() {
		k.settles(t, string(r.Ref))
		hash = k.staged(t, o, r)
	}
	if err := o.Propose(ctx, k.member(staff.Agent), r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	if r.Kind == privacy.Deletion {
		if err := o.ConfirmDeletion(ctx, r.Email, r.Ref, hash); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Approve(ctx, k.member(staff.Approver), r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
}

func (k *stack) ended(t *testing.T, o *privacy.Office, id privacy.ID, want privacy.State) privacy.Request {
	t.Helper()
	var r privacy.Request
	k.until(t, "the request is "+string(want), func() bool {
		var err error
		if r, err = o.Load(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return r.State == want
	})
	return r
}

// heavyMessages counts the heavy person's messages in the store.
const heavyMessages = `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id = ANY($1)`

func TestWorkerKilledTenTimesDuringOneDeletion(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: kills a worker ten times, which takes more than a minute")
	}
	const messages, kills = 200_000, 10
	k := newStack(t, size{rows: 10_000, heavy: messages})
	o := k.counter(t)
	ids := demo.Heavy.ContactIDs()
	before := k.count(t, k.store, heavyMessages, ids)
	if before < messages {
		t.Fatalf("the heavy person has %d messages, want at least %d", before, messages)
	}
	others := k.others(t, demo.Heavy)
	r, hash := k.ask(t, o, demo.Heavy, privacy.Deletion, privacy.Recipient)
	k.decide(t, o, r, hash)
	left := before
	for n := range kills {
		step := before / (kills + 1) / 2
		k.until(t, "the deletion goes on", func() bool {
			now := k.count(t, k.store, heavyMessages, ids)
			return now <= left-step || now == 0
		})
		k.killWorker(t)
		if left = k.count(t, k.store, heavyMessages, ids); left == 0 {
			t.Fatalf("the deletion was over before kill %d of %d", n+1, kills)
		}
		t.Logf("kill %d with %d messages left", n+1, left)
		k.startWorker(t)
	}
	r = k.ended(t, o, r.ID, privacy.Closed)
	if r.Outcome != privacy.Erased {
		t.Fatalf("outcome %s, attention %q", r.Outcome, r.Attention)
	}
	k.nothingLeft(t, demo.Heavy)
	others.unchanged(t)
	m, err := o.Mine(context.WithoutCancel(t.Context()), r.Email, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Progress {
		if p.Affected != p.Step.Rows && p.Step.Action != "keep" {
			t.Errorf("%s %s: %d rows of %d", p.Step.Action, p.Step.Table, p.Affected, p.Step.Rows)
		}
	}
	if i := slices.IndexFunc(m.Progress, func(p privacy.Progress) bool { return p.Step.Table == "messages" && p.Step.Action == "delete" }); i < 0 || m.Progress[i].Affected != before {
		t.Errorf("the receipt does not say that %d messages were deleted: %+v", before, m.Progress)
	}
}

// nothingLeft searches every column of the store for the person's planted strings.
func (k *stack) nothingLeft(t *testing.T, who demo.Person) {
	t.Helper()
	hits, err := demo.Residue(t.Context(), k.store, who.Planted)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hits {
		t.Errorf("still in the store: %+v", h)
	}
}

// rest is everything in the store that is not one person's.
type rest struct {
	k    *stack
	keys demo.Keys
	sums map[string]demo.Sum
}

// others sums up everybody else's rows, to be compared afterwards.
func (k *stack) others(t *testing.T, who demo.Person) rest {
	t.Helper()
	keys, err := demo.RowsOf(t.Context(), k.store, who)
	if err != nil {
		t.Fatal(err)
	}
	if keys.Count() == 0 {
		t.Fatalf("%s has no rows", who.Name)
	}
	sums, err := demo.Checksum(t.Context(), k.store, keys)
	if err != nil {
		t.Fatal(err)
	}
	return rest{k, keys, sums}
}

func (r rest) unchanged(t *testing.T) {
	t.Helper()
	after, err := demo.Checksum(t.Context(), r.k.store, r.keys)
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range r.sums {
		if got := after[table]; got != want {
			t.Errorf("other people's rows of %s changed: %+v, were %+v", table, got, want)
		}
	}
}

// planted fails the test for each of the strings that a text holds.
func planted(t *testing.T, text string, never []string) {
	t.Helper()
	for _, s := range never {
		if strings.Contains(text, s) {
			t.Errorf("%q stands where it must not", s)
		}
	}
}
