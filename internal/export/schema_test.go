package export_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// held reads the rows of a table and holds them against its schema.
func held(t *testing.T, schema, rows string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("table.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("table.json")
	if err != nil {
		t.Fatalf("this is no schema: %v\n%s", err, schema)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestPortabilityHasASchemaThatItsRowsKeep(t *testing.T) {
	t.Parallel()
	c := sample()
	c.Portable = true
	c.Tables = seq(
		export.Table{Name: "messages", Title: en("Messages"), Category: "messages", Columns: columns("id:n", "body", "created_at:t", "read:b", "payload:j"),
			Rows: rows([]any{1, "Hello", "2026-03-02 08:11:09.5+00", "t", `{"type": "text"}`}, []any{"NaN", nil, nil, nil, nil}, []any{3, `"`, "infinity", "f", "[1]"})},
		export.Table{Name: "empty", Title: en("Empty"), Category: "messages", Columns: columns("zulu", "alpha:n"), Rows: rows()},
	)
	z, m, all := write(t, c)
	for name, want := range map[string][]string{"messages": {"id", "body", "created_at", "read", "payload"}, "empty": {"zulu", "alpha"}} {
		text := read(t, z, "schema/"+name+".schema.json")
		if err := held(t, text, read(t, z, "json/"+name+".json")); err != nil {
			t.Errorf("%s does not keep its schema: %v", name, err)
		}
		var s struct {
			Schema string `json:"$schema"`
			Items  struct {
				Properties map[string]json.RawMessage
				Required   []string
			}
		}
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.Schema != "https://json-schema.org/draft/2020-12/schema" {
			t.Fatalf("%q, %v", s.Schema, err)
		}
		if !slices.Equal(s.Items.Required, want) || len(s.Items.Properties) != len(want) {
			t.Errorf("%s requires %v", name, s.Items.Required)
		}
		if csv := strings.TrimPrefix(strings.Split(read(t, z, "csv/"+name+".csv"), "\r\n")[0], "\ufeff"); csv != strings.Join(want, ",") {
			t.Errorf("%s: the CSV has the columns %s", name, csv)
		}
		if a, b := strings.Index(text, `"`+want[0]+`": {`), strings.Index(text, `"`+want[1]+`": {`); a < 0 || b < a {
			t.Errorf("%s: the properties are not in the order of the columns:\n%s", name, text)
		}
	}
	schema := read(t, z, "schema/messages.schema.json")
	for name, row := range map[string]string{
		"a column that is missing": `[{"id": 1, "body": "x", "created_at": null, "read": true}]`,
		"a column too many":        `[{"id": 1, "body": "x", "created_at": null, "read": true, "payload": 1, "more": 1}]`,
		"a text that is a number":  `[{"id": 1, "body": 2, "created_at": null, "read": true, "payload": 1}]`,
		"one row and no list":      `{"id": 1, "body": "x", "created_at": null, "read": true, "payload": 1}`,
	} {
		if held(t, schema, row) == nil {
			t.Errorf("the schema lets %s pass", name)
		}
	}
	for _, e := range m.Files {
		if e.Name == "letter.html" || strings.HasPrefix(e.Name, "read/") {
			t.Errorf("%s is in a portability package", e.Name)
		}
	}
	if r, err := export.Verify(source(all)); err != nil || !r.OK {
		t.Errorf("Verify = %+v, %v", r, err)
	}
	if !strings.Contains(read(t, z, "README.txt"), "schema") || !strings.Contains(read(t, z, "index.html"), "JSON Schema") {
		t.Error("nothing says what the folder schema is")
	}
}
