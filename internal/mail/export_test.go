package mail

import (
	"net/url"
	"time"
)

// Render shows tests a letter as it would be queued at a given time.
func Render(l Letter, to Recipient, base *url.URL, now time.Time) (subject, text, html string, err error) {
	s := lay(l, to, "CrowsStack", base, now)
	text, html, err = s.render()
	return s.Subject, text, html, err
}

// Encoded is a subject as it stands in the head of a mail.
func Encoded(subject string) string { return encoded(subject) }

// NameOf is the letter's name in catalogue keys.
func NameOf(l Letter) string { return l.letter() }
