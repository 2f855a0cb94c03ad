package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// repack writes the package again; change gives each file's new name and body,
// and "" as a name leaves it out.
func repack(t testing.TB, z *zip.Reader, change func(name, body string) (string, string), more ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	add := func(name, body string) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, body)
	}
	for _, f := range z.File {
		if name, body := change(f.Name, read(t, z, f.Name)); name != "" {
			add(name, body)
		}
	}
	for _, m := range more {
		add(m[0], m[1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func same(name, body string) (string, string) { return name, body }

// one changes one file only.
func one(file string, change func(string) string) func(string, string) (string, string) {
	return func(name, body string) (string, string) {
		if name == file {
			body = change(body)
		}
		return name, body
	}
}

// manifest changes the manifest only.
func manifest(t testing.TB, change func(*export.Manifest)) func(string, string) (string, string) {
	return one("manifest.json", func(body string) string {
		var m export.Manifest
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		b, _ := json.Marshal(m)
		return string(b)
	})
}

func TestVerify(t *testing.T) {
	z, m, good := write(t, sample())
	entry := func(m *export.Manifest, name string) *export.Entry {
		for i := range m.Files {
			if m.Files[i].Name == name {
				return &m.Files[i]
			}
		}
		t.Fatalf("no %s", name)
		return nil
	}
	for _, tt := range []struct {
		name, want string
		zip        []byte
	}{
		{"untouched", "", good},
		{"written again, nothing changed", "", repack(t, z, same)},
		{"a byte of a page", "was changed", repack(t, z, one("index.html", func(s string) string { return strings.Replace(s, "held", "hold", 1) }))},
		{"a letter of a message", "was changed", repack(t, z, one("json/messages.json", func(s string) string { return strings.Replace(s, "parcel", "barrel", 1) }))},
		{"a file missing", `"csv/contacts.csv" is missing`, repack(t, z, func(n, b string) (string, string) {
			if n == "csv/contacts.csv" {
				return "", ""
			}
			return n, b
		})},
		{"a file too many", "not in the manifest", repack(t, z, same, [2]string{"extra.txt", "x"})},
		{"a file twice", "in the ZIP twice", repack(t, z, same, [2]string{"index.html", "x"})},
		{"a longer file", "does not have the", repack(t, z, one("README.txt", func(s string) string { return s + "!" }))},
		{"a shorter file", "does not have the", repack(t, z, one("README.txt", func(s string) string { return s[1:] }))},
		{"another count of JSON rows", "has 4 rows, the manifest says 5", repack(t, z, manifest(t, func(m *export.Manifest) { entry(m, "json/messages.json").Rows++ }))},
		{"another count of CSV rows", "has 4 rows, the manifest says 3", repack(t, z, manifest(t, func(m *export.Manifest) { entry(m, "csv/messages.csv").Rows-- }))},
		{"another count of rows to read", "as html", repack(t, z, manifest(t, func(m *export.Manifest) { entry(m, "read/messages-1.html").Rows-- }))},
		{"another total", "the package has 7 rows, the manifest says 8", repack(t, z, manifest(t, func(m *export.Manifest) { m.Rows++ }))},
		{"an entry twice", "in the manifest twice", repack(t, z, manifest(t, func(m *export.Manifest) { m.Files = append(m.Files, m.Files[0]) }))},
		{"a name that leads out", "no safe name", repack(t, z, manifest(t, func(m *export.Manifest) { m.Files = append(m.Files, export.Entry{Name: "../x"}) }))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := export.Verify(source(tt.zip))
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if !r.OK || r.Rows != m.Rows || r.Files != len(m.Files) {
					t.Errorf("%+v", r)
				}
			} else if r.OK || !strings.Contains(strings.Join(r.Problems, "\n"), tt.want) {
				t.Errorf("%+v lacks %q", r, tt.want)
			}
		})
	}
}

func TestVerifyFindsAnyFlippedByteOfTheData(t *testing.T) {
	z, _, good := write(t, sample())
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		for i := at; i < at+int64(f.CompressedSize64); i += 1 + int64(f.CompressedSize64)/23 {
			bad := bytes.Clone(good)
			bad[i] ^= 4
			r, err := export.Verify(source(bad))
			if err != nil || !r.OK {
				continue
			}
			// Deflate has bits that mean nothing; only those may go unnoticed.
			z2, err := zip.NewReader(bytes.NewReader(bad), int64(len(bad)))
			if err != nil || read(t, z2, f.Name) != read(t, z, f.Name) {
				t.Errorf("byte %d of %s flipped, and nobody noticed", i-at, f.Name)
			}
		}
	}
}

func TestVerifyFindsWhatIsNoPackage(t *testing.T) {
	z, _, good := write(t, sample())
	without := repack(t, z, func(n, b string) (string, string) { return strings.TrimPrefix(n, "manifest.json"), b })
	later := repack(t, z, manifest(t, func(m *export.Manifest) { m.Version = 2 }))
	broken := repack(t, z, one("manifest.json", func(s string) string { return s[:len(s)/2] }))
	for _, tt := range []struct {
		name, want string
		zip        []byte
	}{
		{"empty", "no whole ZIP", nil},
		{"text", "no whole ZIP", []byte("hello")},
		{"cut off", "no whole ZIP", good[:len(good)/2]},
		{"no manifest", "has no manifest.json", without},
		{"half a manifest", "read the manifest", broken},
		{"a later version", "this one has version 2", later},
	} {
		r, err := export.Verify(source(tt.zip))
		if err != nil || r.OK || r.Files != 0 || r.Rows != 0 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], tt.want) {
			t.Errorf("%s: %+v, %v; want one problem with %q", tt.name, r, err, tt.want)
		}
	}
}

// badDisk has a beginning that cannot be read.
type badDisk struct {
	*bytes.Reader
	bad int64
}

var errDisk = errors.New("input/output error")

func (d badDisk) ReadAt(p []byte, off int64) (int, error) {
	if off < d.bad {
		return 0, errDisk
	}
	return d.Reader.ReadAt(p, off)
}

func TestVerifyDoesNotBlameThePackageForTheDisk(t *testing.T) {
	_, _, b := write(t, sample())
	for _, bad := range []int64{int64(len(b)), 100} { // nothing can be read; the list of files can
		if r, err := export.Verify(export.Source{ReaderAt: badDisk{bytes.NewReader(b), bad}, Size: int64(len(b))}); !errors.Is(err, errDisk) {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	_, _, good := write(f, sample())
	f.Add(good, uint16(0), byte(0))
	f.Add(good, uint16(700), byte(9))
	f.Fuzz(func(t *testing.T, b []byte, at uint16, x byte) {
		if len(b) > 0 {
			b = bytes.Clone(b)
			b[int(at)%len(b)] ^= x
		}
		// Whatever comes in, an answer comes out.
		if r, err := export.Verify(source(b)); err == nil && r.OK != (len(r.Problems) == 0 && len(r.Missing) == 0) {
			t.Error("not OK and no problem, or the other way round")
		}
	})
}
