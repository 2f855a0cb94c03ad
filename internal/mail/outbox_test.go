package mail_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestALetterExistsOnlyIfTheTransactionDoes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	change := errors.New("the change did not work out")
	err := pg.InTx(t.Context(), o.db, func(tx pgx.Tx) error {
		if err := o.outbox.Queue(t.Context(), tx, amina, nil, mail.MyRequests{Path: "/x"}); err != nil {
			return err
		}
		return change
	})
	if !errors.Is(err, change) {
		t.Fatal(err)
	}
	var letters, jobs int
	if err := o.db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM letters), (SELECT count(*) FROM river_job)`).Scan(&letters, &jobs); err != nil {
		t.Fatal(err)
	}
	if letters != 0 || jobs != 0 {
		t.Errorf("%d letters and %d jobs are left", letters, jobs)
	}
}

func TestTheDatabaseHoldsNothingReadable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("amina@example.com")
	var row, job []byte
	if err := o.db.QueryRow(t.Context(), `SELECT sealed || convert_to(l::text, 'UTF8') FROM letters l WHERE id = $1`, id).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if err := o.db.QueryRow(t.Context(), `SELECT convert_to(j::text, 'UTF8') FROM river_job j WHERE kind = 'mail.send' AND args->>'letter_id' = $1`, id.String()).Scan(&job); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"amina", "Okafor", token, ref} {
		if bytes.Contains(row, []byte(secret)) || bytes.Contains(job, []byte(secret)) {
			t.Errorf("%q can be read in the database", secret)
		}
	}
}

func TestASealedLetterOpensOnlyInItsOwnRow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	mine, other := o.queue("amina@example.com"), o.queue("tomas@example.com")
	o.exec(`UPDATE letters SET sealed = (SELECT sealed FROM letters WHERE id = $2) WHERE id = $1`, mine, other)
	if r, err := o.post.Send(t.Context(), mine); err == nil || r.State != mail.Delayed {
		t.Errorf("Send of a swapped letter = %+v, %v", r, err)
	}
	if n := len(o.mails()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
}

func TestStaffSeeTheLettersOfARequestInOrder(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	err := pg.InTx(t.Context(), o.db, func(tx pgx.Tx) error {
		for _, l := range []mail.Letter{mail.ConfirmRequest{Ref: ref}, mail.RequestReceived{Ref: ref}, mail.StaffMessage{Ref: ref}} {
			if err := o.outbox.Queue(t.Context(), tx, amina, &request, l); err != nil {
				return err
			}
		}
		return o.outbox.Queue(t.Context(), tx, amina, nil, mail.StaffSignIn{})
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.outbox.ForRequest(t.Context(), o.db, request)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range got {
		names = append(names, d.Letter+" "+string(d.State))
	}
	if s := strings.Join(names, ", "); s != "confirm_request queued, request_received queued, staff_message queued" {
		t.Errorf("staff see %s", s)
	}
}

func TestNothingIsSmuggledIntoTheHead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	queue := func(to mail.Recipient, l mail.Letter) error {
		return pg.InTx(t.Context(), o.db, func(tx pgx.Tx) error { return o.outbox.Queue(t.Context(), tx, to, nil, l) })
	}
	for _, address := range []string{
		"amina@example.com\r\nBcc: evil@example.com", "amina@example.com, evil@example.com",
		`"amina> ORCPT=rfc822;evil"@example.com`, "mıke@example.com",
	} {
		err := queue(mail.Recipient{Address: address}, mail.MyRequests{})
		if !errors.Is(err, mail.ErrAddress) || strings.Contains(err.Error(), "example.com") {
			t.Errorf("Queue to %q: %v", address, err)
		}
	}
	to := amina
	to.Name = "Amina\r\nBcc: evil@example.com\r\n\r\nPay here"
	if err := queue(to, mail.Deleted{Ref: "CS-1\r\nBcc: evil@example.com\r\n\r\nPay here", Path: "/my/x"}); err != nil {
		t.Fatal(err)
	}
	o.send(o.one(`SELECT id::text FROM letters`), mail.Result{State: mail.Sent})
	m := o.mails()[0]
	if got := m.Header["Bcc"]; got != nil || len(m.Header["Delivered-To"]) != 1 {
		t.Errorf("Bcc %q, delivered to %q", got, m.Header["Delivered-To"])
	}
	if strings.Contains(m.Text, "Hello Amina") {
		t.Error("a name of several lines was greeted")
	}
}

func TestEachRoleMayDoItsPartOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("amina@example.com")
	web, worker := pgtest.As(t, o.db, "portal_web"), pgtest.As(t, o.db, "portal_worker")

	if _, err := o.outbox.ForRequest(t.Context(), web, request); err != nil {
		t.Errorf("the web process cannot show how letters fare: %v", err)
	}
	_, err := web.Exec(t.Context(), `INSERT INTO letters (id, letter, sealed, give_up_at) VALUES (gen_random_uuid(), 'ready', 'x', now() + interval '1 day')`)
	if err != nil {
		t.Errorf("the web process cannot write a letter: %v", err)
	}
	for _, sql := range []string{
		`SELECT sealed FROM letters`, `UPDATE letters SET state = 'queued'`, `DELETE FROM letters`, `TRUNCATE letters`,
	} {
		if _, err := web.Exec(t.Context(), sql); !denied(err) {
			t.Errorf("the web process may %s: %v", sql, err)
		}
	}
	post := *o.post
	post.DB = worker
	if r, err := post.Send(t.Context(), id); err != nil || r.State != mail.Sent {
		t.Errorf("Send as the worker = %+v, %v", r, err)
	}
	if _, err := worker.Exec(t.Context(), `DELETE FROM letters`); !denied(err) {
		t.Errorf("the worker may delete letters: %v", err)
	}
}

func TestTheSchemaKeepsTheRulesOfTheOutbox(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.queue("amina@example.com")
	for name, sql := range map[string]string{
		"sent but not wiped":        `UPDATE letters SET state = 'sent', sent_at = now()`,
		"wiped but not sent":        `UPDATE letters SET sealed = NULL`,
		"sent at no time":           `UPDATE letters SET state = 'sent', sealed = NULL`,
		"failed and in hand":        `UPDATE letters SET state = 'failed', sealed = NULL, claimed_until = now()`,
		"a reply with an address":   `UPDATE letters SET reply = '550 5.1.1 <amina@example.com> unknown'`,
		"a state that nobody knows": `UPDATE letters SET state = 'lost'`,
	} {
		_, err := o.db.Exec(t.Context(), sql)
		if pe, ok := errors.AsType[*pgconn.PgError](err); !ok || pe.Code != "23514" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func denied(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pe.Code == "42501"
}
