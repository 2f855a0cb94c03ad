package privacy_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// TestNeitherProcessCanRewriteHistory tries, with each process's own rights,
// what somebody would try who has taken it over.
func TestNeitherProcessCanRewriteHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	deletion, hash := b.inReview(t, privacy.Deletion)
	if err := b.web.Propose(ctx, b.agent, deletion.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	access, _ := b.approved(t, privacy.Access)
	sentBack, other := b.inReview(t, privacy.Access)
	if err := b.web.Propose(ctx, b.agent, sentBack.ID, other, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.web.SendBack(ctx, b.approver, sentBack.ID, other, "no"); err != nil {
		t.Fatal(err)
	}
	both, web, worker := []string{"portal_web", "portal_worker"}, []string{"portal_web"}, []string{"portal_worker"}
	for _, tt := range []struct {
		name  string
		roles []string
		sql   string
	}{
		{"change an entry of the audit", both, "UPDATE audit_events SET actor_label = 'somebody else'"},
		{"delete an entry of the audit", both, "DELETE FROM audit_events"},
		{"empty the audit", both, "TRUNCATE audit_events CASCADE"},
		{"switch the audit's trigger off", both, "ALTER TABLE audit_events DISABLE TRIGGER ALL"},
		{"switch all triggers off", both, "SET session_replication_role = replica"},
		{"choose the number of an entry", both, "INSERT INTO audit_events (id, at, actor_kind, actor_id, actor_label, action, target, detail, leaf) OVERRIDING SYSTEM VALUE VALUES (1, now(), 'cli', 'x', '', 'a.b', '', '{}', '')"},
		{"date an entry of the audit", both, "INSERT INTO audit_events (at, actor_kind, actor_id, actor_label, action, target, detail, leaf) VALUES (now() - interval '1 day', 'system', 'x', '', 'a.b', '', '{}', '')"},
		{"write an entry in a member's name", worker, "INSERT INTO audit_events (at, actor_kind, actor_id, actor_label, action, target, detail, leaf) VALUES (clock_timestamp(), 'staff', 'x', '', 'plan.approved', '', '{}', '')"},
		{"change the chain", both, "UPDATE audit_chain SET hash = hash"},
		{"seal an entry", web, "UPDATE audit_head SET size = 0"},
		{"read a sealed letter", web, "SELECT sealed FROM letters"},
		{"read a sealed session", worker, "SELECT data FROM auth_sessions"},
		{"read a second factor", worker, "SELECT totp_secret FROM staff_members"},
		{"take the owner's rights", both, "SET ROLE postgres"},
		{"make a function", both, "CREATE FUNCTION public.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'"},
		{"make a table", both, "CREATE TABLE public.evil ()"},
		{"change a guard", both, "CREATE OR REPLACE FUNCTION guard_request() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"},
		{"begin a request in the middle", both, "INSERT INTO requests (ref, kind, state, relation, name, email, country, lang, law, answers, verified_at, due_at) VALUES ('CS-EVIL-2222', 'access', 'approved', 'account', 'x', 'x@example.com', 'GB', 'en', 'UK', '{}', now(), now())"},
		{"make another person's request of one that is proved", both, "UPDATE requests SET email = 'eve@example.com' WHERE id = '" + access.ID.String() + "'"},
		{"make a deletion of an access request", both, "UPDATE requests SET kind = 'deletion'"},
		{"change who the request is for", both, "UPDATE requests SET relation = 'organization'"},
		{"date the proof of an address", both, "UPDATE requests SET verified_at = now() - interval '1 year' WHERE id = '" + access.ID.String() + "'"},
		{"confirm a plan that was never shown", both, "UPDATE requests SET confirmed_at = now(), confirmed_hash = repeat('0', 64), runs_at = now() WHERE id = '" + deletion.ID.String() + "'"},
		{"jump over the approval", both, "UPDATE requests SET state = 'executing' WHERE id = '" + deletion.ID.String() + "'"},
		{"write a plan", web, "INSERT INTO proposals (id, request_id, version, plan, hash) SELECT gen_random_uuid(), id, 99, '{}', repeat('0', 64) FROM requests LIMIT 1"},
		{"change a plan", both, "UPDATE proposals SET plan = '{}'"},
		{"change what an approval is bound to", both, "UPDATE proposals SET hash = repeat('0', 64)"},
		{"propose", worker, "UPDATE proposals SET prepared_by = decided_by"},
		{"approve", worker, "UPDATE proposals SET decided_by = '" + b.approver.ID.String() + "', decided_at = now(), decision = 'approved' WHERE request_id = '" + deletion.ID.String() + "'"},
		{"approve what was sent back", both, "UPDATE proposals SET decision = 'approved' WHERE decision = 'sent_back'"},
		{"put another name under a proposal", both, "UPDATE proposals SET prepared_by = '" + b.officer.ID.String() + "' WHERE prepared_by IS NOT NULL"},
		{"put another name under a decision", both, "UPDATE proposals SET decided_by = '" + b.officer.ID.String() + "' WHERE decided_by IS NOT NULL"},
		{"approve one's own proposal", web, "UPDATE proposals SET decided_by = prepared_by, decided_at = now(), decision = 'approved' WHERE request_id = '" + deletion.ID.String() + "'"},
		{"allow more downloads", both, "UPDATE deliveries SET allowed = 99"},
		{"open a delivery", web, "INSERT INTO deliveries (request_id, proposal_id, until, allowed) SELECT request_id, id, now() + interval '1 year', 99 FROM proposals LIMIT 1"},
		{"take a worker's lease", web, "UPDATE work SET epoch = epoch + 1"},
		{"date a message", web, "INSERT INTO messages (request_id, at, author, body) SELECT id, now() - interval '1 year', 'Ada', 'I agree' FROM requests LIMIT 1"},
		{"change a message", both, "UPDATE messages SET body = ''"},
		{"change a job", web, "UPDATE river_job SET args = '{}'"},
		{"write somebody's progress", web, "INSERT INTO progress (request_id, proposal_id, seq, step, affected, done) SELECT request_id, id, 1, '{}', 1, true FROM proposals LIMIT 1"},
	} {
		for _, role := range tt.roles {
			refuses(t, b.db, role, tt.name, tt.sql)
		}
	}
}

// refuses tries a statement in a transaction of its own and takes it back.
func refuses(t *testing.T, db *pgxpool.Pool, role, name string, sql ...string) {
	t.Helper()
	pool := pgtest.As(t, db, role)
	stop := errors.New("it worked")
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for _, s := range sql {
			if _, err := tx.Exec(t.Context(), s); err != nil {
				return err
			}
		}
		return stop
	})
	pool.Close()
	if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "42501" && pe.Code != "23514" && pe.Code != "428C9" {
		t.Errorf("%s could %s: %v", role, name, err)
	}
}

// TestAGuardLooksAtTheRealTables: a temporary table of the same name stands
// first in the search path of whoever makes it.
func TestAGuardLooksAtTheRealTables(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, hash := b.inReview(t, privacy.Deletion)
	for _, role := range []string{"portal_web", "portal_worker"} {
		refuses(t, b.db, role, "put false tables before the guard",
			"CREATE TEMP TABLE request_edges (old text, new text)",
			"INSERT INTO request_edges VALUES ('in_review', 'executing')",
			"CREATE TEMP TABLE proposals (request_id uuid, hash text, decision text, prepared_at timestamptz)",
			"INSERT INTO proposals VALUES ('"+r.ID.String()+"', '"+hash+"', 'approved', now())",
			"UPDATE requests SET confirmed_at = now(), confirmed_hash = '"+hash+"', runs_at = now() WHERE id = '"+r.ID.String()+"'",
			"UPDATE requests SET state = 'executing' WHERE id = '"+r.ID.String()+"'")
	}
	refuses(t, b.db, "portal_web", "put false staff before the guard of the last administrator",
		"UPDATE staff_members SET roles = ARRAY['administrator'] WHERE email = 'agent@desk.example'",
		"CREATE TEMP TABLE staff_members AS SELECT 'administrator' AS email, ARRAY['administrator'] AS roles, NULL::timestamptz AS disabled_at",
		"UPDATE public.staff_members SET disabled_at = now() WHERE email = 'agent@desk.example'")
}

// TestTheDatabaseKnowsWhoMayApprove: whoever asks, or no longer works here, is
// no second person.
func TestTheDatabaseKnowsWhoMayApprove(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, hash := b.inReview(t, privacy.Access)
	if err := b.web.Propose(t.Context(), b.agent, r.ID, hash, ""); err != nil {
		t.Fatal(err)
	}
	approve := "UPDATE proposals SET decided_by = '" + b.approver.ID.String() + "', decided_name = 'x', decided_at = now(), decision = 'approved' WHERE request_id = '" + r.ID.String() + "'"
	for name, before := range map[string]string{
		"approve as somebody whose access was taken away": "UPDATE staff_members SET disabled_at = now() WHERE email = 'approver@desk.example'",
		"approve a request that is not in review":         "UPDATE requests SET state = 'discovering' WHERE id = '" + r.ID.String() + "'",
	} {
		refuses(t, b.db, "portal_web", name, before, approve)
	}
	for _, address := range []string{"ada@example.com", "ada+work@example.com"} {
		if _, err := b.db.Exec(t.Context(), "UPDATE staff_members SET email = $1 WHERE id = $2", address, b.approver.ID); err != nil {
			t.Fatal(err)
		}
		refuses(t, b.db, "portal_web", "approve as the person who asks", approve)
	}
}
