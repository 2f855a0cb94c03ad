package inbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Keep is how many mails the inbox holds; older ones go.
const Keep = 500

const (
	stamp  = "20060102T150405.000000"
	suffix = ".eml"
)

// validID is the whole path policy: an id that matches cannot leave the directory.
var validID = regexp.MustCompile(`^\d{8}T\d{6}\.\d{6}-\d{6}$`)

// spool is the directory of mails. Several readers, one writer.
type spool struct {
	dir string
	mu  sync.Mutex
	seq int
}

// put stores one mail under a name that sorts by arrival. Readers see all of
// it or nothing.
func (s *spool) put(from string, to []string, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	id := fmt.Sprintf("%s-%06d", time.Now().UTC().Format(stamp), s.seq%1_000_000)
	f, err := os.CreateTemp(s.dir, ".new-*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	// What the envelope said stands on top, as a delivering server writes it.
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", oneLine(from))
	for _, t := range to {
		fmt.Fprintf(&b, "Delivered-To: %s\r\n", oneLine(t))
	}
	b.Write(raw)
	_, err = f.Write(b.Bytes())
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.dir, id+suffix))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // nothing more can be done about a half-written file
		return err
	}
	return s.trim()
}

func (s *spool) trim() error {
	ids, err := names(s.dir)
	if err != nil || len(ids) <= Keep {
		return err
	}
	for _, id := range ids[Keep:] {
		if err := os.Remove(filepath.Join(s.dir, id+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// names gives the ids in dir, newest first. No directory yet means no mail yet.
func names(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), suffix); ok && validID.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids, nil
}

func oneLine(s string) string {
	return strings.NewReplacer("\r", "", "\n", "").Replace(s)
}
