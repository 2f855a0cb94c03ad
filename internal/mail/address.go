package mail

import (
	"errors"
	"strings"
)

// ErrAddress says that a text is no e-mail address that we write to.
var ErrAddress = errors.New("not an e-mail address that we can write to")

// ParseAddress brings a typed address into the one form in which it is stored,
// compared and written to: no surrounding space, ASCII letters in lower case.
//
// It is stricter than the standard on purpose. Quoted local parts, comments,
// address literals and anything outside ASCII are refused: they are how a
// second recipient gets smuggled in, and how two people come to share one
// address ("mıke" and "mike").
func ParseAddress(s string) (string, error) {
	s = strings.Trim(s, " \t\r\n")
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 || !goodLocal(local) || !goodDomain(domain) {
		return "", ErrAddress
	}
	return strings.ToLower(s), nil // only ASCII is left, so this folds nothing else
}

func goodLocal(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", rune(c)) {
			return false
		}
	}
	return true
}

func goodDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 && s != "localhost" {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			if c := l[i]; !alphanumeric(c) && c != '-' {
				return false
			}
		}
	}
	// An all-digit last label would be an IP address.
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != ""
}

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
