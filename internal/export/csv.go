package export

import (
	"bytes"
	"unicode/utf8"
)

const (
	maxCSVRows = 1_000_000 // a spreadsheet opens 1,048,576
	maxCSVSize = 2 << 30   // some unpackers stop at 4 GiB for a file
)

// csvForm writes a table as RFC 4180 with CRLF. The file starts with a byte
// order mark, for without one a spreadsheet takes UTF-8 for something else.
// NULL is an empty cell, empty text is "". A text that a spreadsheet would take
// for a formula gets an apostrophe in front; the JSON has the exact text.
type csvForm struct {
	sink    sink
	entry   func(file int) Entry
	columns []Column
	file    *member
	files   int // with those of earlier parts of the package
	buf     []byte
}

func (f *csvForm) row(r Row) error {
	if f.file == nil || f.file.Rows == maxCSVRows || f.file.Size > maxCSVSize {
		if err := f.next(); err != nil {
			return err
		}
	}
	b := f.buf
	for i, cell := range r {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCell(b, f.columns[i].Type, cell)
	}
	// A line with nothing on it would be no row at all.
	if len(r) == 1 && r[0] == nil {
		b = append(b, '"', '"')
	}
	f.buf = append(b, '\r', '\n')
	f.file.Rows++
	return nil
}

func (f *csvForm) next() (err error) {
	if f.file != nil {
		if err := f.finish(); err != nil {
			return err
		}
	}
	f.files++
	if f.file, err = f.sink.create(f.entry(f.files)); err != nil {
		return err
	}
	f.buf = append(f.buf, "\ufeff"...)
	for i, c := range f.columns {
		if i > 0 {
			f.buf = append(f.buf, ',')
		}
		f.buf = appendCell(f.buf, Text, []byte(c.Name))
	}
	f.buf = append(f.buf, '\r', '\n')
	return nil
}

func (f *csvForm) flush() error {
	if f.file == nil {
		return nil
	}
	_, err := f.file.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}

func (f *csvForm) finish() error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.file.close()
}

func (f *csvForm) close() error {
	if f.file == nil { // no rows: a file with the names of the columns
		if err := f.next(); err != nil {
			return err
		}
	}
	return f.finish()
}

func appendCell(b []byte, t ColumnType, cell []byte) []byte {
	if cell == nil {
		return b
	}
	if len(cell) == 0 {
		return append(b, '"', '"')
	}
	if t == Time {
		var text [64]byte
		cell = appendTime(text[:0], cell)
	}
	if !utf8.Valid(cell) {
		cell = bytes.ToValidUTF8(cell, []byte("\ufffd"))
	}
	guard := isFormula(cell[0]) && !((t == Number || t == JSON) && isNumber(cell))
	if !needsQuotes(cell) {
		if guard {
			b = append(b, '\'')
		}
		return append(b, cell...)
	}
	b = append(b, '"')
	if guard {
		b = append(b, '\'')
	}
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		b = append(append(b, cell[:i+1]...), '"')
		cell = cell[i+1:]
	}
	return append(append(b, cell...), '"')
}

func isFormula(c byte) bool {
	switch c {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return true
	}
	return false
}

func needsQuotes(cell []byte) bool {
	if cell[0] == ' ' || cell[len(cell)-1] == ' ' {
		return true
	}
	for _, c := range cell {
		switch c {
		case '"', ',', ';', '\n', '\r', '\t':
			return true
		}
	}
	return false
}
