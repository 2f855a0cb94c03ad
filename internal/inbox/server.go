// Package inbox is a mail server for development and tests: it speaks real
// SMTP on a loopback address, keeps what it receives as files, reads them back,
// and misbehaves on request the way real servers do.
package inbox

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// What a recipient's address can ask for, by a word in its local part. Any
// other address simply gets its mail.
const (
	Greylist = "greylist" // 450 4.7.1 at the first attempt, then accepted
	Busy     = "mailbusy" // 451 4.3.2 at every attempt
	Refuse   = "refuse"   // 550 5.1.1: no such mailbox
	Spam     = "spamtrap" // 554 5.7.1 after the text was sent
	Slow     = "slow"     // accepted, but the answer takes SlowFor
	DropOnce = "droponce" // takes the first copy, then the line goes dead without an answer
	Drop     = "dropline" // the same at every attempt
	HangUp   = "hangup"   // accepts, then closes the line before QUIT
)

// SlowFor is how long a slow mailbox thinks about a mail.
const SlowFor = 2 * time.Second

const maxMail = 10 << 20

// Server receives mail until it is closed.
type Server struct {
	smtp     *smtp.Server
	listener net.Listener
	spool    spool
	stop     func() error
	closing  chan struct{}
	done     chan struct{}

	mu   sync.Mutex
	seen map[string]bool // recipients who have tried before
}

// Start listens on addr, which must be a loopback address (port 0 picks one),
// and stores each mail in dir, which is made if it is missing.
func Start(addr, dir string) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("the inbox needs an address such as 127.0.0.1:2525: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the inbox takes any mail from anybody, so it listens on loopback only, not on %q", host)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the inbox: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	s := &Server{
		listener: l, spool: spool{dir: dir},
		closing: make(chan struct{}), done: make(chan struct{}),
		seen: map[string]bool{},
	}
	s.stop = sync.OnceValue(s.close)
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	s.smtp.Domain = "inbox.localhost"
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = time.Minute, time.Minute
	s.smtp.MaxMessageBytes, s.smtp.MaxRecipients = maxMail, 10
	// Its own log would print addresses and complain about lines that we cut.
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer close(s.done)
		_ = s.smtp.Serve(l) // ends with an error when Close closes the listener
	}()
	return s, nil
}

// Addr is where it listens, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops it and cuts the lines that are open. Mails stay.
func (s *Server) Close() error { return s.stop() }

func (s *Server) close() error {
	close(s.closing)
	err := s.smtp.Close()
	// Serve may not have taken the listener over yet.
	if lerr := s.listener.Close(); lerr != nil && !errors.Is(lerr, net.ErrClosed) {
		err = errors.Join(err, lerr)
	}
	<-s.done
	return err
}

// first says whether this is the first time that key comes by.
func (s *Server) first(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.seen[key]
	s.seen[key] = true
	return !was
}

// session is one mail conversation.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
	hangUp bool
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case asks(to, Refuse):
		return reply(550, 5, 1, 1, "No such mailbox here")
	case asks(to, Busy):
		return reply(451, 4, 3, 2, "Try again later")
	case asks(to, Greylist) && s.server.first("greylist "+to):
		return reply(450, 4, 7, 1, "Greylisted, try again later")
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.anyAsks(Spam) {
		return reply(554, 5, 7, 1, "Not wanted")
	}
	if s.anyAsks(Slow) {
		select {
		case <-time.After(SlowFor):
		case <-s.server.closing:
		}
	}
	if err := s.server.spool.put(s.from, s.to, raw); err != nil {
		return reply(452, 4, 3, 1, "Cannot store it")
	}
	if s.anyAsks(Drop) || s.anyAsks(DropOnce) && s.server.first("drop "+s.to[0]) {
		return s.conn.Conn().Close()
	}
	s.hangUp = s.anyAsks(HangUp)
	return nil
}

// Reset runs after the answer to DATA has gone out.
func (s *session) Reset() {
	s.from, s.to = "", nil
	if s.hangUp {
		_ = s.conn.Conn().Close() // cutting the line is the point
	}
}

func (s *session) Logout() error { return nil }

func (s *session) anyAsks(word string) bool {
	for _, to := range s.to {
		if asks(to, word) {
			return true
		}
	}
	return false
}

func asks(address, word string) bool {
	local, _, _ := strings.Cut(address, "@")
	return strings.Contains(strings.ToLower(local), word)
}

func reply(code, class, subject, detail int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: text}
}
