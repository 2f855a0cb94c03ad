package mail_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/crowsstack/privacy-portal/internal/inbox"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// office is an outbox, a post and a mail server, all real.
type office struct {
	t      *testing.T
	db     *pgxpool.Pool
	keys   *seal.Keyring
	outbox *mail.Outbox
	post   *mail.Post
	server *inbox.Server
	dir    string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, db: pgtest.New(t), keys: keyring(t), dir: t.TempDir()}
	o.outbox = o.newOutbox(o.db)
	o.serve("127.0.0.1:0")
	o.post = &mail.Post{DB: o.db, Keys: o.keys, SMTP: o.smtp("smtp://" + o.server.Addr())}
	return o
}

func keyring(t *testing.T) *seal.Keyring {
	t.Helper()
	k, err := seal.Parse(seal.NewKey("test"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (o *office) newOutbox(db *pgxpool.Pool) *mail.Outbox {
	o.t.Helper()
	jobs, err := river.NewClient(riverpgxv5.New(db), &river.Config{})
	if err != nil {
		o.t.Fatal(err)
	}
	return mail.NewOutbox(jobs, o.keys, base, "privacy.example.org")
}

func (o *office) serve(addr string) {
	o.t.Helper()
	s, err := inbox.Start(addr, o.dir)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { s.Close() })
	o.server = s
}

func (o *office) smtp(url string) *mail.SMTP {
	o.t.Helper()
	s, err := mail.NewSMTP(url, "Example Privacy <privacy@example.org>")
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

var request = uuid.MustParse("0191d5a2-7a30-7cc0-8000-00000000c0de")

// queue puts a confirmation for an address into the outbox.
func (o *office) queue(address string) uuid.UUID {
	o.t.Helper()
	to := amina
	to.Address = address
	err := pg.InTx(o.t.Context(), o.db, func(tx pgx.Tx) error {
		return o.outbox.Queue(o.t.Context(), tx, to, &request, mail.ConfirmRequest{Ref: ref, Path: link.Confirm(token), Due: noon})
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.one(`SELECT id::text FROM letters ORDER BY seq DESC LIMIT 1`)
}

func (o *office) one(sql string, args ...any) uuid.UUID {
	o.t.Helper()
	var id string
	if err := o.db.QueryRow(o.t.Context(), sql, args...).Scan(&id); err != nil {
		o.t.Fatal(err)
	}
	return uuid.MustParse(id)
}

func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	if _, err := o.db.Exec(o.t.Context(), sql, args...); err != nil {
		o.t.Fatal(err)
	}
}

// send makes an attempt and checks how it ended.
func (o *office) send(id uuid.UUID, want mail.Result) {
	o.t.Helper()
	got, err := o.post.Send(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	if got != want {
		o.t.Fatalf("Send = %+v, want %+v", got, want)
	}
}

// due lets the pause before the next attempt pass.
func (o *office) due(id uuid.UUID) {
	o.t.Helper()
	o.exec(`UPDATE letters SET next_try_at = now() WHERE id = $1`, id)
}

func (o *office) mails() []inbox.Mail {
	o.t.Helper()
	m, err := inbox.List(o.dir)
	if err != nil {
		o.t.Fatal(err)
	}
	return m
}

// delivery is what staff see of the only letter.
func (o *office) delivery() mail.Delivery {
	o.t.Helper()
	d, err := o.outbox.ForRequest(o.t.Context(), o.db, request)
	if err != nil {
		o.t.Fatal(err)
	}
	if len(d) != 1 {
		o.t.Fatalf("%d letters, want 1", len(d))
	}
	return d[0]
}

func (o *office) expect(state mail.DeliveryState, attempts int, reply string) {
	o.t.Helper()
	d := o.delivery()
	got := fmt.Sprintf("%s after %d: %q", d.State, d.Attempts, d.Reply)
	if want := fmt.Sprintf("%s after %d: %q", state, attempts, reply); got != want {
		o.t.Errorf("the letter is %s, want %s", got, want)
	}
	var wiped bool
	if err := o.db.QueryRow(o.t.Context(), `SELECT sealed IS NULL FROM letters`).Scan(&wiped); err != nil {
		o.t.Fatal(err)
	}
	if done := state == mail.Sent || state == mail.Failed; wiped != done {
		o.t.Errorf("the text is wiped: %v, want %v", wiped, done)
	}
}

func TestALetterArrivesOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("Amina.Okafor@Example.com")
	for range 3 {
		o.send(id, mail.Result{State: mail.Sent})
	}
	o.expect(mail.Sent, 1, "250 2.0.0")
	if d := o.delivery(); d.SentAt == nil || d.Letter != "confirm_request" {
		t.Errorf("delivery is %+v", d)
	}
	mails := o.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(mails))
	}
	m := mails[0]
	if m.To != "amina.okafor@example.com" || m.Subject != "Confirm your privacy request "+ref {
		t.Errorf("it went to %q as %q", m.To, m.Subject)
	}
	if !slices.Contains(m.Links, "https://privacy.example.org"+link.Confirm(token)) || !strings.Contains(m.HTML, token) {
		t.Errorf("the link is missing; links of the text are %q", m.Links)
	}
}

func TestAMailSaysThatAMachineWroteItAndNothingAboutTheMachine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("amina@example.com")
	o.send(id, mail.Result{State: mail.Sent})
	m := o.mails()[0]
	for header, want := range map[string]string{
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"Message-Id":               "<" + id.String() + "@privacy.example.org>",
		"From":                     `"Example Privacy" <privacy@example.org>`,
		"To":                       "<amina@example.com>",
		"Content-Language":         "en",
		"Mime-Version":             "1.0",
		"User-Agent":               "",
		"X-Mailer":                 "",
		"Reply-To":                 "",
		"Bcc":                      "",
	} {
		if got := m.Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if from := m.Header.Get("Return-Path"); !strings.HasPrefix(from, "<bounce+"+strings.ReplaceAll(id.String(), "-", "")+".") {
		t.Errorf("reports about a failed delivery go to %q", from)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(string(m.Raw), host) {
		t.Error("the mail names the machine that sent it")
	}
	if when, err := m.Header.Date(); err != nil || time.Since(when) > time.Minute {
		t.Errorf("its date is %v, %v", when, err)
	}
}

func TestAGreylistedLetterIsTriedAgainAsTheSameMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("greylist@example.com")
	o.send(id, mail.Result{State: mail.Delayed, RetryIn: time.Minute})
	o.expect(mail.Delayed, 1, "450 4.7.1")

	// Too early: the answer is how long to wait, and nothing is tried.
	early, err := o.post.Send(t.Context(), id)
	if err != nil || early.State != mail.Delayed || early.RetryIn <= 0 || early.RetryIn > time.Minute {
		t.Errorf("Send before its time = %+v, %v", early, err)
	}
	o.expect(mail.Delayed, 1, "450 4.7.1")

	o.due(id)
	o.send(id, mail.Result{State: mail.Sent})
	o.expect(mail.Sent, 2, "250 2.0.0")
	if m := o.mails(); len(m) != 1 || m[0].Header.Get("Message-Id") != "<"+id.String()+"@privacy.example.org>" {
		t.Errorf("%d mails arrived, or under another id", len(m))
	}
}

func TestARefusalIsForGood(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, reply string }{
		{"refuse@example.com", "550 5.1.1"},   // at the recipient
		{"spamtrap@example.com", "554 5.7.1"}, // after the text
	} {
		t.Run(tt.reply, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			id := o.queue(tt.address)
			o.send(id, mail.Result{State: mail.Failed})
			o.send(id, mail.Result{State: mail.Failed})
			o.expect(mail.Failed, 1, tt.reply)
			if n := len(o.mails()); n != 0 {
				t.Errorf("%d mails arrived", n)
			}
		})
	}
}

func TestPausesGrowAndPatienceEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("mailbusy@example.com")
	for _, minutes := range []int{1, 2, 5, 15, 30, 60, 120, 240, 240} {
		o.due(id)
		o.send(id, mail.Result{State: mail.Delayed, RetryIn: time.Duration(minutes) * time.Minute})
	}
	o.due(id)
	o.exec(`UPDATE letters SET queued_at = now() - interval '46 hours', give_up_at = now() + interval '2 hours' WHERE id = $1`, id)
	o.send(id, mail.Result{State: mail.Failed})
	o.expect(mail.Failed, 10, "451 4.3.2")
}

func TestAServerThatIsDownIsNotTheAddresssFault(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	addr := o.server.Addr()
	if err := o.server.Close(); err != nil {
		t.Fatal(err)
	}
	id := o.queue("amina@example.com")
	o.send(id, mail.Result{State: mail.Delayed, RetryIn: time.Minute})
	o.expect(mail.Delayed, 1, "")
	o.serve(addr)
	o.due(id)
	o.send(id, mail.Result{State: mail.Sent})
	o.expect(mail.Sent, 2, "250 2.0.0")
}

func TestALetterIsNeverSentInClearWhenEncryptionWasAskedFor(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, scheme := range []string{"smtp+starttls", "smtps"} {
		o.post.SMTP = o.smtp(scheme + "://" + o.server.Addr())
		id := o.queue("amina@example.com")
		o.send(id, mail.Result{State: mail.Delayed, RetryIn: time.Minute})
	}
	if n := len(o.mails()); n != 0 {
		t.Errorf("%d mails went out in clear", n)
	}
}

func TestALineThatDiesAfterTheTextMeansTheSameMailAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("droponce@example.com")
	o.send(id, mail.Result{State: mail.Delayed, RetryIn: time.Minute})
	o.expect(mail.Delayed, 1, "")
	o.due(id)
	o.send(id, mail.Result{State: mail.Sent})
	m := o.mails()
	if len(m) != 2 {
		t.Fatalf("%d copies arrived, want 2", len(m))
	}
	if diff := cmp.Diff(string(m[1].Raw), string(m[0].Raw)); diff != "" {
		t.Errorf("the second copy is another mail:\n%s", diff)
	}
}

func TestACopyIsSentAgainThreeTimesAtMost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("dropline@example.com")
	for range 3 {
		o.due(id)
		if r, err := o.post.Send(t.Context(), id); err != nil || r.State != mail.Delayed {
			t.Fatalf("Send = %+v, %v", r, err)
		}
	}
	o.due(id)
	o.send(id, mail.Result{State: mail.Failed})
	o.expect(mail.Failed, 4, "")
	if n := len(o.mails()); n != 4 {
		t.Errorf("%d copies arrived, want the first and three more", n)
	}
}

func TestAcceptedIsSentEvenIfTheLineDiesBeforeQuit(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("hangup@example.com")
	o.send(id, mail.Result{State: mail.Sent})
	o.send(id, mail.Result{State: mail.Sent})
	if n := len(o.mails()); n != 1 {
		t.Errorf("%d mails arrived, want 1", n)
	}
}

func TestManyAtOnceSendOneMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("amina@example.com")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := o.post.Send(context.Background(), id); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	o.expect(mail.Sent, 1, "250 2.0.0")
	if n := len(o.mails()); n != 1 {
		t.Errorf("%d mails arrived, want 1", n)
	}
}

func TestASenderThatDiedIsFollowedWhenItsClaimEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("amina@example.com")
	o.exec(`UPDATE letters SET attempts = 1, claimed_until = now() + interval '2 minutes'`)
	r, err := o.post.Send(t.Context(), id)
	if err != nil || r.State != mail.Queued || r.RetryIn < time.Minute || r.RetryIn > 2*time.Minute {
		t.Errorf("Send while another holds it = %+v, %v", r, err)
	}
	o.exec(`UPDATE letters SET claimed_until = now() - interval '1 second'`)
	o.send(id, mail.Result{State: mail.Sent})

	// Had every earlier attempt died on the way, nobody would know how many
	// copies are out there.
	id = o.queue("other@example.com")
	o.exec(`UPDATE letters SET attempts = 4, unanswered = 3, claimed_until = now() - interval '1 second' WHERE id = $1`, id)
	o.send(id, mail.Result{State: mail.Failed})
	if n := len(o.mails()); n != 1 {
		t.Errorf("%d mails arrived, want 1", n)
	}
}

func TestALetterWhoseJobWasLostIsFound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lost, recent := o.queue("amina@example.com"), o.queue("tomas@example.com")
	held, sent := o.queue("farah@example.com"), o.queue("ingrid@example.com")
	o.send(sent, mail.Result{State: mail.Sent})
	o.exec(`UPDATE letters SET next_try_at = now() - interval '11 minutes'`)
	o.exec(`UPDATE letters SET next_try_at = now() - interval '9 minutes' WHERE id = $1`, recent)
	o.exec(`UPDATE letters SET claimed_until = now() + interval '1 minute' WHERE id = $1`, held)
	ids, err := o.post.Overdue(t.Context())
	if err != nil || !slices.Equal(ids, []uuid.UUID{lost}) {
		t.Errorf("Overdue = %v, %v; want %s alone", ids, err, lost)
	}
}

func TestALetterThatIsGoneLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.send(uuid.New(), mail.Result{State: mail.Failed})
}

func TestAMissingKeyKeepsTheLetter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.queue("amina@example.com")
	right := o.post.Keys
	o.post.Keys = keyring(t)
	if r, err := o.post.Send(t.Context(), id); err == nil || r.State != mail.Delayed || r.RetryIn != time.Minute {
		t.Errorf("Send with another key = %+v, %v", r, err)
	}
	o.post.Keys = right
	o.due(id)
	o.send(id, mail.Result{State: mail.Sent})
}
