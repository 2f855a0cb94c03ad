package export

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

const (
	blockMessages = 100      // of a conversation, which is a page for staff
	openBytes     = 16 << 20 // of messages that wait for their block to be full
	sheetLevel    = 1
	sheetMagic    = "SHEET001"
)

// SheetNote is what a row of the package says to the sheet, in a form that a
// batch can carry: see Encode.
type SheetNote struct {
	Talk    string // key of the conversation; "" for a row that is none of it
	Title   int    // of the table, in the writer's titles
	At      string
	Settled []Settled
	Asked   []SheetSuggestion // without numbers of conversation and message
	Masked  []string          // kinds of what is hidden elsewhere in the row
	Message *SheetMessage
}

// Settled is a mark with what became of it in the package.
type Settled struct {
	Kind, Who, Word string
	As              string // what stands there now
	State           MarkState
	Column          bool // a column that refers to somebody, no text
}

// Encode appends the note's bytes.
func (n *SheetNote) Encode(b []byte) ([]byte, error) {
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	number := func(i int) { b = binary.AppendUvarint(b, uint64(i)) }
	flag := func(f bool) {
		if f {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	text(n.Talk)
	number(n.Title)
	text(n.At)
	number(len(n.Masked))
	for _, kind := range n.Masked {
		text(kind)
	}
	number(len(n.Settled))
	for _, m := range n.Settled {
		for _, s := range []string{string(m.State), m.Kind, m.Who, m.As, m.Word} {
			text(s)
		}
		flag(m.Column)
	}
	number(len(n.Asked))
	for _, m := range n.Asked {
		for _, s := range []string{m.Place, m.Sum, m.Kind, m.Who, m.Word, m.Around} {
			text(s)
		}
		for _, i := range []int{m.Text, m.Start, m.End, m.Before} {
			number(i)
		}
	}
	if n.Message == nil {
		return b, nil
	}
	line, err := json.Marshal(n.Message)
	return append(b, line...), err
}

// SheetWriter writes a sheet while its part is packed. Memory does not grow with
// the messages: a conversation's wait until a page is full.
type SheetWriter struct {
	w      io.Writer
	at     int64
	index  SheetIndex
	titles *[]datamap.Text
	talks  map[string]int
	people map[string]int
	label  func(who string) string
	wait   []waiting // by conversation
	held   int       // bytes that wait
	flate  *flate.Writer
	packed bytes.Buffer
}

type waiting struct {
	lines []byte
	n     int
}

// NewSheet begins a sheet. titles may grow while it is written; label says for
// staff who a token stands for, "" where only the text tells it.
func NewSheet(w io.Writer, titles *[]datamap.Text, label func(who string) string) (*SheetWriter, error) {
	s := &SheetWriter{w: w, titles: titles, talks: map[string]int{}, people: map[string]int{}, label: label}
	s.index.Masked = Masked{}
	var err error
	s.flate, err = flate.NewWriter(&s.packed, sheetLevel)
	return s, err
}

// Masked is what is hidden so far.
func (s *SheetWriter) Masked() Masked { return s.index.Masked }

var errNote = errors.New("a note of a row is cut short")

// noteReader reads what SheetNote.Encode wrote.
type noteReader struct {
	b    []byte
	torn bool
}

func (r *noteReader) number() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.torn, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

func (r *noteReader) text() string {
	n := r.number()
	if n > len(r.b) {
		r.torn, r.b = true, nil
		return ""
	}
	out := string(r.b[:n])
	r.b = r.b[n:]
	return out
}

// Note takes the encoded note of a row.
func (s *SheetWriter) Note(b []byte) error {
	r := &noteReader{b: b}
	talk, title, at := r.text(), r.number(), r.text()
	for range r.number() {
		s.index.Masked[r.text()]++
	}
	t, message := -1, 0
	if talk != "" {
		t = s.talk(talk, title)
		message = s.index.Talks[t].Messages
	}
	for range r.number() {
		m := Settled{State: MarkState(r.text()), Kind: r.text(), Who: r.text(), As: r.text(), Word: r.text()}
		m.Column = r.number() == 1
		s.settled(t, m)
	}
	for range r.number() {
		m := SheetSuggestion{Talk: t, Message: message, Place: r.text(), Sum: r.text(), SheetMark: SheetMark{Kind: r.text(), Who: r.text()}, Word: r.text(), Around: r.text()}
		m.Text, m.Start, m.End, m.Before = r.number(), r.number(), r.number(), r.number()
		s.index.Asked = append(s.index.Asked, m)
	}
	if r.torn {
		return errNote
	}
	if t < 0 || len(r.b) == 0 {
		return nil
	}
	return s.message(t, at, r.b)
}

func (s *SheetWriter) talk(key string, title int) int {
	t, ok := s.talks[key]
	if !ok {
		t = len(s.index.Talks)
		s.talks[key] = t
		s.index.Talks, s.wait = append(s.index.Talks, SheetTalk{Key: key, Title: (*s.titles)[title]}), append(s.wait, waiting{})
	}
	return t
}

// settled counts a mark for the conversation, for the person, and for the
// package.
func (s *SheetWriter) settled(t int, m Settled) {
	talk, person := &SheetTalk{}, &SheetPerson{} // of nothing that is read
	if t >= 0 && !m.Column {
		talk = &s.index.Talks[t]
	}
	if m.Who != "" {
		person = s.person(m.Who, m.Word)
	}
	switch m.State {
	case MarkHidden:
		talk.Hidden++
		person.Hidden++
		person.As = m.As
		s.index.Masked[m.Kind]++
	case MarkKept:
		talk.Kept++
		person.Kept++
	case MarkOpen:
		talk.Open++
		person.Open++
	}
}

func (s *SheetWriter) person(who, word string) *SheetPerson {
	n, known := s.people[who]
	if !known {
		n = len(s.index.People)
		s.people[who] = n
		s.index.People = append(s.index.People, SheetPerson{Who: who, Label: cmp.Or(s.label(who), word)})
	}
	return &s.index.People[n]
}

func (s *SheetWriter) message(t int, at string, line []byte) error {
	talk, w := &s.index.Talks[t], &s.wait[t]
	if talk.Messages == 0 {
		talk.First = at
	}
	talk.Last = at
	talk.Messages++
	w.lines, w.n = append(append(w.lines, line...), '\n'), w.n+1
	s.held += len(line) + 1
	if w.n < blockMessages && s.held < openBytes {
		return nil
	}
	if w.n == blockMessages {
		return s.flush(t)
	}
	return s.relieve()
}

// relieve flushes the conversations that hold most until half of the room is
// there again.
func (s *SheetWriter) relieve() error {
	order := make([]int, len(s.wait))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return len(s.wait[b].lines) - len(s.wait[a].lines) })
	for _, t := range order {
		if s.held < openBytes/2 {
			return nil
		}
		if err := s.flush(t); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what waits of a conversation as a block.
func (s *SheetWriter) flush(t int) error {
	w := &s.wait[t]
	if w.n == 0 {
		return nil
	}
	at := s.at
	size, err := s.write(w.lines)
	if err != nil {
		return err
	}
	s.index.Talks[t].Blocks = append(s.index.Talks[t].Blocks, SheetBlock{At: at, Size: size, N: w.n})
	s.held -= len(w.lines)
	*w = waiting{}
	return nil
}

func (s *SheetWriter) write(plain []byte) (int, error) {
	s.packed.Reset()
	s.flate.Reset(&s.packed)
	if _, err := s.flate.Write(plain); err != nil {
		return 0, err
	}
	if err := s.flate.Close(); err != nil {
		return 0, err
	}
	n, err := s.w.Write(s.packed.Bytes())
	s.at += int64(n)
	if err != nil {
		return n, fmt.Errorf("write a sheet: %w", err)
	}
	return n, nil
}

// File notes an attachment.
func (s *SheetWriter) File(f SheetFile) { s.index.Files = append(s.index.Files, f) }

// Close writes what still waits, and the index: what the sheet stands beside,
// and the pseudonyms given so far.
func (s *SheetWriter) Close(part Part, names []byte) error {
	for t := range s.wait {
		if err := s.flush(t); err != nil {
			return err
		}
	}
	s.index.Titles = *s.titles
	s.index.Set, s.index.Part, s.index.SHA256, s.index.Names = part.Manifest.Set, part.Manifest.Part, part.SHA256, names
	index, err := json.Marshal(s.index)
	if err != nil {
		return fmt.Errorf("write the index of a sheet: %w", err)
	}
	size, err := s.write(index)
	if err != nil {
		return err
	}
	foot := append(binary.BigEndian.AppendUint64(nil, uint64(size)), sheetMagic...)
	if _, err := s.w.Write(foot); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	return nil
}

// Totals counts what was written.
func (s *SheetWriter) Totals() SheetTotals { return s.index.Totals() }
