// Package dev has the pages that exist in development only.
package dev

import (
	"regexp"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/link"
)

// Mail is one received mail as the pages show it.
type Mail struct {
	ID, To, From, Subject string
	At                    time.Time
	Text                  string
	HTML                  bool // there is an HTML part to frame
}

func (m Mail) page() string  { return link.DevInbox + "/" + m.ID }
func (m Mail) frame() string { return m.page() + "/html" }

// piece is a stretch of text, or a link.
type piece struct{ text, href string }

var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)']`)

// pieces makes the web addresses in a text clickable.
func pieces(text string) []piece {
	var out []piece
	for text != "" {
		at := address.FindStringIndex(text)
		if at == nil {
			return append(out, piece{text: text})
		}
		if at[0] > 0 {
			out = append(out, piece{text: text[:at[0]]})
		}
		href := text[at[0]:at[1]]
		out = append(out, piece{text: href, href: href})
		text = text[at[1]:]
	}
	return out
}

// named gives a mail that says nothing of itself something to click on.
func named(subject, otherwise string) string {
	if strings.TrimSpace(subject) == "" {
		return otherwise
	}
	return subject
}
