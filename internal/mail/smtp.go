package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// stepTimeout is how long the other server may take for the greeting and for
// taking a mail; the claim on a letter outlasts both.
const stepTimeout = 30 * time.Second

// SMTP hands mails to one server. It is safe for use by several goroutines:
// each mail gets a connection of its own.
type SMTP struct {
	client *gomail.Client
	from   netmail.Address
	domain string
}

// NewSMTP reads the server's address:
//
//	smtp://127.0.0.1:25                     without encryption, this machine only
//	smtp+starttls://user:pass@host:587      must switch to TLS
//	smtps://user:pass@host:465              TLS from the start
//
// and the sender, "privacy@example.org" or "Example Privacy <privacy@…>". Its
// errors never repeat the address, which may hold a password.
func NewSMTP(address, from string) (*SMTP, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, errors.New(`the mail sender cannot be read: write it as "Name <privacy@example.org>"`)
	}
	if sender.Address, err = ParseAddress(sender.Address); err != nil {
		return nil, fmt.Errorf("the mail sender: %w", err)
	}
	_, domain, _ := strings.Cut(sender.Address, "@")

	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, errors.New("the mail server cannot be read: write it as smtps://user:password@host:465, smtp+starttls://user:password@host:587 or smtp://127.0.0.1:25")
	}
	options := []gomail.Option{
		gomail.WithHELO(domain), // the default is the name of the machine
		gomail.WithTimeout(stepTimeout),
		gomail.WithoutSMTPUTF8(),                   // our addresses are ASCII, and bounces come back in the plain form
		gomail.WithoutNoop(), gomail.WithoutRset(), // one mail, one connection: neither says anything
		gomail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}),
	}
	port := 0
	switch u.Scheme {
	case "smtp":
		if !loopback(u.Hostname()) {
			return nil, errors.New("smtp:// sends without encryption, so it is for a server on this machine only: use smtps:// or smtp+starttls://")
		}
		if u.User != nil {
			return nil, errors.New("smtp:// sends without encryption, so it takes no password: use smtps:// or smtp+starttls://")
		}
		port = 25
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case "smtp+starttls":
		port = 587
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "smtps":
		port = 465
		options = append(options, gomail.WithSSL())
	default:
		return nil, errors.New("the mail server's address starts with smtps://, smtp+starttls:// or smtp://")
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, errors.New("the mail server's port must be between 1 and 65535")
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), append(options, gomail.WithPort(port))...)
	if err != nil {
		return nil, fmt.Errorf("set up the mail client: %w", err)
	}
	return &SMTP{client: client, from: *sender, domain: domain}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// verdict is how an attempt ended.
type verdict int

const (
	accepted    verdict = iota
	later               // the server asked us to try again
	refused             // the server will never take it
	unreachable         // we did not get as far as naming the recipient
	unanswered          // the text went out, the answer did not come back
)

// outcome is a verdict and the server's codes, never its words: those repeat
// addresses.
type outcome struct {
	verdict verdict
	reply   string
}

// send makes one attempt. bounce is where the report goes if the mail comes
// back later.
func (s *SMTP) send(ctx context.Context, e envelope, bounce string) (outcome, error) {
	msg, err := s.message(e, bounce)
	if err != nil {
		return outcome{}, err
	}
	conn, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		o := outcome{verdict: unreachable}
		if said, ok := errors.AsType[*textproto.Error](err); ok {
			o.reply = codes(said.Code, said.Msg)
		}
		return o, nil
	}
	err = s.client.SendWithSMTPClient(conn, msg)
	// Once the server has the mail, a line that dies before QUIT changes nothing.
	if quit := s.client.CloseWithSMTPClient(conn); quit != nil {
		_ = conn.Close()
	}
	return judge(msg, err), nil
}

func judge(msg *gomail.Msg, err error) outcome {
	if msg.IsDelivered() {
		return outcome{accepted, codes(250, msg.ServerResponse())}
	}
	se, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return outcome{verdict: unreachable}
	}
	o := outcome{verdict: unreachable, reply: codes(se.ErrorCode(), se.EnhancedStatusCode())}
	switch se.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		switch class := se.ErrorCode() / 100; {
		case class == 4:
			o.verdict = later
		case class == 5:
			o.verdict = refused
		case se.Reason == gomail.ErrSMTPDataClose:
			o.verdict = unanswered
		}
	}
	// Anything before the recipient was named, such as a refused sign-in or
	// sender, is between the server and us: the letter waits until it is mended.
	// So does one whose text broke off: without its last line nobody took it.
	return o
}

var enhanced = regexp.MustCompile(`^\s*([245])\.\d{1,3}\.\d{1,3}\b`)

// codes keeps the reply code and the enhanced code of a server's answer.
func codes(code int, text string) string {
	if code < 200 || code > 599 || code/100 == 3 {
		return ""
	}
	reply := strconv.Itoa(code)
	if m := enhanced.FindStringSubmatch(text); m != nil && m[1] == reply[:1] {
		reply += " " + strings.TrimSpace(m[0])
	}
	return reply
}

// message builds the same bytes each time it is called with the same envelope.
func (s *SMTP) message(e envelope, bounce string) (*gomail.Msg, error) {
	if _, err := ParseAddress(e.To); err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(boundary(e.MessageID)))
	m.FromMailAddress(&s.from)
	if err := errors.Join(m.To(e.To), m.EnvelopeFrom(bounce)); err != nil {
		return nil, ErrAddress // go-mail's own words would repeat the address
	}
	m.Subject(encoded(e.Subject))
	m.SetDateWithValue(e.Date)
	m.SetMessageIDWithValue(e.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", e.Lang)
	m.SetBodyString(gomail.TypeTextPlain, e.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, e.HTML)
	return m, nil
}

// encoded writes a subject with only those words encoded that need it. Encoded
// as a whole, a long one would start on a line of its own, and some mail
// programs show that as a space.
func encoded(subject string) string {
	var out, run []string
	flush := func() {
		if len(run) > 0 {
			// Words of a run stand in one piece: space between two pieces does not count.
			word := mime.QEncoding.Encode("UTF-8", strings.Join(run, " "))
			out, run = append(out, strings.ReplaceAll(word, "\r\n", "")), nil
		}
	}
	for _, w := range strings.Fields(subject) {
		if mime.QEncoding.Encode("UTF-8", w) != w {
			run = append(run, w)
			continue
		}
		flush()
		out = append(out, w)
	}
	flush()
	return strings.Join(out, " ")
}

// boundary is fixed per letter, so that a second copy has the same bytes.
func boundary(messageID string) string {
	id, _, _ := strings.Cut(messageID, "@")
	return "part-" + id
}
