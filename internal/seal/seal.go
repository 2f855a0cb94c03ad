// Package seal encrypts what the portal keeps: small values under a list of
// master keys, and big files under a key of their own, readable from any place
// in them.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// KeySize is the length of every key in this package, in bytes.
const KeySize = 32

// ErrOpen says that sealed bytes are not what was sealed for this purpose:
// changed, cut short, from elsewhere, or under another key.
var ErrOpen = errors.New("sealed data does not open: it was changed, or sealed for something else")

const version = 1

var goodID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)

// Keyring is a list of master keys. The first seals; all of them open. It
// prints as its key ids only.
type Keyring struct{ keys []master }

type master struct {
	id   string
	seal cipher.AEAD
	mac  []byte // input of the keys for MAC
}

// Parse reads "id:base64 of 32 bytes", one key or several, separated by commas
// or line breaks. Lines that start with # are left out. To change keys, put
// the new one in front and leave the old ones in the list for as long as
// anything sealed by them is kept.
func Parse(list string) (*Keyring, error) {
	var k Keyring
	seen := map[string]bool{}
	for _, line := range strings.Split(list, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, item := range strings.Split(line, ",") {
			item = strings.TrimSpace(item)
			if item == "" {
				continue
			}
			m, err := parseOne(item, len(k.keys)+1)
			if err != nil {
				return nil, err
			}
			if seen[m.id] {
				return nil, fmt.Errorf("two sealing keys have the id %q; give each key an id of its own", m.id)
			}
			seen[m.id] = true
			k.keys = append(k.keys, m)
		}
	}
	if len(k.keys) == 0 {
		return nil, errors.New(`there is no sealing key; write it as "id:base64 of 32 random bytes"`)
	}
	return &k, nil
}

// parseOne never repeats its input in an error unless the id is surely no key.
func parseOne(item string, n int) (master, error) {
	id, text, ok := strings.Cut(item, ":")
	if !ok {
		return master{}, fmt.Errorf(`sealing key %d has no id; write it as "id:base64 of 32 bytes"`, n)
	}
	id = strings.TrimSpace(id)
	if !goodID.MatchString(id) {
		return master{}, fmt.Errorf("the id of sealing key %d must be 1 to 32 letters, digits, dots, hyphens or underscores", n)
	}
	raw, err := decode(strings.TrimSpace(text))
	if err != nil {
		return master{}, fmt.Errorf("sealing key %d is not base64", n)
	}
	if len(raw) != KeySize {
		return master{}, fmt.Errorf("sealing key %d has %d bytes; it needs %d", n, len(raw), KeySize)
	}
	aead, err := newGCM(derive(raw, nil, "seal"))
	if err != nil {
		return master{}, err
	}
	return master{id: id, seal: aead, mac: derive(raw, nil, "mac")}, nil
}

// decode takes base64 in the usual and in the URL alphabet, padded or not.
func decode(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.Strict().DecodeString(text)
}

// NewKey makes one random entry for Parse.
func NewKey(id string) string {
	return id + ":" + base64.StdEncoding.EncodeToString(random(KeySize))
}

// Seal encrypts plain under the first key. The aad says what the bytes are and
// whose they are ("mail/" + id); Open must be told the same. A sealed value is
// the version, the length of the key's id, the id, the nonce, the ciphertext.
// Nonces are random: change the first key before it has sealed 2^32 values.
func (k *Keyring) Seal(aad string, plain []byte) ([]byte, error) {
	m := k.keys[0]
	head := append([]byte{version, byte(len(m.id))}, m.id...)
	nonce := random(m.seal.NonceSize())
	out := make([]byte, 0, len(head)+len(nonce)+len(plain)+m.seal.Overhead())
	out = append(append(out, head...), nonce...)
	return m.seal.Seal(out, nonce, plain, bind(head, aad)), nil
}

// Open gives back what was sealed with the same aad, whichever key of the list
// did it. Anything else is ErrOpen.
func (k *Keyring) Open(aad string, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != version {
		return nil, ErrOpen
	}
	end := 2 + int(sealed[1])
	if len(sealed) < end {
		return nil, ErrOpen
	}
	head, rest := sealed[:end], sealed[end:]
	for _, m := range k.keys {
		if m.id != string(head[2:]) {
			continue
		}
		if len(rest) < m.seal.NonceSize() {
			return nil, ErrOpen
		}
		plain, err := m.seal.Open(nil, rest[:m.seal.NonceSize()], rest[m.seal.NonceSize():], bind(head, aad))
		if err != nil {
			return nil, ErrOpen
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%w (its key is not in the list)", ErrOpen)
}

// bind makes the head part of what is authenticated. The head tells its own
// length, so no two pairs of head and aad give the same bytes.
func bind(head []byte, aad string) []byte {
	return append(append(make([]byte, 0, len(head)+len(aad)), head...), aad...)
}

// Wrap seals a data key, Unwrap opens it. They are Seal and Open in a domain of
// their own, so that a sealed value never passes for a key.
func (k *Keyring) Wrap(aad string, key []byte) ([]byte, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("a data key has %d bytes, not %d", KeySize, len(key))
	}
	return k.Seal("key/"+aad, key)
}

// Unwrap opens what Wrap sealed with the same aad.
func (k *Keyring) Unwrap(aad string, wrapped []byte) ([]byte, error) {
	key, err := k.Open("key/"+aad, wrapped)
	if err == nil && len(key) != KeySize {
		return nil, ErrOpen
	}
	return key, err
}

// MAC is a keyed SHA-256 of data with a key for this purpose alone. It uses the
// last key of the list, so putting a new key in front changes nothing; taking
// the last one away changes every MAC.
func (k *Keyring) MAC(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, derive(k.keys[len(k.keys)-1].mac, nil, purpose))
	h.Write(data)
	return h.Sum(nil)
}

// String names the keys by id, the one that seals first.
func (k *Keyring) String() string {
	ids := make([]string, len(k.keys))
	for i, m := range k.keys {
		ids[i] = m.id
	}
	return "keys " + strings.Join(ids, ", ")
}

// GoString and LogValue keep key material out of %#v and of logs.
func (k *Keyring) GoString() string     { return k.String() }
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(k.String()) }

// RandomKey makes a data key.
func RandomKey() []byte { return random(KeySize) }

// random cannot fail: crypto/rand ends the program if the system has no
// randomness to give.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func derive(key, salt []byte, purpose string) []byte {
	sub, err := hkdf.Key(sha256.New, key, salt, "privacy-portal/"+purpose, KeySize)
	if err != nil {
		panic(err) // only a length beyond HKDF's limit, and ours is fixed
	}
	return sub
}
