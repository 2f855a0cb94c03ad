// Package export builds the package that a person downloads, and keeps it
// encrypted until it expires.
package export

import (
	"io"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// ColumnType says how a column's text form is written in JSON.
type ColumnType int

const (
	Text   ColumnType = iota // quoted and escaped
	Number                   // as it is
	Bool                     // "t" / "f" from PostgreSQL becomes true / false
	JSON                     // as it is
	Time                     // quoted RFC 3339
)

// Column of a table in the package.
type Column struct {
	Name  string
	Title datamap.Text
	Type  ColumnType
}

// Row is one row in PostgreSQL text form, nil for NULL. It is only valid until
// the next one is asked for.
type Row [][]byte

// Table is one stream of rows for the package, read once, in one pass.
type Table struct {
	Name     string
	Title    datamap.Text
	Category string
	Role     string
	Columns  []Column
	Rows     iter.Seq2[Row, error]
	Key      func() []string // of the row that Rows gave last; needed where a package may have parts
	Note     func() []byte   // what Contents.Noted shall hear of the same row; nil for nothing, valid until the next row
}

// File is an attachment from object storage, streamed. One whose Open answers
// fs.ErrNotExist is named as missing in the package; any other error ends it.
type File struct {
	Table    string // whose row names it, and
	Role     string
	Row      []string // the key of that row
	Name     string   // path inside the ZIP below attachments/; Write makes it safe and unique
	Category string
	Open     func() (io.ReadCloser, error)
	Withhold bool // somebody else sent it: listed, and not handed over
}

// Omission is something that was found and is not in the package, told in the letter.
type Omission struct {
	What datamap.Text // "Bank account number"
	Why  datamap.Text // the reason in words
	Rows int64        // in how many rows; 0 if not counted
}

// Contents is all that goes into one package.
type Contents struct {
	Ref        string
	Language   string
	Operator   string // who answers
	Made       time.Time
	MapVersion string // SHA-256 of the data map
	Categories []datamap.Category
	Tables     iter.Seq2[Table, error]
	Files      iter.Seq2[File, error] // asked for after the last table
	Portable   bool                   // portability: no letter, no reading pages, with a JSON Schema for each table

	// A package that is too big for people comes in parts, each a ZIP of its own.
	Set      uuid.UUID               // names the package in each part
	Limits   Limits                  // when a part is full
	From     Position                // where to go on; Tables and Files begin behind its marks
	Progress func(rows int64)        // told now and then how many rows are packed, parts before included; may be nil
	Noted    func(note []byte) error // told the note of each row of a part, in their order, while the part is written; may be nil
	// Masked says how many values are not as they are stored because they are
	// about other people or nobody may see them: in this part, and in all so far.
	Masked func() (part, all Masked)

	// For the letter; what is empty is answered by a sentence that is always true.
	Received  time.Time    // when the request came in
	Contact   string       // where to write with questions: an address
	Authority string       // the supervisory authority, by name
	Automated datamap.Text // Art. 15(1)(h): decisions made by a machine alone
	LeftOut   []Omission

	TempDir string // where encrypted intermediate files go; empty: the system's place
}

// Masked counts values by what was hidden in them: see the catalogue, "package.masked.<kind>".
type Masked map[string]int64

// Withheld is an attachment that is listed and not in the package.
type Withheld struct {
	Name     string `json:"name"`
	Category string `json:"category,omitempty"`
	Size     int64  `json:"size"`
	Type     string `json:"type"` // by its name: "PDF"
}

// Entry is one file in the manifest.
type Entry struct {
	Name     string `json:"name"`
	Category string `json:"category,omitempty"`
	Table    string `json:"table,omitempty"` // the same for all forms of one table
	Rows     int64  `json:"rows"`
	Size     int64  `json:"size"`
	SHA256   string `json:"sha256"`
}

// Range says which rows of a table a part has, counted from 1 in the order of
// their key.
type Range struct {
	Table string `json:"table"` // as in Entry
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

// Manifest is manifest.json inside a ZIP. What people approve is the SHA-256 of
// all ZIPs of the package, see Package.
type Manifest struct {
	Version  int       `json:"version"`
	Ref      string    `json:"ref"`
	Set      uuid.UUID `json:"set,omitzero"`       // the package that this part is of
	Part     int       `json:"part"`               // counted from 1
	Last     bool      `json:"last"`               // no part follows
	Previous string    `json:"previous,omitempty"` // SHA-256 of manifest.json in the part before
	Made     time.Time `json:"made"`
	Map      string    `json:"map"`
	Ranges   []Range   `json:"ranges,omitempty"` // where the package has several parts
	Files    []Entry   `json:"files"`
	Missing  []string  `json:"missing,omitempty"` // attachments that storage no longer has
	Rows     int64     `json:"rows"`              // rows of the store in this part, each counted once

	Withheld []Withheld `json:"withheld,omitempty"` // attachments that other people sent
	Masked   Masked     `json:"masked,omitempty"`   // values in which something is hidden
}

// Artifact names one sealed ZIP in the vault.
type Artifact struct {
	ID     uuid.UUID
	Size   int64  // bytes of the ZIP
	SHA256 string // of the ZIP, hex
	Key    []byte // the package's own key, wrapped; delete it and the package is gone
}
