package jobs_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// desk is who works on a request: one after the other, none twice.
type desk struct{ agent, officer, approver staff.Member }

func (w *works) desk(t *testing.T) desk {
	t.Helper()
	return desk{w.member(t, staff.Agent), w.member(t, staff.Officer), w.member(t, staff.Approver)}
}

// proved is a request of the demo's heavy person whose address is proved.
func (w *works) proved(t *testing.T, s privacy.Submission) privacy.Request {
	t.Helper()
	ctx := t.Context()
	s.Relation, s.Name, s.Email, s.Country, s.Lang, s.AllTime = privacy.Recipient, demo.Heavy.Name, demo.Heavy.Email, "GB", lang.English, true
	r, err := w.office.Submit(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	var raw string
	err = pg.InTx(ctx, w.db, func(tx pgx.Tx) (err error) {
		raw, err = auth.MintLink(ctx, tx, auth.Purpose(privacy.LinkConfirm), r.ID, time.Hour)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = w.office.Confirm(ctx, raw); err != nil {
		t.Fatal(err)
	}
	return r
}

// review waits for a version of what is staged and gives the case.
func (w *works) review(t *testing.T, by staff.Member, r privacy.Request, version int) privacy.Case {
	t.Helper()
	w.await(t, "SELECT count(*) FROM requests r JOIN proposals p ON p.request_id = r.id WHERE r.id = $1 AND r.state = 'in_review' AND p.version = $2", r.ID, version)
	c, err := w.office.Case(t.Context(), by, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// decide has two people stand behind what is staged.
func (w *works) decide(t *testing.T, first, second staff.Member, c privacy.Case) {
	t.Helper()
	for _, err := range []error{
		w.office.Propose(t.Context(), first, c.Request.ID, c.Proposal.Hash, ""),
		w.office.Approve(t.Context(), second, c.Request.ID, c.Proposal.Hash, ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (w *works) closed(t *testing.T, r privacy.Request, outcome privacy.Outcome) {
	t.Helper()
	w.await(t, "SELECT count(*) FROM requests WHERE id = $1 AND state = 'closed' AND outcome = $2", r.ID, string(outcome))
}

func (w *works) stored(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := w.store.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACorrectionReachesTheRowThatStaffChoseAndNoOther(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Correction, Corrections: []privacy.CorrectionPair{{Wrong: demo.Heavy.Name, Right: "Somebody New"}}})
	if err := w.office.Search(ctx, d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	c := w.review(t, d.agent, r, 1)
	i := -1
	for n, f := range c.Fields {
		if f.Table == "contacts" && f.Column == "name" {
			i = n
		}
	}
	if i < 0 {
		t.Fatalf("no name to correct among %d values", len(c.Fields))
	}
	f := c.Fields[i]
	edit := privacy.Edit{Table: f.Table, Key: f.Key, Column: f.Column, New: f.Old}
	choose := func(version int, new string) privacy.Case {
		edit.New = new
		if err := w.office.Choose(ctx, d.agent, r.ID, version, privacy.Choices{Edits: []privacy.Edit{edit}}); err != nil {
			t.Fatal(err)
		}
		return w.review(t, d.agent, r, version+2)
	}
	if c = choose(0, f.Old); len(c.Refused) != 1 || c.Refused[0].Code != "unchanged" || c.Proposal.Undecided == 0 {
		t.Fatalf("what stands there already was taken: %+v", c.Refused)
	}
	// What the map does not know, the store says when the plan is frozen.
	if _, err := w.store.Exec(ctx, "ALTER TABLE contacts ADD CHECK (name <> 'Not a Name')"); err != nil {
		t.Fatal(err)
	}
	if c = choose(1, "Not a Name"); len(c.Refused) != 1 || c.Refused[0].Code != "wrong_type" || c.Proposal.Undecided == 0 {
		t.Fatalf("what the store refuses was taken: %+v", c.Refused)
	}
	others := w.stored(t, "SELECT count(*) FROM contacts WHERE name = 'Somebody New'")
	c = choose(2, "Somebody New")
	if len(c.Refused) > 0 {
		t.Fatalf("refused: %+v", c.Refused)
	}
	w.decide(t, d.agent, d.approver, c)
	w.closed(t, r, privacy.Corrected)
	if n := w.stored(t, "SELECT count(*) FROM contacts WHERE name = 'Somebody New'"); n != others+1 {
		t.Fatalf("%d rows have the new name, want one more than %d", n, others)
	}
	if n := w.stored(t, "SELECT count(*) FROM contacts WHERE id::text = $1 AND name = 'Somebody New'", f.Key); n != 1 {
		t.Fatal("another row has it")
	}
}

func TestARestrictionStandsUntilItIsLifted(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	d := w.desk(t)
	before := w.fingerprint(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Restriction})
	if err := w.office.Search(ctx, d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	w.decide(t, d.agent, d.approver, w.review(t, d.agent, r, 1))
	w.closed(t, r, privacy.Restricted)
	if n := w.stored(t, "SELECT count(*) FROM contacts WHERE email = $1 AND restricted", demo.Heavy.Email); n == 0 {
		t.Fatal("the flag is not set")
	}

	lift, err := w.office.OpenLift(ctx, d.officer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.decide(t, d.agent, d.approver, w.review(t, d.agent, lift, 1))
	w.ends(t, jobs.ReconcileArgs{})
	if n := w.stored(t, "SELECT count(*) FROM contacts WHERE email = $1 AND restricted", demo.Heavy.Email); n == 0 {
		t.Fatal("it was lifted within the notice")
	}
	for _, sql := range []string{ // the notice is over, and its bell with it
		"UPDATE requests SET runs_at = now() WHERE kind = 'restriction_lift'",
		"DELETE FROM river_job WHERE kind = 'privacy.work' AND state = 'scheduled'",
	} {
		if _, err := w.db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	w.ends(t, jobs.ReconcileArgs{})
	w.closed(t, lift, privacy.Lifted)
	if after := w.fingerprint(t); after != before {
		t.Fatal("the store is not as it was before the restriction")
	}
}

// fingerprint is over every row that a restriction may touch.
func (w *works) fingerprint(t *testing.T) (sum string) {
	t.Helper()
	err := w.store.QueryRow(t.Context(), "SELECT md5(string_agg(x, E'\\n' ORDER BY x)) FROM (SELECT c::text AS x FROM contacts c UNION ALL SELECT u::text FROM users u) rows").Scan(&sum)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestAnObjectionStopsItsPurposeOnly(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Objection, Purposes: []string{"marketing"}})
	if err := w.office.Search(ctx, d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	w.decide(t, d.agent, d.approver, w.review(t, d.agent, r, 1))
	w.closed(t, r, privacy.Objected)
	if n := w.stored(t, "SELECT count(*) FROM contacts WHERE email = $1 AND (marketing_ok OR restricted)", demo.Heavy.Email); n != 0 {
		t.Fatalf("%d rows may still be sent campaigns, or are restricted", n)
	}
}

// Staff answer by hand what the map cannot stop: a search that failed would be
// tried for ever, and nobody could answer.
func TestAnObjectionThatTheMapCannotStopComesToReview(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	var err error
	if w.deps.Map, err = datamap.Parse("datamap.yaml", regexp.MustCompile(`(?m)^(purposes:\n|  +marketing: .*\n)`).ReplaceAll(demo.DataMap, nil)); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.Objection, Purposes: []string{"marketing"}})
	if err := w.office.Search(t.Context(), d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	if c := w.review(t, d.agent, r, 1); c.Proposal.Undecided == 0 {
		t.Error("there is something to approve")
	}
}

func TestAnOptOutIsCarriedOutAsSoonAsTheAddressIsProved(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	before := w.stored(t, "SELECT count(*) FROM opt_outs")
	w.start(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.OptOut})
	w.closed(t, r, privacy.OptedOut)
	if n := w.stored(t, "SELECT count(*) FROM opt_outs"); n <= before {
		t.Fatalf("%d entries, %d before", n, before)
	}
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE request_id = $1 AND automatic AND decision = 'approved' AND decided_by IS NULL", r.ID); n != 1 {
		t.Fatal("somebody decided")
	}
}

// Nobody looks at what an opt-out finds, so that a stranger's number in the row of
// the person who asks stops nothing of the stranger's.
func TestAnOptOutGoesByTheProvedAddressOnly(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	var stranger string
	err := w.store.QueryRow(t.Context(), `WITH s AS (SELECT id, phone FROM contacts WHERE email IS DISTINCT FROM $1 AND phone IS NOT NULL ORDER BY id DESC LIMIT 1)
		UPDATE contacts c SET phone = s.phone FROM s WHERE c.email = $1 RETURNING s.id::text`, demo.Heavy.Email).Scan(&stranger)
	if err != nil {
		t.Fatal(err)
	}
	w.start(t)
	w.closed(t, w.proved(t, privacy.Submission{Kind: privacy.OptOut}), privacy.OptedOut)
	if n := w.stored(t, "SELECT count(*) FROM dsar.stop WHERE table_name = 'contacts' AND key = ARRAY[$1::text]", stranger); n != 0 {
		t.Error("the stranger gets no messages any more")
	}
	if n := w.stored(t, "SELECT count(*) FROM dsar.stop s JOIN contacts c ON s.key = ARRAY[c.id::text] AND s.table_name = 'contacts' WHERE c.email = $1", demo.Heavy.Email); n == 0 {
		t.Error("the person who asks gets messages as before")
	}
}

func TestAShorterRetentionIsWrittenForTheCleanUp(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	ctx := t.Context()
	w.start(t)
	d := w.desk(t)
	r := w.proved(t, privacy.Submission{Kind: privacy.ShortenedRetention, KeepDays: 30, Categories: []string{"messages"}})
	if err := w.office.Search(ctx, d.agent, r.ID); err != nil {
		t.Fatal(err)
	}
	w.decide(t, d.agent, d.approver, w.review(t, d.agent, r, 1))
	w.closed(t, r, privacy.RetentionShortened)
}
