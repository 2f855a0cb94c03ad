package export

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Part is one sealed ZIP of a package, and what is in it.
type Part struct {
	Artifact
	Manifest Manifest
	Sheet    Sheet // for the review, of a package that speaks of other people
}

// Package is everything that one request hands over: one ZIP, or several where
// one would be too big for people. Each opens alone.
type Package []Part

// Hash names the very bytes of all parts, in their order.
func (p Package) Hash() string {
	if len(p) == 1 {
		return p[0].SHA256
	}
	h := sha256.New()
	for _, part := range p {
		h.Write([]byte(part.SHA256 + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Gone says that nobody can read the package any more; what was in it is still
// known.
func (p Package) Gone() bool {
	return slices.ContainsFunc(p, func(part Part) bool { return part.Key == nil })
}

// Size adds up the ZIPs.
func (p Package) Size() (n int64) {
	for _, part := range p {
		n += part.Artifact.Size
	}
	return n
}

// Rows counts the rows of the store in the package.
func (p Package) Rows() (n int64) {
	for _, part := range p {
		n += part.Manifest.Rows
	}
	return n
}

// Files lists the files of all parts.
func (p Package) Files() (out []Entry) {
	for _, part := range p {
		out = append(out, part.Manifest.Files...)
	}
	return out
}

// Missing names the attachments that storage does not have.
func (p Package) Missing() (out []string) {
	for _, part := range p {
		out = append(out, part.Manifest.Missing...)
	}
	return out
}

// Made is when the last part was made.
func (p Package) Made() (at time.Time) {
	for _, part := range p {
		at = part.Manifest.Made
	}
	return at
}
