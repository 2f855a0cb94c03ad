package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/klauspost/compress/flate"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// maxBlock is more than any block holds once it is unpacked.
const maxBlock = 64 << 20

// Sheets are those of a package, read together.
type Sheets struct {
	Talks  []Talk
	Asked  []Suggestion // decided or not
	People []SheetPerson
	Files  []SheetFile
	parts  []openSheet
}

// Talk is a conversation over all parts. Its number is its place in Sheets.Talks.
type Talk struct {
	Key         string
	Title       datamap.Text
	Messages    int
	Hidden      int
	Kept        int
	Open        int
	First, Last string
	blocks      []placed
}

type placed struct {
	part int
	SheetBlock
}

// Suggestion is a mark that staff decide, by its conversation's number and the
// message's in it.
type Suggestion struct {
	SheetSuggestion
	Talk, Message int
}

// Page is the page of the conversation on which it stands, from 0.
func (o Suggestion) Page() int { return o.Message / PageMessages }

type openSheet struct {
	r      *Reader
	titles []datamap.Text
}

// PageMessages is how many messages of a conversation a page shows.
const PageMessages = blockMessages

// OpenSheets opens the sheets of a package. Each must say that it stands beside
// the very part that will be handed over. Close them.
func (v *Vault) OpenSheets(ctx context.Context, set uuid.UUID, p Package) (_ *Sheets, err error) {
	s := &Sheets{}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	at, people := map[string]int{}, map[string]int{}
	for i, part := range p {
		if part.Sheet.Key == nil {
			return nil, fault.New(fault.NotFound, "error.package_gone")
		}
		r, err := v.Open(ctx, part.Sheet.Artifact)
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, openSheet{r: r})
		index, err := readIndex(r)
		if err != nil {
			return nil, fmt.Errorf("read the sheet of part %d: %w", i+1, err)
		}
		if index.Set != set || index.Part != i+1 || index.SHA256 != part.SHA256 {
			return nil, fmt.Errorf("the sheet of part %d stands beside another part: %w", i+1, seal.ErrOpen)
		}
		s.parts[i].titles = index.Titles
		s.join(i, index, at, people)
	}
	return s, nil
}

// join adds what one part has: its conversations may have begun in an earlier one.
func (s *Sheets) join(part int, index SheetIndex, at, people map[string]int) {
	number, before := make([]int, len(index.Talks)), make([]int, len(index.Talks))
	for i, one := range index.Talks {
		n, ok := at[one.Key]
		if !ok {
			n = len(s.Talks)
			at[one.Key] = n
			s.Talks = append(s.Talks, Talk{Key: one.Key, Title: one.Title, First: one.First})
		}
		t := &s.Talks[n]
		number[i], before[i] = n, t.Messages
		t.Messages, t.Hidden, t.Kept, t.Open, t.Last = t.Messages+one.Messages, t.Hidden+one.Hidden, t.Kept+one.Kept, t.Open+one.Open, one.Last
		for _, b := range one.Blocks {
			t.blocks = append(t.blocks, placed{part, b})
		}
	}
	for _, o := range index.Asked {
		s.Asked = append(s.Asked, Suggestion{o, number[o.Talk], before[o.Talk] + o.Message})
	}
	for _, p := range index.People {
		n, ok := people[p.Who]
		if !ok {
			people[p.Who] = len(s.People)
			s.People = append(s.People, p)
			continue
		}
		had := &s.People[n]
		had.Hidden, had.Kept, had.Open = had.Hidden+p.Hidden, had.Kept+p.Kept, had.Open+p.Open
		if had.As == "" {
			had.As = p.As
		}
	}
	s.Files = append(s.Files, index.Files...)
}

// Close gives the files back.
func (s *Sheets) Close() {
	for _, p := range s.parts {
		_ = p.r.Close() // it was only read
	}
}

// ReadMessage is a message with the titles of its values.
type ReadMessage struct {
	SheetMessage
	Titles []datamap.Text // of Texts
}

// Messages reads some messages of a conversation, from the one with a number.
func (s *Sheets) Messages(talk, from, n int) ([]ReadMessage, error) {
	var out []ReadMessage
	at := 0
	for _, b := range s.Talks[talk].blocks {
		if at+b.N > from && at < from+n {
			lines, err := s.block(b)
			if err != nil {
				return nil, err
			}
			for i, line := range lines {
				if at+i >= from && at+i < from+n {
					out = append(out, line)
				}
			}
		}
		at += b.N
	}
	return out, nil
}

func (s *Sheets) block(b placed) ([]ReadMessage, error) {
	part := s.parts[b.part]
	plain, err := unpacked(part.r, b.At, b.Size)
	if err != nil {
		return nil, fmt.Errorf("read a page of a sheet: %w", err)
	}
	out := make([]ReadMessage, 0, b.N)
	d := json.NewDecoder(bytes.NewReader(plain))
	for range b.N {
		var m ReadMessage
		if err := d.Decode(&m.SheetMessage); err != nil {
			return nil, fmt.Errorf("read a message of a sheet: %w", err)
		}
		for _, t := range m.Texts {
			m.Titles = append(m.Titles, part.titles[t.Title])
		}
		out = append(out, m)
	}
	return out, nil
}

func unpacked(r io.ReaderAt, at int64, size int) ([]byte, error) {
	f := flate.NewReader(io.NewSectionReader(r, at, int64(size)))
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBlock))
}

func readIndex(r *Reader) (i SheetIndex, err error) {
	const foot = 8 + int64(len(sheetMagic))
	var b [foot]byte
	end := r.Size() - foot
	if end < 0 {
		return i, seal.ErrOpen
	}
	if _, err := r.ReadAt(b[:], end); err != nil {
		return i, err
	}
	size := int64(binary.BigEndian.Uint64(b[:8]))
	if string(b[8:]) != sheetMagic || size < 0 || size > end {
		return i, seal.ErrOpen
	}
	f := flate.NewReader(io.NewSectionReader(r, end-size, size))
	defer f.Close()
	err = json.NewDecoder(f).Decode(&i)
	return i, err
}

// SheetIndex reads what a sheet begins to be read with. Its pseudonyms are those
// that stood when its part ended, for whoever goes on with the package.
func (v *Vault) SheetIndex(ctx context.Context, s Sheet) (SheetIndex, error) {
	r, err := v.Open(ctx, s.Artifact)
	if err != nil {
		return SheetIndex{}, err
	}
	defer r.Close()
	i, err := readIndex(r)
	if err != nil {
		return i, fmt.Errorf("read the sheet of a part: %w", err)
	}
	return i, nil
}
