package mail

// LetterReady says that a letter waits on the request's pages.
type LetterReady struct{ Ref, Path string }

func (LetterReady) letter() string { return "letter_ready" }

func (l LetterReady) details() details { return details{ref: l.Ref, path: l.Path} }

// Seal seals what is kept beside the mails of a case: place names where it will
// stand, so that two cannot be swapped.
func (o *Outbox) Seal(place string, plain []byte) ([]byte, error) { return o.keys.Seal(place, plain) }

// Open gives back what Seal sealed for that place.
func (o *Outbox) Open(place string, sealed []byte) ([]byte, error) { return o.keys.Open(place, sealed) }

// Absolute makes an address of the portal one for the world outside of it.
func (o *Outbox) Absolute(path string) string { return absolute(o.base, path) }
