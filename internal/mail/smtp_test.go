package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"mime"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// certificate is for "localhost" alone; TestMain makes it one that we trust.
var certificate tls.Certificate

func TestMain(m *testing.M) {
	if err := trustOurselves(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pgtest.Main(m)
}

// trustOurselves makes the system's list of authorities, which is read once,
// out of a certificate of our own.
func trustOurselves() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	f, err := os.CreateTemp("", "authority-*.pem")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = errors.Join(pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: der}), f.Close(), os.Setenv("SSL_CERT_FILE", f.Name()))
	if err != nil {
		return err
	}
	_, err = x509.SystemCertPool()
	return err
}

// relay is a mail server with TLS and a sign-in, as operators have one.
type relay struct {
	port     string
	accepted atomic.Int32
	clear    atomic.Int32 // sign-ins without TLS
	onData   func()       // runs before a mail is accepted
}

func newRelay(t *testing.T, implicit bool, config *tls.Config) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{}
	_, r.port, _ = net.SplitHostPort(l.Addr().String())
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &relaySession{relay: r, conn: c}, nil }))
	s.Domain, s.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	if implicit {
		l = tls.NewListener(l, config)
	} else {
		s.TLSConfig = config
	}
	go s.Serve(l) // ends when the test closes it
	t.Cleanup(func() { s.Close() })
	return r
}

type relaySession struct {
	*relay
	conn *smtp.Conn
	in   bool
}

func (s *relaySession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *relaySession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if _, ok := s.conn.TLSConnectionState(); !ok {
			s.clear.Add(1)
		}
		if user != "portal" || password != "p@ss/word" {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

func (s *relaySession) Mail(string, *smtp.MailOptions) error {
	if !s.in {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Sign in first"}
	}
	return nil
}

func (s *relaySession) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	if s.onData != nil {
		s.onData()
	}
	s.accepted.Add(1)
	return err
}
func (s *relaySession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *relaySession) Reset()                               {}
func (s *relaySession) Logout() error                        { return nil }

func TestARelayIsTrustedOnlyOverGoodTLS(t *testing.T) {
	t.Parallel()
	const right, wrong = "portal:p%40ss%2Fword@", "portal:guess@"
	good := &tls.Config{Certificates: []tls.Certificate{certificate}}
	old := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	for _, tt := range []struct {
		name, scheme, user, host string
		config                   *tls.Config
		want                     mail.DeliveryState
		reply                    string
	}{
		{"STARTTLS and a sign-in", "smtp+starttls", right, "localhost", good, mail.Sent, "250 2.0.0"},
		{"TLS from the start and a sign-in", "smtps", right, "localhost", good, mail.Sent, "250 2.0.0"},
		{"a wrong password waits for us to mend it", "smtps", wrong, "localhost", good, mail.Delayed, "535 5.7.8"},
		{"no password waits as well", "smtps", "", "localhost", good, mail.Delayed, "530 5.7.0"},
		{"a certificate for another name", "smtps", right, "127.0.0.1", good, mail.Delayed, ""},
		{"a certificate for another name after STARTTLS", "smtp+starttls", right, "127.0.0.1", good, mail.Delayed, ""},
		{"TLS that is too old", "smtps", right, "localhost", old, mail.Delayed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			r := newRelay(t, tt.scheme == "smtps", tt.config)
			o.post.SMTP = o.smtp(tt.scheme + "://" + tt.user + tt.host + ":" + r.port)
			id := o.queue("amina@example.com")
			if got, err := o.post.Send(t.Context(), id); err != nil || got.State != tt.want {
				t.Errorf("Send = %+v, %v; want %s", got, err, tt.want)
			}
			o.expect(tt.want, 1, tt.reply)
			if sent := tt.want == mail.Sent; sent != (r.accepted.Load() == 1) || r.clear.Load() != 0 {
				t.Errorf("%d mails accepted, %d sign-ins in clear", r.accepted.Load(), r.clear.Load())
			}
		})
	}
}

func TestAProcessThatIsStoppedWhileSendingStillWritesDownThatItSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := newRelay(t, true, &tls.Config{Certificates: []tls.Certificate{certificate}})
	ctx, stop := context.WithCancel(t.Context())
	r.onData = stop
	o.post.SMTP = o.smtp("smtps://portal:p%40ss%2Fword@localhost:" + r.port)
	id := o.queue("amina@example.com")
	if got, err := o.post.Send(ctx, id); err != nil || got.State != mail.Sent {
		t.Errorf("Send = %+v, %v", got, err)
	}
	o.expect(mail.Sent, 1, "250 2.0.0")
}

func TestASubjectIsEncodedWordByWord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ subject, want string }{
		{"Your privacy request CS-7F3K-29QD is ready", "Your privacy request CS-7F3K-29QD is ready"},
		{"Bestätigen Sie Ihre Anfrage", "=?UTF-8?q?Best=C3=A4tigen?= Sie Ihre Anfrage"},
		{"Für später nötig", "=?UTF-8?q?F=C3=BCr_sp=C3=A4ter_n=C3=B6tig?="},
		{"one\r\nBcc: evil@example.com", "one Bcc: evil@example.com"},
		{"", ""},
	} {
		if got := mail.Encoded(tt.subject); got != tt.want {
			t.Errorf("%q is written %q, want %q", tt.subject, got, tt.want)
		}
	}
	long := strings.Repeat("привет мир ", 20)
	got := mail.Encoded(long)
	back, err := new(mime.WordDecoder).DecodeHeader(got)
	if err != nil || back != strings.TrimSpace(long) || strings.ContainsAny(got, "\r\n") {
		t.Errorf("%q is read back as %q, %v", got, back, err)
	}
}

func TestTheServersAddressIsReadStrictly(t *testing.T) {
	t.Parallel()
	const from = "privacy@example.org"
	for _, tt := range []struct {
		address, from string
		ok            bool
	}{
		{"smtp://127.0.0.1:2525", from, true},
		{"smtp://localhost", from, true},
		{"smtp://[::1]:25", from, true},
		{"smtps://user:secret@mail.example.org", from, true},
		{"smtp+starttls://user:secret@mail.example.org:587", "Example Privacy <privacy@example.org>", true},
		{"smtp://mail.example.org:25", from, false},             // in clear over a network
		{"smtp://user:secret@127.0.0.1:25", from, false},        // a password in clear
		{"smtps://user:secret@mail.example.org:0", from, false}, // no such port
		{"smtps://user:secret@mail.example.org:x", from, false},
		{"smtps://user:secret@mail.example.org/path", from, false},
		{"smtps://user:secret@mail.example.org?tls=off", from, false},
		{"http://user:secret@mail.example.org", from, false},
		{"smtps://", from, false},
		{"", from, false},
		{"smtp://127.0.0.1:25", "", false},
		{"smtp://127.0.0.1:25", "privacy@example.org\r\nBcc: evil@example.com", false},
		{"smtp://127.0.0.1:25", "one@example.org, two@example.org", false},
	} {
		_, err := mail.NewSMTP(tt.address, tt.from)
		if (err == nil) != tt.ok {
			t.Errorf("NewSMTP(%q, %q): %v", tt.address, tt.from, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
