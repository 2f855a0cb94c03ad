package datamap_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

var update = flag.Bool("update", false, "write REFERENCE.md anew")

const schemaURL = "map.json"

func compiled(t *testing.T) (*jsonschema.Compiler, *jsonschema.Schema) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(datamap.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// TestMapsFitTheirSchema holds real maps against the schema.
func TestMapsFitTheirSchema(t *testing.T) {
	t.Parallel()
	_, s := compiled(t)
	maps := map[string][]byte{"whole": whole(t)}
	for name, file := range map[string]string{"small": "testdata/small.yaml", "demo": "../demo/datamap.yaml"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		maps[name] = src
	}
	for name, src := range maps {
		var v any
		if err := yaml.Unmarshal(src, &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plain(v)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var v any
	if err := yaml.Unmarshal([]byte("version: 1\nstore: {nmae: x}"), &v); err != nil {
		t.Fatal(err)
	}
	if s.Validate(plain(v)) == nil {
		t.Error("the schema lets a mistake through")
	}
}

// plain gives YAML the shape of JSON: dates are texts, numbers are json.Number.
func plain(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // YAML with text keys only
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		panic(err) // it was just written
	}
	return out
}

// TestExamplesFit holds every example of the schema against its own place.
func TestExamplesFit(t *testing.T) {
	t.Parallel()
	c, _ := compiled(t)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(datamap.Schema))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			examples, _ := v["examples"].([]any)
			for _, one := range examples {
				s, err := c.Compile(schemaURL + "#" + at)
				if err != nil {
					t.Fatal(err)
				}
				n++
				if err := s.Validate(one); err != nil {
					t.Errorf("%s: the example %v does not fit: %v", at, one, err)
				}
			}
			for key, below := range v {
				if key != "examples" {
					walk(at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), below)
				}
			}
		case []any:
			for i, below := range v {
				walk(fmt.Sprintf("%s/%d", at, i), below)
			}
		}
	}
	walk("", doc)
	if n < 100 {
		t.Errorf("only %d examples", n)
	}
}

// probes are places in the whole map where an unknown key makes the reader list
// what it knows there, and the same places in the schema.
var probes = []struct{ mark, schema string }{
	{"version: 1", ""}, {"  name: Whole", "properties/store"}, {"    engine: postgres # another store", "properties/stores/additionalProperties"}, {"  unmapped_table: fail", "properties/drift"},
	{"  table: organizations # tenant", "properties/tenant"}, {"    kind: e164", "properties/normalisers/additionalProperties"},
	{"    title: Words", "properties/categories/additionalProperties"}, {"  person: # subjects", "properties/subjects"},
	{"      key: id # root", "$defs/root"}, {"          by: email # match", "$defs/match"},
	{"    key: id # organization", "properties/subjects/properties/organization"},
	{"      email: email # representatives", "properties/subjects/properties/organization/properties/representatives"},
	{"    words: Tax", "properties/retention/additionalProperties"}, {"  terms: [phone, email, name]", "properties/mentions"},
	{"    refresh: true", "properties/views/additionalProperties"}, {"    title: Messages # table", "$defs/table"},
	{"      by: conversation_id # conversation", "$defs/table/properties/conversation"},
	{"      size: 1000", "$defs/table/properties/batch"}, {"        as: thread # path", "$defs/path"},
	{"            in: opener_id", "$defs/path/properties/via/items"}, {"        do: redact", "$defs/rule/anyOf/1"},
	{"          by: messages.conversation_id", "$defs/rule/anyOf/1/properties/shared"}, {"        column: total # repair", "$defs/repair"},
	{"        key: \"{file}\" # object", "$defs/object"}, {"      by: phone # suppress", "$defs/suppress"},
	{"        title: Text # column", "$defs/column/anyOf/2"}, {"          type: phone # correct", "$defs/correct"},
	{"            table: profile_fields # pattern", "$defs/correct/properties/pattern_from"},
}

// TestSchemaKnowsWhatTheReaderKnows asks the reader, place by place, for the
// keys that it knows, and compares them with the schema's.
func TestSchemaKnowsWhatTheReaderKnows(t *testing.T) {
	t.Parallel()
	var schema any
	if err := json.Unmarshal(datamap.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	expected := regexp.MustCompile(`unknown key "unknown_key"; expected one of ([^(\n]*)`)
	for _, p := range probes {
		at := schema
		for _, key := range strings.Split(p.schema, "/") {
			switch v := at.(type) {
			case map[string]any:
				if key != "" {
					at = v[key]
				}
			case []any:
				at = v[int(key[0]-'0')]
			}
		}
		var want []string
		for key := range at.(map[string]any)["properties"].(map[string]any) {
			want = append(want, key)
		}
		slices.Sort(want)
		src := string(whole(t))
		if strings.Count(src, p.mark+"\n") != 1 {
			t.Errorf("the mark %q stands %d times in the whole map", p.mark, strings.Count(src, p.mark+"\n"))
			continue
		}
		indent := p.mark[:len(p.mark)-len(strings.TrimLeft(p.mark, " "))]
		_, err := datamap.Parse("whole.yaml", []byte(strings.Replace(src, p.mark+"\n", indent+"unknown_key: 1\n"+p.mark+"\n", 1)))
		problems, _ := errors.AsType[*datamap.Problems](err)
		if problems == nil {
			t.Errorf("%s: the reader takes an unknown key", p.mark)
			continue
		}
		found := expected.FindStringSubmatch(problems.Error())
		if found == nil {
			t.Errorf("%s: %v", p.mark, err)
			continue
		}
		if got := strings.Split(strings.TrimSpace(found[1]), ", "); !slices.Equal(got, want) {
			t.Errorf("%s: the reader knows\n%q, the schema\n%q", p.schema, got, want)
		}
	}
}

func whole(t *testing.T) []byte {
	t.Helper()
	src, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestTheWholeLanguageIsRead reads a map in which every key stands.
func TestTheWholeLanguageIsRead(t *testing.T) {
	t.Parallel()
	if _, err := datamap.Parse("whole.yaml", whole(t)); err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(whole(t), &doc); err != nil {
		t.Fatal(err)
	}
	stand := map[string]bool{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				stand[c.Value] = true
			}
			walk(c)
		}
	}
	walk(&doc)
	for _, key := range keys(t) {
		if !stand[key] {
			t.Errorf("the key %s does not stand in testdata/whole.yaml", key)
		}
	}
}

// keys lists every key of the schema.
func keys(t *testing.T) []string {
	t.Helper()
	var schema any
	if err := json.Unmarshal(datamap.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if props, ok := v["properties"].(map[string]any); ok {
				for key := range props {
					seen[key] = true
				}
			}
			for key, below := range v {
				if key != "examples" {
					walk(below)
				}
			}
		case []any:
			for _, below := range v {
				walk(below)
			}
		}
	}
	walk(schema)
	out := make([]string, 0, len(seen))
	for key := range seen {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}
