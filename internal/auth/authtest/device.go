// Package authtest has a device that makes and uses passkeys, for tests without
// a browser. It answers as the specification says (WebAuthn level 3, section 6),
// and lies where it is told to.
package authtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Device holds one passkey.
type Device struct {
	Origin string // of the page that it thinks it is on
	Count  uint32 // how often it was used; it goes up by one each time
	Silent bool   // it does not count
	Handle []byte // whom the site said it is for

	id  []byte
	key *ecdsa.PrivateKey
}

// New gives a device in a browser that shows the site at origin.
func New(t *testing.T, origin string) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id) // never fails
	return &Device{Origin: origin, id: id, key: key}
}

// ID is how the site knows the passkey.
func (d *Device) ID() []byte { return d.id }

type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

// Make answers the question for a new passkey.
func (d *Device) Make(t *testing.T, question []byte) []byte {
	t.Helper()
	var o options
	read(t, question, &o)
	d.Handle = decode(t, o.PublicKey.User.ID)
	raw, err := d.key.PublicKey.Bytes() // 4, X, Y
	check(t, err)
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})
	check(t, err)
	data := d.data(o.PublicKey.RP.ID, 0x45) // present, verified, with the key
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), cose...)
	statement, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	check(t, err)
	return d.answer(t, map[string]any{"attestationObject": encode(statement), "clientDataJSON": encode(d.client(t, "webauthn.create", o.PublicKey.Challenge)),
		"transports": []string{"internal"}})
}

// Use answers the question for a passkey.
func (d *Device) Use(t *testing.T, question []byte) []byte {
	t.Helper()
	var o options
	read(t, question, &o)
	if !d.Silent {
		d.Count++
	}
	data, client := d.data(o.PublicKey.RPID, 0x05), d.client(t, "webauthn.get", o.PublicKey.Challenge)
	of := sha256.Sum256(client)
	sum := sha256.Sum256(append(data[:len(data):len(data)], of[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	check(t, err)
	return d.answer(t, map[string]any{"authenticatorData": encode(data), "clientDataJSON": encode(client), "signature": encode(signature), "userHandle": encode(d.Handle)})
}

func (d *Device) data(site string, flags byte) []byte {
	sum := sha256.Sum256([]byte(site))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.Count)
}

func (d *Device) client(t *testing.T, kind, challenge string) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
	check(t, err)
	return b
}

func (d *Device) answer(t *testing.T, response map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"id": encode(d.id), "rawId": encode(d.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	check(t, err)
	return b
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	check(t, err)
	return b
}

func read(t *testing.T, text []byte, v any) {
	t.Helper()
	check(t, json.Unmarshal(text, v))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
