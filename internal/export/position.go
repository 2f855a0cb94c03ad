package export

import "slices"

// Limits say when a part is full: it then ends at a border between rows. Zero is
// no limit.
type Limits struct {
	Rows  int64
	Bytes int64 // of the ZIP
}

// Position is where the next part of a package begins. Kept with the part before
// it, it lets another process go on after a crash.
type Position struct {
	Parts    int    `json:"parts"`    // that are made
	Previous string `json:"previous"` // SHA-256 of the last one's manifest
	Tables   []Mark `json:"tables"`
	Files    []Mark `json:"files,omitempty"`
	Missing  int64  `json:"missing,omitempty"`  // attachments that storage does not have
	Withheld int64  `json:"withheld,omitempty"` // attachments that other people sent
}

// Mark says how far the rows of one table and role are packed.
type Mark struct {
	Table string   `json:"table"`
	Role  string   `json:"role,omitempty"`
	Key   []string `json:"key,omitempty"` // of the last row; none where there was no row
	Rows  int64    `json:"rows"`          // up to and with it
	JSON  int      `json:"json,omitempty"`
	CSV   int      `json:"csv,omitempty"`
	Pages int      `json:"pages,omitempty"`
}

// Rows counts the rows in all parts.
func (p Position) Rows() (n int64) {
	for _, m := range p.Tables {
		n += m.Rows
	}
	return n
}

// clone lets a position be kept while the packer moves on.
func (p Position) clone() Position {
	p.Tables, p.Files = slices.Clone(p.Tables), slices.Clone(p.Files)
	return p
}

// mark finds the mark of a table and role, or makes it; known says which.
func mark(marks *[]Mark, table, role string) (m *Mark, known bool) {
	i := slices.IndexFunc(*marks, func(m Mark) bool { return m.Table == table && m.Role == role })
	if known = i >= 0; !known {
		i = len(*marks)
		*marks = append(*marks, Mark{Table: table, Role: role})
	}
	return &(*marks)[i], known
}
