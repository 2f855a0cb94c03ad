package connector

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Author says who wrote a row.
type Author int

const (
	AuthorUnknown Author = iota
	AuthorSubject
	AuthorOther
)

// Talk says where a row stands among what people wrote.
type Talk struct {
	Conversation string // shared by the rows of one conversation: where they are joined, and by which value
	At           string // as of KindTime; "" if nothing says when
	Author       Author
}

// talkCells is how many cells a row has for its Talk.
const talkCells = 3

// talk selects what a Talk is made of.
func (q *query) talk(t *datamap.Table, role datamap.Role) []string {
	by, at := "''", "''"
	if c := t.Conversation; c != nil && c.By != "" {
		by = ident("t", c.By) + "::text"
	}
	if c := t.Conversation; c != nil && c.At != "" {
		at = q.moment("t", t, c.At) + "::text"
	}
	return []string{by, at, q.wrote("t", t, role)}
}

// conversation names what a table's rows are joined by: the column that theirs
// refers to, so that rows of several tables come together.
func (q *query) conversation(t *datamap.Table) string {
	c := t.Conversation
	if c == nil || c.By == "" {
		return t.Name
	}
	for _, p := range t.Paths {
		if p.To == c.By && len(p.Via) == 0 && len(p.JSON) == 0 && p.Form == "" {
			return p.From.Table + "." + p.From.Column
		}
	}
	return t.Name + "." + c.By
}

// wrote is a condition that says whether the subject wrote a row; NULL where
// nothing says it. What hangs in a row is by who wrote that.
func (q *query) wrote(alias string, t *datamap.Table, role datamap.Role) string {
	if own, known := role.Writes(); known {
		return strconv.FormatBool(own)
	}
	if c := t.Conversation; c != nil && len(c.Own) > 0 {
		return "(true" + q.when(alias, t.Name, c.Own) + ")"
	}
	for _, p := range t.Paths {
		from, ok := q.m.Table(p.From.Table)
		if !ok || p.As != role || !straight(p) || from.Conversation == nil || len(from.Conversation.Own) == 0 {
			continue
		}
		x := q.alias()
		any := append(q.ways(from, x, datamap.Author), "(true"+q.when(x, from.Name, from.Conversation.Own)+")")
		return fmt.Sprintf("(SELECT %s FROM %s %s WHERE %s = %s LIMIT 1)", either(any), q.table(from.Name), ident(x),
			ident(x, p.From.Column), ident(alias, p.To))
	}
	return "NULL::boolean"
}

// straight says that a path compares one column with one.
func straight(p datamap.Path) bool {
	return !p.Root && p.Find == "" && len(p.Via) == 0 && len(p.And) == 0 && len(p.JSON) == 0 && p.Form == ""
}

func talkOf(joined string, cells [][]byte) Talk {
	return Talk{Conversation: joined + "/" + string(cells[0]), At: string(cells[1]), Author: authors[string(cells[2])]}
}

// authors is what a condition of wrote means; NULL is empty.
var authors = map[string]Author{"t": AuthorSubject, "f": AuthorOther}

// Standing gives a snapshot in which others' names for other people stand where
// a column refers to one: stand gets the table and the key of the row that is
// meant or, where the column refers to no row that can be a person, "" and what
// it holds. A reference to the subject is theirs and stays.
func (n *Snapshot) Standing(stand func(table, key string) string) *Snapshot {
	named := *n
	named.stand, named.parts = stand, nil
	for i, p := range n.parts {
		store := n.fleet.names[i]
		named.parts = append(named.parts, p.Standing(func(table, key string) string {
			if table != "" {
				table = store + "." + table
			}
			return stand(table, key)
		}))
	}
	return &named
}

// meant names the table whose row a column of other people refers to; "" if it
// is no table of people.
func (q *query) meant(t *datamap.Table, column string) string {
	for _, p := range t.Paths {
		if p.To == column && straight(p) && q.rootKey(p.From.Table) == p.From.Column {
			return p.From.Table
		}
	}
	return ""
}

// standLeaf gives what stands for other people in a JSON value.
func (n *Snapshot) standLeaf(leaf any) string {
	switch v := leaf.(type) {
	case string:
		if n.stand != nil && v != "" {
			return n.stand("", v)
		}
	case json.Number:
		if n.stand != nil {
			return n.stand("", v.String())
		}
	}
	return Redacted
}

// standIn writes what stands for other people in a column.
func (n *Snapshot) standIn(q *query, t *datamap.Table, c datamap.Column) func([]byte) []byte {
	table := q.meant(t, c.Name)
	own := n.roots.Keys[table]
	return func(value []byte) []byte {
		if value == nil || table != "" && slices.Contains(own, string(value)) {
			return value
		}
		return []byte(n.stand(table, string(value)))
	}
}
