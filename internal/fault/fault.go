// Package fault classifies the errors that a person may be told about.
// Anything that is not a *Error is internal: logged, never shown.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what sort of trouble it is; web maps it to an HTTP status.
type Kind string

const (
	NotFound  Kind = "not_found"
	Invalid   Kind = "invalid"
	Conflict  Kind = "conflict"
	Forbidden Kind = "forbidden"
	Unproved  Kind = "unproved" // a fresh proof (mailed link, second factor) is needed first
	Expired   Kind = "expired"
	TooMany   Kind = "too_many"
	Internal  Kind = "internal"
)

// Message names a sentence in the message catalogue, with its values as
// alternating names and values. It never carries personal data.
type Message struct {
	Key  string
	Args []any
}

// Error is an error that a person may read, in their own language.
type Error struct {
	Kind   Kind
	Text   Message
	Fields map[string]Message // form field → what to do about it, for Invalid
	cause  error
}

// New makes an error whose sentence is the catalogue entry key ("error.…").
func New(k Kind, key string, args ...any) *Error {
	return &Error{Kind: k, Text: Message{Key: key, Args: args}}
}

// Because keeps the cause for the log; the person still reads only the sentence.
func (e *Error) Because(err error) *Error { e.cause = err; return e }

func (e *Error) Error() string {
	s := string(e.Kind) + ": " + e.Text.Key
	if len(e.Fields) > 0 {
		s += " (" + strings.Join(slices.Sorted(maps.Keys(e.Fields)), ", ") + ")"
	}
	if e.cause != nil {
		s = fmt.Sprintf("%s: %v", s, e.cause)
	}
	return s
}

func (e *Error) Unwrap() error { return e.cause }

// Fields collects what is wrong with a form; Err is nil when nothing is.
type Fields map[string]Message

// Add notes the first problem of a field; later ones of the same field are left out.
func (f Fields) Add(field, key string, args ...any) {
	if _, ok := f[field]; !ok {
		f[field] = Message{Key: key, Args: args}
	}
}

// Err gives an Invalid error for a form that has problems.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Text: Message{Key: "error.form"}, Fields: f}
}

// KindOf says what kind an error is; anything unknown is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
