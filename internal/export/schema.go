package export

import (
	"bytes"
	"encoding/json"
)

// schema describes a table's JSON files as JSON Schema, draft 2020-12. Its CSV
// files have the same columns in the same order.
func schema(t Table, title, language string) []byte {
	type row struct {
		Type       string   `json:"type"`
		Properties fields   `json:"properties"`
		Required   []string `json:"required"`
		Additional bool     `json:"additionalProperties"`
	}
	items := row{Type: "object", Required: []string{}}
	for _, c := range t.Columns {
		f := field{Type: jsonTypes[c.Type]}
		if s := c.Title.In(language); s != c.Name {
			f.Title = s
		}
		if c.Type == Time {
			f.Format = "date-time"
		}
		items.Properties = append(items.Properties, named{c.Name, f})
		items.Required = append(items.Required, c.Name)
	}
	return indented(struct {
		Schema string `json:"$schema"`
		Title  string `json:"title"`
		Type   string `json:"type"`
		Items  row    `json:"items"`
	}{"https://json-schema.org/draft/2020-12/schema", title, "array", items})
}

// jsonTypes are what appendValue writes for a column; JSON may be any value.
var jsonTypes = map[ColumnType][]string{
	Text:   {"string", "null"},
	Number: {"number", "string", "null"}, // a string where the store holds NaN
	Bool:   {"boolean", "string", "null"},
	Time:   {"string", "null"},
}

type field struct {
	Title  string   `json:"title,omitempty"`
	Type   []string `json:"type,omitempty"`
	Format string   `json:"format,omitempty"`
}

type named struct {
	name  string
	field field
}

// fields is an object that keeps its order.
type fields []named

func (f fields) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, n := range f {
		if i > 0 {
			b = append(b, ',')
		}
		one, err := json.Marshal(n.field)
		if err != nil {
			return nil, err
		}
		b = append(append(appendString(b, []byte(n.name)), ':'), one...)
	}
	return append(b, '}'), nil
}

// indented writes what can always be encoded, for people to read as well.
func indented(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // strings, numbers and times always encode
	}
	return b.Bytes()
}
