package export

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
)

// Report is what Verify found.
type Report struct {
	OK       bool     `json:"ok"`
	Files    int      `json:"files"`
	Rows     int64    `json:"rows"`
	Parts    int      `json:"parts"`             // that were looked at
	Missing  []int    `json:"missing,omitempty"` // parts of the package that were not
	Problems []string `json:"problems,omitempty"`
}

const (
	maxManifest = 256 << 20
	maxProblems = 100
)

// Source is one ZIP to look at. Its name is only told.
type Source struct {
	Name string
	io.ReaderAt
	Size int64
}

// Verify holds a package against its own manifests: every file is there with
// that size and SHA-256, the rows of every JSON and CSV file are counted again,
// and nothing else is in the ZIPs. Of a package in several parts all have to be
// given, in any order, and they have to follow one another. What is no package
// at all is a finding too; an error means that a ZIP could not be read.
func Verify(zips ...Source) (Report, error) {
	var r Report
	var parts []given
	problem := func(name, text string) {
		if len(zips) > 1 {
			text = name + ": " + text
		}
		if len(r.Problems) < maxProblems {
			r.Problems = append(r.Problems, text)
		}
	}
	for _, z := range zips {
		src := &source{ReaderAt: z.ReaderAt}
		v := verifier{files: map[string]*zip.File{}, json: map[string]int64{}, other: map[string]map[string]int64{}}
		m, err := v.hold(src, z.Size)
		if err != nil {
			v.problem("%v", err)
		} else {
			parts = append(parts, given{z.Name, m, v.sum})
		}
		if src.err != nil {
			return Report{}, fmt.Errorf("read the package: %w", src.err)
		}
		r.Files, r.Rows, r.Parts = r.Files+v.Files, r.Rows+v.Rows, r.Parts+1
		for _, text := range v.Problems {
			problem(z.Name, text)
		}
	}
	r.Missing = together(parts, problem)
	r.OK = len(r.Problems) == 0 && len(r.Missing) == 0
	return r, nil
}

// source remembers that reading failed, for the ZIP reader does not tell a bad
// disk from a bad file.
type source struct {
	io.ReaderAt
	err error
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(p, off)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// hold looks at everything in a ZIP; an error says why it went no further.
func (v *verifier) hold(r io.ReaderAt, size int64) (m Manifest, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return m, fmt.Errorf("this is no whole ZIP: %w", err)
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	for _, f := range z.File {
		if v.files[f.Name] != nil {
			v.problem("%q is in the ZIP twice", f.Name)
		}
		v.files[f.Name] = f
	}
	if m, err = v.manifest(); err != nil {
		return m, err
	}
	listed := map[string]bool{manifestName: true}
	for _, e := range m.Files {
		if listed[e.Name] {
			v.problem("%q is in the manifest twice", e.Name)
			continue
		}
		listed[e.Name] = true
		v.file(e)
	}
	for _, f := range z.File {
		if !listed[f.Name] {
			v.problem("%q is in the ZIP but not in the manifest", f.Name)
		}
	}
	v.totals(m)
	return m, nil
}

type verifier struct {
	Report
	sum   string // of manifest.json
	files map[string]*zip.File
	json  map[string]int64            // table → rows in JSON
	other map[string]map[string]int64 // form → table → rows
}

func (v *verifier) problem(format string, args ...any) {
	if len(v.Problems) < maxProblems {
		v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
	}
}

func (v *verifier) manifest() (m Manifest, err error) {
	f := v.files[manifestName]
	if f == nil {
		return m, errors.New("this ZIP has no manifest.json, so it is not one of our packages")
	}
	r, err := f.Open()
	if err != nil {
		return m, fmt.Errorf("open the manifest: %w", err)
	}
	defer r.Close()
	sum := sha256.New()
	body := io.TeeReader(io.LimitReader(r, maxManifest), sum)
	if err := json.NewDecoder(body).Decode(&m); err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	// The checksum of the ZIP is looked at when the end is reached.
	if _, err := io.Copy(io.Discard, body); err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	if m.Version != 1 {
		return m, fmt.Errorf("this program reads manifests of version 1; this one has version %d", m.Version)
	}
	if m.Part == 0 { // made before packages had parts
		m.Part, m.Last = 1, true
	}
	v.sum = hex.EncodeToString(sum.Sum(nil))
	return m, nil
}

func (v *verifier) file(e Entry) {
	v.Files++
	if e.Name == "" || e.Name != path.Clean(e.Name) || path.IsAbs(e.Name) || strings.HasPrefix(e.Name, "..") || strings.Contains(e.Name, `\`) {
		v.problem("%q is no safe name", e.Name)
	}
	f := v.files[e.Name]
	if f == nil {
		v.problem("%q is missing", e.Name)
		return
	}
	r, err := f.Open()
	if err != nil {
		v.problem("%q does not open: %v", e.Name, err)
		return
	}
	defer r.Close()
	sum := sha256.New()
	// A byte more than it should be is enough to know; a ZIP may lie about sizes.
	limited := &io.LimitedReader{R: r, N: e.Size + 1}
	body := io.TeeReader(limited, sum)
	rows, counted, err := countRows(e.Name, body)
	if err != nil {
		v.problem("%q: %v", e.Name, err)
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		v.problem("%q is damaged: %v", e.Name, err)
	}
	if size := e.Size + 1 - limited.N; size != e.Size {
		v.problem("%q does not have the %d bytes of the manifest", e.Name, e.Size)
	} else if got := hex.EncodeToString(sum.Sum(nil)); got != e.SHA256 {
		v.problem("%q was changed: its SHA-256 is %s, the manifest says %s", e.Name, got, e.SHA256)
	}
	if !counted {
		rows = e.Rows
	} else if err == nil && rows != e.Rows {
		v.problem("%q has %d rows, the manifest says %d", e.Name, rows, e.Rows)
	}
	v.tally(e, rows)
}

func (v *verifier) tally(e Entry, rows int64) {
	if e.Table == "" {
		return
	}
	form := path.Ext(e.Name)
	if form == ".json" {
		v.json[e.Table] += rows
		v.Rows += rows
		return
	}
	if v.other[form] == nil {
		v.other[form] = map[string]int64{}
	}
	v.other[form][e.Table] += rows
}

// totals holds the forms of each table against each other.
func (v *verifier) totals(m Manifest) {
	for form, tables := range v.other {
		for table, n := range tables {
			if v.json[table] != n {
				v.problem("%s has %d rows as JSON and %d as %s", table, v.json[table], n, form[1:])
			}
		}
	}
	if v.Rows != m.Rows {
		v.problem("the package has %d rows, the manifest says %d", v.Rows, m.Rows)
	}
	for _, r := range m.Ranges {
		if n := r.To - r.From + 1; v.json[r.Table] != n {
			v.problem("%s has %d rows, the manifest says %d to %d", r.Table, v.json[r.Table], r.From, r.To)
		}
	}
}

func countRows(name string, r io.Reader) (n int64, counted bool, err error) {
	switch path.Ext(name) {
	case ".json":
		if !strings.HasPrefix(name, "json/") {
			return 0, false, nil
		}
		n, err = countJSON(r)
		return n, true, err
	case ".csv":
		if !strings.HasPrefix(name, "csv/") {
			return 0, false, nil
		}
		n, err = countCSV(r)
		return n, true, err
	}
	return 0, false, nil
}

func countJSON(r io.Reader) (n int64, err error) {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return 0, errors.New("is not a list of rows")
	}
	var row json.RawMessage
	for ; d.More(); n++ {
		if err := d.Decode(&row); err != nil {
			return n, fmt.Errorf("row %d is not JSON: %w", n+1, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return n, fmt.Errorf("does not end well: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return n, errors.New("has something after its last row")
	}
	return n, nil
}

func countCSV(r io.Reader) (n int64, err error) {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(3)
	}
	c := csv.NewReader(b)
	c.ReuseRecord = true
	for n = -1; ; n++ { // the first line names the columns
		if _, err := c.Read(); err == io.EOF {
			return max(n, 0), nil
		} else if err != nil {
			return n, fmt.Errorf("row %d is not CSV: %w", n+1, err)
		}
	}
}
