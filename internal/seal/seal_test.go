package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/seal"
)

func keyring(t testing.TB, list string) *seal.Keyring {
	t.Helper()
	k, err := seal.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestParse(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xff}, 16))
	secret := "c2VjcmV0c2VjcmV0"
	for _, tt := range []struct{ name, list, want string }{
		{"one key", "a:" + good, ""},
		{"several, by comma and line, with space and comments", " a:" + good + ", b:" + good + "\n# old\nc:" + good + "\n", ""},
		{"the URL alphabet without padding", "a:" + strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(good), ""},
		{"nothing", " \n", "there is no sealing key"},
		{"only a comment", "# a:" + good, "there is no sealing key"},
		{"no id", secret, "sealing key 1 has no id"},
		{"a key where the id should be", "a:" + good + "," + secret + "==:x", "the id of sealing key 2"},
		{"not base64", "a:" + secret + "!", "sealing key 1 is not base64"},
		{"too short", "a:" + secret, "sealing key 1 has 12 bytes; it needs 32"},
		{"too long", "a:" + good[:43] + secret, "sealing key 1"},
		{"the same id twice", "a:" + good + ",a:" + good, `two sealing keys have the id "a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := seal.Parse(tt.list)
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Fatalf("got %v, want %q", err, tt.want)
			case err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), good[:12])):
				t.Fatalf("the error tells the key: %v", err)
			}
		})
	}
}

func TestNewKeyIsWhatParseReads(t *testing.T) {
	k := keyring(t, seal.NewKey("2026-11"))
	if got := fmt.Sprintf("%v %#v %s", k, k, k.LogValue()); got != "keys 2026-11 keys 2026-11 keys 2026-11" {
		t.Errorf("a keyring prints as %q", got)
	}
}

func TestSealOpensOnlyForTheSamePurpose(t *testing.T) {
	k := keyring(t, seal.NewKey("a"))
	sealed, err := k.Seal("mail/1", []byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open("mail/1", sealed); err != nil || string(got) != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
	for _, aad := range []string{"mail/2", "mail/", ""} {
		if _, err := k.Open(aad, sealed); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("aad %q opens it: %v", aad, err)
		}
	}
	again, _ := k.Seal("mail/1", []byte("hello"))
	if bytes.Equal(sealed, again) {
		t.Error("sealing twice gives the same bytes")
	}
}

func TestEveryChangedByteIsFound(t *testing.T) {
	k := keyring(t, seal.NewKey("a"))
	sealed, _ := k.Seal("x", []byte("some text"))
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := k.Open("x", bad); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := k.Open("x", sealed[:i]); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("cut after %d bytes: %v", i, err)
		}
	}
}

func TestChangingKeys(t *testing.T) {
	first, second := seal.NewKey("a"), seal.NewKey("b")
	before, after, gone := keyring(t, first), keyring(t, second+"\n"+first), keyring(t, second)

	old, _ := before.Seal("x", []byte("old"))
	if got, err := after.Open("x", old); err != nil || string(got) != "old" {
		t.Errorf("an old key in the list does not open: %q, %v", got, err)
	}
	if _, err := gone.Open("x", old); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("opened without its key: %v", err)
	}
	fresh, _ := after.Seal("x", []byte("new"))
	if _, err := gone.Open("x", fresh); err != nil {
		t.Errorf("the first key does not seal: %v", err)
	}
	if !bytes.Equal(before.MAC("m", []byte("d")), after.MAC("m", []byte("d"))) {
		t.Error("a new key in front changes MACs")
	}
	if bytes.Equal(after.MAC("m", []byte("d")), gone.MAC("m", []byte("d"))) {
		t.Error("a MAC does not depend on the last key")
	}
	if bytes.Equal(after.MAC("m", []byte("d")), after.MAC("n", []byte("d"))) {
		t.Error("a MAC does not depend on its purpose")
	}
}

func TestWrappedKeyIsNotASealedValue(t *testing.T) {
	k, key := keyring(t, seal.NewKey("a")), seal.RandomKey()
	wrapped, err := k.Wrap("package/1", key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Unwrap("package/1", wrapped); err != nil || !bytes.Equal(got, key) {
		t.Errorf("unwrap: %v", err)
	}
	if _, err := k.Unwrap("package/2", wrapped); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another object's key: %v", err)
	}
	if _, err := k.Open("package/1", wrapped); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a wrapped key opens as a value: %v", err)
	}
	value, _ := k.Seal("package/1", key)
	if _, err := k.Unwrap("package/1", value); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a value unwraps as a key: %v", err)
	}
	if _, err := k.Wrap("package/1", key[1:]); err == nil {
		t.Error("a short key is wrapped")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(seal.NewKey("a"))
	f.Add("a:,b:\n#")
	f.Fuzz(func(t *testing.T, list string) {
		k, err := seal.Parse(list)
		if err != nil {
			return
		}
		sealed, err := k.Seal("x", []byte(list))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open("x", sealed); err != nil || string(got) != list {
			t.Fatalf("round trip: %q, %v", got, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	k := keyring(f, seal.NewKey("a"))
	sealed, _ := k.Seal("x", []byte("text"))
	f.Add(sealed)
	f.Add([]byte{1, 200, 'a'})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := k.Open("y", b); err == nil {
			t.Fatalf("opened %x as %q", b, got)
		}
	})
}
