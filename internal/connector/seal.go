package connector

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// aead is the seal under which an operation's identities wait in the store.
func (s *Store) aead() (cipher.AEAD, error) {
	if len(s.opt.Secret) < 16 {
		return nil, errors.New("the connector needs a secret of at least 16 bytes to seal identities")
	}
	key, err := hkdf.Key(sha256.New, s.opt.Secret, nil, "dsar operation seal", 32)
	if err != nil {
		return nil, fmt.Errorf("derive the seal's key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make the seal: %w", err)
	}
	return cipher.NewGCM(block)
}

// secrets is what an operation knows of people: who it is about, and what they
// ask for.
type secrets struct {
	*roots
	Ask Ask `json:"ask"`
}

func (s *Store) seal(op uuid.UUID, r *roots, ask Ask) ([]byte, error) {
	return s.sealValue(secrets{r, ask}, op[:])
}

// sealValue seals a value for one place, which bound names.
func (s *Store) sealValue(v any, bound []byte) ([]byte, error) {
	a, err := s.aead()
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write down what is sealed: %w", err)
	}
	nonce := make([]byte, a.NonceSize())
	rand.Read(nonce) // never fails
	return a.Seal(nonce, nonce, plain, bound), nil
}

// openValue reads what was sealed for a place.
func (s *Store) openValue(sealed, bound []byte, v any) error {
	a, err := s.aead()
	if err != nil {
		return err
	}
	if len(sealed) < a.NonceSize() {
		return errors.New("it was wiped, or is damaged")
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], bound)
	if err != nil {
		return errors.New("it cannot be opened: was it sealed under another secret?")
	}
	return json.Unmarshal(plain, v)
}

func (s *Store) unseal(op uuid.UUID, sealed []byte) (*roots, Ask, error) {
	k := secrets{roots: &roots{}}
	if err := s.openValue(sealed, op[:], &k); err != nil {
		return nil, Ask{}, fmt.Errorf("read the operation's identities: %w", err)
	}
	return k.roots, k.Ask, nil
}

// asked names what is asked beside the kind without telling it, "" for nothing.
func (s *Store) asked(ask Ask) string {
	b, err := json.Marshal(ask)
	bare, err2 := json.Marshal(Ask{Kind: ask.Kind})
	if err != nil || err2 != nil {
		panic("an ask is texts and numbers, which always marshal")
	}
	if bytes.Equal(b, bare) {
		return ""
	}
	h := hmac.New(sha256.New, s.opt.Secret)
	h.Write([]byte("ask\x00"))
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// hash is the keyed hash under which an identifier is remembered after it was
// erased. Kind and value are kept apart so that no two pairs collide.
func (s *Store) hash(kind, value string) []byte {
	h := hmac.New(sha256.New, s.opt.Secret)
	fmt.Fprintf(h, "erased\x00%s\x00%s\x00%s", s.m.Store.Name, kind, value)
	return h.Sum(nil)
}

// hmacPads gives the two keys of HMAC-SHA-256, for PostgreSQL to hash a column
// where it lies: sha256(outer || sha256(inner || value)).
func (s *Store) hmacPads() (inner, outer []byte) {
	key := s.opt.Secret
	if len(key) > 64 {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	inner, outer = make([]byte, 64), make([]byte, 64)
	copy(inner, key)
	copy(outer, key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	return inner, outer
}
