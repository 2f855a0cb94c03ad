// Package dev has the pages that exist in development only.
package dev

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Mail is one received mail as the pages show it.
type Mail struct {
	ID, To, From, Subject string
	At                    time.Time
	Text                  string
	HTML                  bool // there is an HTML part to frame
}

// Code is the six digits that a member of the demo staff signs in with now.
type Code struct {
	Email string
	Roles []staff.Role
	Now   string
}

func (c Code) roles(ctx context.Context) string {
	names := make([]string, len(c.Roles))
	for i, r := range c.Roles {
		names[i] = lang.T(ctx, "role."+string(r))
	}
	return strings.Join(names, ", ")
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
