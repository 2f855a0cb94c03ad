package connector

import (
	"encoding/hex"
	"slices"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// reshape gives what is done to a column's value before it leaves the store,
// nil if nothing is: leaves that are secret go, other people's are redacted,
// and JSON that is kept as bytes becomes text again.
func (q *query) reshape(t *datamap.Table, c datamap.Column, role datamap.Role) func([]byte) []byte {
	bytes := c.JSON && q.column(t.Name, c.Name).sqlType == "bytea"
	redacted := Redacted
	if role == datamap.TenantRole {
		redacted = "" // an organization sees its own people
	}
	hides := slices.ContainsFunc(c.Leaves, func(g datamap.LeafGroup) bool {
		return g.Group == datamap.Secret || g.Group == datamap.Staff && redacted != ""
	})
	if !bytes && !hides {
		return nil
	}
	return func(value []byte) []byte {
		if value == nil {
			return nil
		}
		if bytes {
			value = readable(value)
		}
		if !hides {
			return value
		}
		out, ok := datamap.Conceal(value, c.Leaves, redacted)
		if !ok {
			return []byte(Redacted) // nobody can tell what is where in it
		}
		return out
	}
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
