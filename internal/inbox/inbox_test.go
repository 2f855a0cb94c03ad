package inbox_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/inbox"
)

func start(t *testing.T) (s *inbox.Server, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "inbox")
	s, err := inbox.Start("127.0.0.1:0", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n") }

var alternative = lines(
	`From: "Example Privacy" <privacy@example.org>`,
	"To: <amina@example.com>",
	"Subject: =?UTF-8?q?Ihre_Anfrage_f=C3=BCr_Zo=C3=AB?=",
	"MIME-Version: 1.0",
	"Content-Type: multipart/alternative; boundary=part",
	"",
	"--part",
	"Content-Type: text/plain; charset=UTF-8",
	"Content-Transfer-Encoding: quoted-printable",
	"",
	"Gr=C3=BC=C3=9Fe. Open https://privacy.example.org/confirm/abc=",
	"def?x=3D1, or (https://privacy.example.org/privacy). Again:",
	"https://privacy.example.org/privacy",
	"--part",
	"Content-Type: text/html; charset=UTF-8",
	"Content-Transfer-Encoding: base64",
	"",
	"PHA+R3LDvMOfZTwv",
	"cD4=",
	"--part--",
)

func TestAMailIsReadBackAsItWasMeant(t *testing.T) {
	t.Parallel()
	s, dir := start(t)
	if err := smtp.SendMail(s.Addr(), nil, "bounce@example.org", []string{"amina@example.com"}, alternative); err != nil {
		t.Fatal(err)
	}
	mails, err := inbox.List(dir)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	got, err := inbox.Read(dir, mails[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if age := time.Since(got.At); age < 0 || age > time.Minute {
		t.Errorf("it arrived at %v", got.At)
	}
	if from := got.Header.Get("Return-Path"); from != "<bounce@example.org>" {
		t.Errorf("the envelope's sender is %q", from)
	}
	want := inbox.Mail{
		ID: got.ID, At: got.At, Header: got.Header, Raw: got.Raw,
		To: "amina@example.com", From: `"Example Privacy" <privacy@example.org>`,
		Subject: "Ihre Anfrage für Zoë",
		Text:    "Grüße. Open https://privacy.example.org/confirm/abcdef?x=1, or (https://privacy.example.org/privacy). Again:\nhttps://privacy.example.org/privacy",
		HTML:    "<p>Grüße</p>",
		Links:   []string{"https://privacy.example.org/confirm/abcdef?x=1", "https://privacy.example.org/privacy"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMailboxesMisbehaveAsAsked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		word   string
		codes  []int // the answer to each attempt; 0 is accepted, -1 is a dead line
		copies int
	}{
		{"amina", []int{0, 0}, 2},
		{inbox.Greylist, []int{450, 0, 0}, 2},
		{inbox.Busy, []int{451, 451}, 0},
		{inbox.Refuse, []int{550, 550}, 0},
		{inbox.Spam, []int{554}, 0},
		{inbox.DropOnce, []int{-1, 0}, 2},
		{inbox.Drop, []int{-1, -1}, 2},
		{inbox.HangUp, []int{-1}, 1}, // SendMail takes the failed QUIT for a failure
	} {
		t.Run(tt.word, func(t *testing.T) {
			t.Parallel()
			s, dir := start(t)
			for i, want := range tt.codes {
				err := smtp.SendMail(s.Addr(), nil, "a@example.org", []string{"x-" + tt.word + "@example.com"}, alternative)
				got := 0
				if said, ok := errors.AsType[*textproto.Error](err); ok {
					got = said.Code
				} else if err != nil {
					got = -1
				}
				if got != want {
					t.Errorf("attempt %d: %d, want %d (%v)", i+1, got, want, err)
				}
			}
			mails, err := inbox.List(dir)
			if err != nil || len(mails) != tt.copies {
				t.Errorf("%d copies, %v; want %d", len(mails), err, tt.copies)
			}
		})
	}
}

func TestASlowMailboxStillTakesItsMail(t *testing.T) {
	t.Parallel()
	s, dir := start(t)
	begin := time.Now()
	if err := smtp.SendMail(s.Addr(), nil, "a@example.org", []string{"slow@example.com"}, alternative); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < inbox.SlowFor {
		t.Errorf("it took %v only", took)
	}
	if mails, err := inbox.List(dir); err != nil || len(mails) != 1 {
		t.Errorf("%d mails, %v", len(mails), err)
	}
}

func TestTheNewestComeFirstAndTheOldestGo(t *testing.T) {
	t.Parallel()
	s, dir := start(t)
	for i := range inbox.Keep {
		name := fmt.Sprintf("20200101T000000.000000-%06d.eml", i)
		if err := os.WriteFile(filepath.Join(dir, name), lines("Subject: old", "", "x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, subject := range []string{"one", "two", "three"} {
		if err := smtp.SendMail(s.Addr(), nil, "a@example.org", []string{"b@example.com"}, lines("Subject: "+subject, "", "x")); err != nil {
			t.Fatal(err)
		}
	}
	mails, err := inbox.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(mails) != inbox.Keep {
		t.Errorf("%d mails are kept, want %d", len(mails), inbox.Keep)
	}
	if got := mails[0].Subject + " " + mails[1].Subject + " " + mails[2].Subject; got != "three two one" {
		t.Errorf("the newest are %s", got)
	}
	if _, err := inbox.Read(dir, "20200101T000000.000000-000002"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the third oldest is still there: %v", err)
	}
}

func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	t.Parallel()
	s, dir := start(t)
	if err := smtp.SendMail(s.Addr(), nil, "a@example.org", []string{"b@example.com"}, alternative); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, entries[0].Name()): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s is %v, %v", path, info.Mode(), err)
		}
	}
}

func TestAnIDCannotLeaveTheInbox(t *testing.T) {
	t.Parallel()
	_, dir := start(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.eml"), lines("Subject: secret", "", "x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "../secret", "..%2fsecret", "/etc/passwd", "20200101T000000.000000-000000", "20200101T000000.000000-000000/../../secret"} {
		if _, err := inbox.Read(dir, id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Read(%q) = %v", id, err)
		}
	}
}

func TestABrokenMailKeepsItsPlace(t *testing.T) {
	t.Parallel()
	_, dir := start(t)
	id := "20200101T000000.000000-000001"
	if err := os.WriteFile(filepath.Join(dir, id+".eml"), []byte("this is no mail"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.eml"), lines("Subject: not ours", "", "x"), 0o600); err != nil {
		t.Fatal(err)
	}
	mails, err := inbox.List(dir)
	if err != nil || len(mails) != 1 || mails[0].ID != id || mails[0].At.Year() != 2020 {
		t.Errorf("List = %+v, %v", mails, err)
	}
}

func TestNoInboxYetIsAnEmptyInbox(t *testing.T) {
	t.Parallel()
	if mails, err := inbox.List(filepath.Join(t.TempDir(), "none")); err != nil || len(mails) != 0 {
		t.Errorf("List = %v, %v", mails, err)
	}
}

func TestItListensOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:25", "example.org:25", "nonsense"} {
		if s, err := inbox.Start(addr, t.TempDir()); err == nil {
			s.Close()
			t.Errorf("it listens on %q", addr)
		}
	}
}
