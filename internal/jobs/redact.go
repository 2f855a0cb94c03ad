package jobs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/redact"
)

// veil hides other people in what leaves the store, value by value, and notes
// for the review what it hid. A nil veil hides nothing: an organization sees its
// own people.
type veil struct {
	text    *redact.Redactor
	names   *redact.Names
	rules   privacy.Rulebook
	secret  []byte
	about   string // the request, in digests
	tokens  map[string]string
	numbers map[string]string // digits → whose they are
	tails   map[string]bool   // the last digits of what somebody else is reached by
	seen    map[brief][]redact.Mark
	label   map[string]string // token → who that is, for staff
	known   map[string]bool   // who the store knows
	titles  []datamap.Text
	before  export.Masked // in the parts that are sealed
	sheet   *export.SheetWriter
	note    []byte
	stood   []export.Settled        // who stands in the columns of the row at hand
	talked  struct{ is, as string } // the conversation of the last row
	failure error
}

// someone is how the key of a row names a person to the redactor.
func someone(table, key string) string { return table + "/" + key }

func newVeil(c connector.People, rules privacy.Rulebook, secret []byte, about string, contact func(n int) string) *veil {
	v := &veil{rules: rules, secret: secret, about: about, names: redact.NewNames(contact), tokens: map[string]string{}, numbers: map[string]string{}, tails: map[string]bool{}, seen: map[brief][]redact.Mark{}, label: map[string]string{},
		known: map[string]bool{}, before: export.Masked{}}
	others := make([]redact.Person, 0, len(c.Others))
	taken := map[string]bool{} // what somebody else is reached by is not the firm's
	for _, p := range c.Others {
		who := someone(p.Table, p.Key)
		others = append(others, redact.Person{Who: who, Names: p.Names, Numbers: p.Numbers, Emails: p.Emails, Handles: p.Handles})
		v.known[who] = true
		v.label[v.token(who)] = strings.Join(slices.Concat(p.Names, p.Numbers, p.Emails), ", ")
		for _, id := range slices.Concat(p.Numbers, p.Emails) {
			taken[id] = true
		}
		for _, n := range p.Numbers {
			v.tails[tail(n)] = true
		}
	}
	free := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return taken[id] })
	}
	s := c.Subject
	subject := redact.Person{Names: s.Names, Numbers: slices.Concat(s.Numbers, free(c.Firm.Numbers)), Emails: slices.Concat(s.Emails, free(c.Firm.Emails)), Handles: s.Handles}
	v.text = redact.New(subject, others, c.Regions...)
	// A name that a row of the person's does not say must not uncover anybody: a
	// firm may be called like who owns it, and a form takes every name.
	shown := slices.DeleteFunc(slices.Clone(c.Firm.Names), func(name string) bool { return v.speaks(name, v.reaches) })
	if c.Claimed != "" && !v.speaks(c.Claimed, func(m redact.Mark, _ string) bool { return v.known[m.Who] }) {
		shown = append(shown, c.Claimed)
	}
	if len(shown) > 0 {
		subject.Names = slices.Concat(s.Names, shown)
		v.text = redact.New(subject, others, c.Regions...)
	}
	return v
}

// speaks says whether a text has a mark of some sort.
func (v *veil) speaks(text string, of func(m redact.Mark, text string) bool) bool {
	return slices.ContainsFunc(v.text.Marks(text, redact.Unknown), func(m redact.Mark) bool { return of(m, text) })
}

func (v *veil) keyed(purpose, what string) string {
	h := hmac.New(sha256.New, v.secret)
	h.Write([]byte("redaction\x00" + v.about + "\x00" + purpose + "\x00" + what))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func (v *veil) digest(text string) string { return v.keyed("text", text) }

// row names a row for the rulings on it, which are kept when what they are about
// is gone: its key may be somebody's number. So may what a conversation is by.
func (v *veil) row(table string, key []string) string {
	return table + "/" + v.keyed("row", table+"\x00"+strings.Join(key, "\x00"))
}

func (v *veil) talk(conversation string) string {
	if v.talked.is != conversation {
		v.talked.is, v.talked.as = strings.Clone(conversation), v.keyed("talk", conversation)
	}
	return v.talked.as
}

// token names a person where their identifiers must not stand.
func (v *veil) token(who string) string {
	t, ok := v.tokens[who]
	if !ok {
		t = v.keyed("who", who)
		v.tokens[who] = t
	}
	return t
}

// brief is a short text, which comes again and again: in columns, in keys and
// leaves of JSON values.
type brief struct {
	text   string
	author redact.Author
}

// What a brief text is, and how many are remembered.
const (
	briefText  = 48
	mostBriefs = 8192
)

// marks finds what a text says of others; of a brief one it remembers it. Nobody
// may change what it gives.
func (v *veil) marks(text string, author redact.Author) []redact.Mark {
	if len(text) > briefText {
		return v.inside(text, v.text.Marks(text, author))
	}
	marks, ok := v.seen[brief{text, author}]
	if !ok {
		if len(v.seen) >= mostBriefs {
			clear(v.seen)
		}
		marks = v.inside(text, v.text.Marks(text, author))
		v.seen[brief{strings.Clone(text), author}] = marks
	}
	return marks
}

// byColumn is the kind of what stands in columns of other people.
const byColumn = "person"

// row is one row on its way into the package.
type row struct {
	v     *veil
	t     *connector.TableRows
	title int
	cols  []int // their titles
	place string
	talk  connector.Talk
	note  export.SheetNote
	texts []export.SheetText
}

func (v *veil) titled(t datamap.Text) int {
	v.titles = append(v.titles, t)
	return len(v.titles) - 1
}

// over hides in the rows of a table. The function that it gives takes a row as
// it is stored, changes its cells, and gives what is to be noted of it.
func (v *veil) over(t *connector.TableRows) func(cells export.Row) []byte {
	r := &row{v: v, t: t, title: v.titled(t.Title)}
	free := false
	for _, c := range t.Columns {
		r.cols = append(r.cols, v.titled(c.Title))
		free = free || c.Free
	}
	return func(cells export.Row) []byte {
		r.note = export.SheetNote{Title: r.title, Settled: r.note.Settled[:0], Asked: r.note.Asked[:0], Masked: r.note.Masked[:0]}
		r.texts, r.talk = r.texts[:0], t.Talk()
		r.talk.Conversation, r.place = v.talk(r.talk.Conversation), v.row(t.Name, t.Key())
		for i, cell := range cells {
			if len(cell) > 0 {
				cells[i] = r.cell(i, cell)
			}
		}
		return r.noted(free)
	}
}

// free hides in words that people wrote, and shows them to staff: a text always,
// a leaf of a JSON value, the n-th, where it speaks of somebody.
func (r *row) free(column, n int, text string, path func() string) (string, bool) {
	v, author := r.v, authorOf(r.talk.Author)
	base := v.marks(text, author)
	one := export.SheetText{Title: r.cols[column], Text: text}
	var all []privacy.Verdict
	if len(base) > 0 || !v.rules.Empty() {
		if one.Place = r.place + "/" + r.t.Columns[column].Name; path != nil {
			one.Place += "/" + strconv.Itoa(n)
		}
		all = v.rules.Settle(one.Place, r.talk.Conversation, text, base, v.token, v.digest)
	}
	if len(all) == 0 {
		if path == nil {
			r.texts = append(r.texts, one)
			return text, false
		}
		return r.guard(text)
	}
	one.Sum = v.digest(text)
	if path != nil {
		one.Path = path()
	}
	for _, m := range base {
		mark := export.SheetMark{Start: m.Start, End: m.End, Kind: string(m.Kind), Sure: m.Sure, Never: m.Never}
		if m.Who != "" {
			mark.Who = v.token(m.Who)
		}
		one.Marks = append(one.Marks, mark)
		if !m.Sure && !m.Never {
			asked := export.SheetSuggestion{SheetMark: mark, Text: len(r.texts), Place: one.Place, Sum: one.Sum}
			asked.Surround(text)
			r.note.Asked = append(r.note.Asked, asked)
		}
	}
	out := v.write(text, all, author)
	for _, m := range all {
		r.note.Settled = append(r.note.Settled, v.settled(m, text[m.Start:m.End]))
	}
	if out != text {
		one.Out = &out
	}
	r.texts = append(r.texts, one)
	return out, out != text
}

// settled is what the sheet counts of a verdict.
func (v *veil) settled(m privacy.Verdict, word string) export.Settled {
	one := export.Settled{Kind: string(m.Kind), State: m.State, Word: word}
	if m.Who != "" {
		one.Who = v.token(m.Who)
	}
	if m.State == export.MarkHidden {
		one.As = v.names.Replace(m.Mark)
	}
	return one
}

// write gives a text without what is hidden in it. What nobody may see is looked
// for once more in what comes out, after all that staff kept.
func (v *veil) write(text string, all []privacy.Verdict, author redact.Author) string {
	hidden := make([]redact.Mark, 0, len(all))
	for _, m := range all {
		if m.State == export.MarkHidden {
			hidden = append(hidden, m.Mark)
		}
	}
	out := redact.Write(text, hidden, v.names.Replace)
	if len(hidden) == len(all) {
		return out
	}
	never := slices.DeleteFunc(v.text.Marks(out, author), func(m redact.Mark) bool { return !m.Never })
	return redact.Write(out, never, nil)
}

// noted encodes what the sheet shall hear of the row.
func (r *row) noted(free bool) []byte {
	r.note.Settled, r.v.stood = append(r.note.Settled, r.v.stood...), r.v.stood[:0]
	if len(r.texts) == 0 && len(r.note.Settled) == 0 && len(r.note.Masked) == 0 {
		return nil
	}
	if free && len(r.texts) > 0 {
		r.note.Talk, r.note.At = r.talk.Conversation, r.talk.At
		r.note.Message = &export.SheetMessage{Row: r.place, At: r.talk.At, Author: int(r.talk.Author), Texts: r.texts}
	}
	var err error
	if r.v.note, err = r.note.Encode(r.v.note[:0]); err != nil {
		r.v.failure = err
	}
	return r.v.note
}

func authorOf(a connector.Author) redact.Author {
	switch a {
	case connector.AuthorSubject:
		return redact.Subject
	case connector.AuthorOther:
		return redact.Other
	}
	return redact.Unknown
}

// stand gives what stands for somebody else in a column: see Snapshot.Standing.
func (v *veil) stand(table, key string) string {
	who := someone(table, key)
	if table == "" {
		who = "?value:" + key
		if all := v.marks(key, redact.Unknown); len(all) == 1 && all[0].Who != "" {
			who = all[0].Who
		}
	}
	m := export.Settled{Kind: byColumn, Who: v.token(who), State: export.MarkHidden, Column: true}
	if table == "" {
		m.Word = key
	}
	if v.rules.Person(m.Who) == privacy.ActKeep {
		return key
	}
	m.As = v.names.Of(who)
	v.stood = append(v.stood, m)
	return m.As
}

// begin starts the sheet of a part.
func (v *veil) begin(w io.Writer) (err error) {
	v.sheet, err = export.NewSheet(w, &v.titles, func(who string) string { return v.label[who] })
	return err
}

// noted hands the note of a row that is in the part to its sheet.
func (v *veil) noted(note []byte) error { return v.sheet.Note(note) }

// end finishes the sheet of a part that was sealed.
func (v *veil) end(part export.Part) error {
	state, err := json.Marshal(v.names)
	if err != nil {
		return fmt.Errorf("write the pseudonyms so far: %w", err)
	}
	return v.sheet.Close(part, state)
}

// sealed counts what was hidden in a part that is written down.
func (v *veil) sealed(part export.Part) {
	for kind, n := range part.Manifest.Masked {
		v.before[kind] += n
	}
}

// masked is what is hidden in the part at hand, and in all so far.
func (v *veil) masked() (part, all export.Masked) {
	part, all = maps.Clone(v.sheet.Masked()), maps.Clone(v.before)
	for kind, n := range part {
		all[kind] += n
	}
	return part, all
}

// file says what becomes of an attachment: one that somebody else sent, or
// nobody knows who, is listed only, unless staff hand it over. It is called as
// the column with its name is written.
func (v *veil) file(f connector.File, out *export.File) {
	row, talk := v.row(f.Table, f.Row), v.talk(f.Talk.Conversation)
	place := row + "/" + v.keyed("file", f.Key)
	author := authorOf(f.Talk.Author)
	own := author == redact.Subject
	out.Withhold = !own
	if act := v.rules.File(place); act != "" {
		out.Withhold = act == privacy.ActHide
	}
	if all := v.rules.Settle(row+"/"+f.Column, talk, f.Name, v.marks(f.Name, author), v.token, v.digest); len(all) > 0 {
		out.Name = v.write(f.Name, all, author)
		last := all[len(all)-1]
		if ext := path.Ext(f.Name); last.Start < len(f.Name)-len(ext) && last.End == len(f.Name) && mime.TypeByExtension(ext) != "" && path.Ext(out.Name) != ext {
			out.Name += ext // what it is, and no part of a name
		}
	}
	open := out.Open
	out.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		one := export.SheetFile{Place: place, Name: f.Name, Own: own, Withheld: out.Withhold}
		if sized, ok := r.(interface{ Size() int64 }); ok {
			one.Size = sized.Size()
		}
		v.sheet.File(one)
		return r, nil
	}
}
