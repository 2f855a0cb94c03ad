package export

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCell writes rows of any bytes and lets another reader take them apart: no
// cell runs into the next, none is lost, and none begins like a formula.
func FuzzCell(f *testing.F) {
	for _, seed := range [][2]string{{"plain", "x"}, {`say "a", then`, "b"}, {"=1+1", "-2"}, {"two\r\nlines", "\ttab"}, {"", " "}, {"\xff\x00", "ünï"}, {"@cmd", "+49 151"}, {"\n=1", "'"}} {
		f.Add([]byte(seed[0]), []byte(seed[1]), uint8(Text))
		f.Add([]byte(seed[0]), []byte(seed[1]), uint8(JSON))
	}
	f.Fuzz(func(t *testing.T, first, second []byte, kind uint8) {
		sort := ColumnType(kind)
		if sort == Time {
			sort = Text // reads what PostgreSQL writes, and nothing else
		}
		line := append(appendCell(nil, sort, first), ",between,"...)
		line = append(appendCell(line, sort, second), "\r\n"...)
		r := csv.NewReader(strings.NewReader(string(line)))
		row, err := r.Read()
		if err != nil || len(row) != 3 || row[1] != "between" {
			t.Fatalf("%q and %q became %q: %q, %v", first, second, line, row, err)
		}
		for i, cell := range [][]byte{first, second} {
			want := strings.ReplaceAll(strings.ToValidUTF8(string(cell), "\ufffd"), "\r\n", "\n") // the reader's own rule inside quotes
			got := row[2*i]
			if got != want && got != "'"+want {
				t.Fatalf("%q came back as %q", want, got)
			}
			number := (sort == Number || sort == JSON) && isNumber(cell)
			if got != "" && isFormula(got[0]) && !number {
				t.Fatalf("%q begins like a formula", got)
			}
			if !utf8.ValidString(got) {
				t.Fatalf("%q is no UTF-8", got)
			}
		}
	})
}
