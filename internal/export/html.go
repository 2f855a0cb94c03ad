package export

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pageRows is how many rows a page to read has: more make browsers slow.
const pageRows = 2000

func pageName(table string, n int) string { return table + "-" + strconv.Itoa(n) + ".html" }

// htmlForm writes a table as linked pages to read: messages as a conversation,
// everything else as a table. Closing tags that HTML does not need are left out.
type htmlForm struct {
	sink  sink
	entry func(page int) Entry
	view  rowsPage
	cell  cellWriter
	talk  *talk
	file  *member
	buf   []byte
}

// rowsPage is what the frame around the rows shows.
type rowsPage struct {
	page
	Title         string
	Page          int
	Prev, Next    string
	Columns       []columnHead
	Talk, Nothing bool
}

type columnHead struct{ Title, Name string }

// newHTMLForm goes on after the pages that earlier parts of the package have.
func newHTMLForm(p page, s sink, t Table, title string, after int, entry func(int) Entry) *htmlForm {
	f := &htmlForm{sink: s, entry: entry, cell: newCellWriter(p, t.Columns)}
	f.talk = talkOf(f.cell, t.Columns, p.Language)
	f.view = rowsPage{page: p, Title: title, Page: after, Talk: f.talk != nil}
	for _, c := range t.Columns {
		h := columnHead{Title: c.Title.In(p.Language), Name: c.Name}
		if h.Title == "" {
			h.Title, h.Name = c.Name, ""
		}
		f.view.Columns = append(f.view.Columns, h)
	}
	return f
}

func (f *htmlForm) row(r Row) error {
	if f.file == nil || f.file.Rows == pageRows {
		if err := f.next(true); err != nil {
			return err
		}
	}
	if f.talk != nil {
		f.buf = f.talk.row(f.buf, r)
	} else {
		f.buf = append(f.buf, "<tr>"...)
		for i, cell := range r {
			f.buf = f.cell.append(append(f.buf, "<td>"...), i, cell)
		}
		f.buf = append(f.buf, '\n')
	}
	f.file.Rows++
	return nil
}

// next ends the page, if there is one, and starts another.
func (f *htmlForm) next(rows bool) (err error) {
	e := f.entry(f.view.Page + 1)
	if f.file != nil {
		f.view.Next = base(e.Name)
		if err := f.finish(); err != nil {
			return err
		}
		f.view.Prev = base(f.file.Name)
	}
	f.view.Page++
	f.view.Next, f.view.Nothing = "", !rows
	if f.talk != nil {
		f.talk.group = nil
	}
	if f.file, err = f.sink.create(e); err != nil {
		return err
	}
	f.buf, err = appendTemplate(f.buf, "rows-head", f.view)
	return err
}

func (f *htmlForm) finish() (err error) {
	if f.buf, err = appendTemplate(f.buf, "rows-foot", f.view); err != nil {
		return err
	}
	if err := f.flush(); err != nil {
		return err
	}
	return f.file.close()
}

func (f *htmlForm) flush() error {
	if f.file == nil {
		return nil
	}
	_, err := f.file.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}

func (f *htmlForm) close() error {
	if f.file == nil {
		if err := f.next(false); err != nil {
			return err
		}
	}
	return f.finish()
}

func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// talk writes the rows of a table that has words, a direction and a time as a
// conversation. Everything else in the row stands small below the words.
type talk struct {
	cell                          cellWriter
	body, direction, when, talkID int
	titles                        [][]byte // "Status: "
	group                         []byte   // the conversation of the row before
}

func talkOf(cell cellWriter, columns []Column, language string) *talk {
	t := &talk{
		cell: cell,
		body: find(columns, "body", "content", "text", "message_text", "message"), direction: find(columns, "direction", "sender_type"),
		when: find(columns, "created_at", "sent_at", "occurred_at", "timestamp", "sent_on"), talkID: find(columns, "conversation_id", "chat_id", "thread_id"),
	}
	if t.body < 0 || t.direction < 0 || t.when < 0 {
		return nil
	}
	for _, c := range columns {
		t.titles = append(t.titles, appendHTML(nil, []byte(title(c.Title, c.Name, language)+": ")))
	}
	return t
}

func find(columns []Column, names ...string) int {
	for _, name := range names {
		for i, c := range columns {
			if strings.EqualFold(c.Name, name) {
				return i
			}
		}
	}
	return -1
}

func (t *talk) row(b []byte, r Row) []byte {
	if t.talkID >= 0 && r[t.talkID] != nil && string(t.group) != string(r[t.talkID]) {
		t.group = append(t.group[:0], r[t.talkID]...)
		b = append(append(append(b, "<li class=g>"...), t.titles[t.talkID]...), "<bdi>"...)
		b = append(appendHTML(b, t.group), "</bdi>\n"...)
	}
	if incoming(r[t.direction]) {
		b = append(b, "<li class=i>"...)
	} else {
		b = append(b, "<li>"...)
	}
	if r[t.body] != nil {
		b = append(appendHTML(append(b, "<p>"...), r[t.body]), "</p>"...)
	}
	b = append(t.cell.append(append(b, "<small><b>"...), t.when, r[t.when]), "</b>"...)
	for i, cell := range r {
		if len(cell) == 0 || string(cell) == "{}" || i == t.body || i == t.when || i == t.talkID {
			continue // nothing to read
		}
		b = append(append(append(b, " <i>"...), t.titles[i]...), "<bdi>"...)
		b = append(t.cell.append(b, i, cell), "</bdi></i>"...)
	}
	return append(b, "</small>\n"...)
}

// incoming says whether the row's words came from the person to the business.
func incoming(direction []byte) bool {
	d := strings.ToLower(string(direction))
	return strings.HasPrefix(d, "in") || d == "received" || d == "contact" || d == "customer"
}

// cellWriter writes cells as people read them: yes and no in their language,
// times to the second. The other forms have the exact value.
type cellWriter struct {
	types   []ColumnType
	yes, no string
}

func newCellWriter(p page, columns []Column) cellWriter {
	w := cellWriter{yes: p.T("yes"), no: p.T("no")}
	for _, c := range columns {
		w.types = append(w.types, c.Type)
	}
	return w
}

func (w cellWriter) append(b []byte, column int, cell []byte) []byte {
	switch w.types[column] {
	case Bool:
		switch string(cell) {
		case "t", "true":
			return append(b, w.yes...)
		case "f", "false":
			return append(b, w.no...)
		}
	case Time:
		const second = len("2006-01-02 15:04:05")
		if len(cell) <= second || cell[second] != '.' && cell[second] != '+' {
			break
		}
		zone := cell[second:]
		zone = zone[max(bytes.IndexAny(zone, "+-"), 0):]
		b = appendHTML(b, cell[:second])
		switch {
		case string(zone) == "+00":
			return append(b, " UTC"...)
		case zone[0] == '.':
			return b // no zone at all
		}
		return appendHTML(b, zone)
	}
	return appendHTML(b, cell)
}

// special marks the bytes that do not stand for themselves in HTML text.
var special = func() (t [256]bool) {
	for c := range t {
		t[c] = (c < ' ' && c != '\n' && c != '\t') || c >= utf8.RuneSelf
	}
	for _, c := range `<>&"'` {
		t[c] = true
	}
	t[0x7f] = true
	return t
}()

// appendHTML escapes s for text and quoted attributes. Control characters and
// bytes that are no UTF-8 become U+FFFD.
func appendHTML(b, s []byte) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if !special[c] {
			i++
			continue
		}
		n, with := 1, "\ufffd"
		switch c {
		case '<':
			with = "&lt;"
		case '>':
			with = "&gt;"
		case '&':
			with = "&amp;"
		case '"':
			with = "&#34;"
		case '\'':
			with = "&#39;"
		case '\r':
			with = "\n"
			if i+1 < len(s) && s[i+1] == '\n' {
				n = 2
			}
		default:
			if c >= utf8.RuneSelf {
				if r, size := utf8.DecodeRune(s[i:]); r != utf8.RuneError || size > 1 {
					i += size
					continue
				}
			}
		}
		b = append(append(b, s[from:i]...), with...)
		i += n
		from = i
	}
	return append(b, s[from:]...)
}
