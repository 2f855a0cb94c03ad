package connector

import (
	"bytes"
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// reshape gives what is done to a column's value before it leaves the store,
// nil if nothing is: leaves that are secret go, other people's are redacted,
// and JSON that is kept as bytes becomes text again.
func (n *Snapshot) reshape(q *query, t *datamap.Table, c datamap.Column, role datamap.Role) func([]byte) []byte {
	binary := c.JSON && q.column(t.Name, c.Name).sqlType == "bytea"
	stand := n.standLeaf
	if role == datamap.TenantRole {
		stand = nil // an organization sees its own people
	}
	hides := slices.ContainsFunc(c.Leaves, func(g datamap.LeafGroup) bool {
		return g.Group == datamap.Secret || g.Group == datamap.Staff && stand != nil
	})
	if !binary && !hides {
		return nil
	}
	return func(value []byte) []byte {
		if value == nil {
			return nil
		}
		if binary {
			value = readable(value)
		}
		if !hides || !mayHold(value, c.Leaves) {
			return value
		}
		out, ok := datamap.ConcealAs(value, c.Leaves, stand)
		if !ok {
			return []byte(Redacted) // nobody can tell what is where in it
		}
		return out
	}
}

// mayHold says whether a value has any of the keys with which the leaves' paths
// begin: most have none, and need not be taken apart.
func mayHold(value []byte, leaves []datamap.LeafGroup) bool {
	if bytes.IndexByte(value, '\\') >= 0 {
		return true // a key may be written with escapes
	}
	return slices.ContainsFunc(leaves, func(g datamap.LeafGroup) bool {
		if g.Group != datamap.Secret && g.Group != datamap.Staff {
			return false
		}
		return len(g.Path) == 0 || g.Path[0].Key == "" || bytes.Contains(value, []byte(`"`+g.Path[0].Key+`"`))
	})
}

// readable turns bytes in hexadecimal into the text that they are, if they are.
func readable(value []byte) []byte {
	if len(value) < 2 {
		return value
	}
	text := make([]byte, hex.DecodedLen(len(value)-2))
	if _, err := hex.Decode(text, value[2:]); err != nil || !utf8.Valid(text) {
		return value
	}
	return text
}
