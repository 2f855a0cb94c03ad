// Package redact finds in the text of messages what belongs to other people
// and what is never disclosed, and writes the text without it.
package redact

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is what a mark hides, so that a letter can say "a bank account number"
// without saying which.
type Kind string

const (
	Phone    Kind = "phone"
	Email    Kind = "email"
	Name     Kind = "name"
	Mention  Kind = "mention"
	Address  Kind = "address"
	Handle   Kind = "handle"
	Card     Kind = "card"      // payment cards, with their expiry and check digits
	Account  Kind = "account"   // bank accounts
	IDNumber Kind = "id_number" // identity, tax, social security, insurance, passport, licence
	Password Kind = "password"  // and answers to security questions
	Code     Kind = "code"      // one-time codes, access tokens, keys
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Phone, Email, Name, Mention, Address, Handle, Card, Account, IDNumber, Password, Code}
}

// Mark is a part of a text: bytes Start to End, on borders of characters.
type Mark struct {
	Start, End int
	Kind       Kind
	Who        string // the other person's key; one begun by "?" stands for somebody the store does not know; "" for nobody certain
	Sure       bool   // hidden unless staff keep it; else staff decide
	Never      bool   // hidden whatever staff say (and Sure)
}

// Person is somebody whom the store knows. Everything in one Person belongs
// together and gets one pseudonym.
type Person struct {
	Who     string // a stable key, such as the table and key of a row; not shown to anyone
	Names   []string
	Numbers []string // telephone numbers, in any writing
	Emails  []string
	Handles []string // names of accounts elsewhere, with or without @
}

// Author says whose words a text is.
type Author int

const (
	Unknown Author = iota
	Subject        // "my number is" is the subject's own
	Other          // "my number is" is somebody else's
)

// Marks finds what a text says of other people, and what is never disclosed.
// The marks are in order and do not overlap. The same text always gives the
// same marks, at once from any number of goroutines.
func (r *Redactor) Marks(text string, author Author) []Mark {
	if text == "" || len(text) > maxText {
		return tooLong(text)
	}
	return r.escaped(text, author, r.look(text, author))
}

// look finds the marks of a text as it is written.
func (r *Redactor) look(text string, author Author) []Mark {
	if text == "" {
		return nil
	}
	x := readings.Get().(*reading)
	defer x.done()
	x.read(r, text)
	if !x.suspicious() {
		return nil
	}
	x.author = author
	x.divide()
	x.chains()
	x.knownNumbers()
	x.knownNames()
	x.solidNames()
	x.addresses()
	x.handles()
	x.secrets()
	x.cards()
	x.introduced()
	x.streets()
	x.phones()
	return x.settle()
}

// maxText is what an int32 can count. Nothing in a message store comes near.
const maxText = 1 << 30

func tooLong(text string) []Mark {
	if text == "" {
		return nil
	}
	return []Mark{{0, len(text), Code, "", true, true}}
}

// Bar is what is written where nothing is said, always of one length: a
// longer bar would say how long a name is.
const Bar = "█████"

// Write gives the text with every mark replaced, by the bar where replace is
// nil. What no mark covers stays byte for byte. Marks that overlap are
// replaced once.
func Write(text string, marks []Mark, replace func(Mark) string) string {
	if len(marks) == 0 {
		return text
	}
	if !slices.IsSortedFunc(marks, byStart) {
		marks = slices.Clone(marks)
		slices.SortStableFunc(marks, byStart)
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for _, m := range marks {
		end := outward(text, min(m.End, len(text)))
		start := inward(text, max(m.Start, 0))
		if end <= at || start >= end {
			continue
		}
		if start >= at {
			b.WriteString(text[at:start])
			if replace == nil {
				b.WriteString(Bar)
			} else {
				b.WriteString(replace(m))
			}
		}
		at = end
	}
	b.WriteString(text[at:])
	return b.String()
}

func byStart(a, b Mark) int { return a.Start - b.Start }

// inward and outward move a border off the middle of a character: half of it
// must not stay.
func inward(s string, at int) int {
	start, _ := around(s, at)
	return start
}

func outward(s string, at int) int {
	_, end := around(s, at)
	return end
}

// around gives the borders of the character that a place is inside of, or the
// place itself.
func around(s string, at int) (start, end int) {
	if at <= 0 || at >= len(s) || utf8.RuneStart(s[at]) {
		return at, at
	}
	for start = at - 1; start > 0 && start > at-utf8.UTFMax && !utf8.RuneStart(s[start]); {
		start--
	}
	if c, size := utf8.DecodeRuneInString(s[start:]); c != utf8.RuneError && start+size > at {
		return start, start + size
	}
	return at, at
}
