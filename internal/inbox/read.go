package inbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Mail is one received mail, decoded.
type Mail struct {
	ID      string
	To      string // who it was delivered to
	From    string
	Subject string
	At      time.Time // when it arrived
	Text    string
	HTML    string
	Links   []string    // web addresses in the text, in order, each once
	Header  mail.Header // as received, not decoded
	Raw     []byte
}

// List reads every mail in dir, newest first. A file that is no mail keeps its
// place with nothing but its ID and time, so that a broken mail is seen.
func List(dir string) ([]Mail, error) {
	ids, err := names(dir)
	if err != nil {
		return nil, fmt.Errorf("list the inbox: %w", err)
	}
	mails := make([]Mail, 0, len(ids))
	for _, id := range ids {
		m, err := Read(dir, id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // trimmed while we looked
		}
		if err != nil {
			m = Mail{ID: id, At: arrival(id)}
		}
		mails = append(mails, m)
	}
	return mails, nil
}

// Read opens one mail. An id that was never given out is fs.ErrNotExist.
func Read(dir, id string) (Mail, error) {
	if !validID.MatchString(id) {
		return Mail{}, fs.ErrNotExist
	}
	raw, err := os.ReadFile(filepath.Join(dir, id+suffix))
	if err != nil {
		return Mail{}, fmt.Errorf("read the mail %s: %w", id, err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, fmt.Errorf("read the head of mail %s: %w", id, err)
	}
	m := Mail{
		ID: id, At: arrival(id), Header: msg.Header, Raw: raw,
		To: msg.Header.Get("Delivered-To"), From: decode(msg.Header.Get("From")), Subject: decode(msg.Header.Get("Subject")),
	}
	if err := m.addPart(textproto.MIMEHeader(msg.Header), msg.Body); err != nil {
		return Mail{}, fmt.Errorf("read the body of mail %s: %w", id, err)
	}
	m.Links = links(m.Text)
	return m, nil
}

// addPart takes a body apart: the first plain and the first HTML part count.
func (m *Mail) addPart(h textproto.MIMEHeader, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.addPart(p.Header, p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = text
	case kind == "text/html" && m.HTML == "":
		m.HTML = text
	}
	return nil
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

func links(text string) []string {
	var out []string
	for _, l := range webAddress.FindAllString(text, -1) {
		l = strings.TrimRight(l, ".,;:!?)'")
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

func decode(s string) string {
	d, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		return s
	}
	return d
}

func arrival(id string) time.Time {
	t, err := time.Parse(stamp, id[:len(stamp)])
	if err != nil {
		return time.Time{}
	}
	return t
}
