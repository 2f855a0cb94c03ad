package datamap_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestReferenceIsFresh keeps REFERENCE.md, the page of every key, in step with
// the schema that editors use. -update writes it.
func TestReferenceIsFresh(t *testing.T) {
	t.Parallel()
	want := reference(t)
	if *update {
		if err := os.WriteFile("REFERENCE.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("REFERENCE.md is stale: go test ./internal/datamap -run Reference -update")
	}
}

// node is a mapping of the schema, which YAML reads in the order of the file.
type node struct{ *yaml.Node }

func (n node) at(key string) node {
	if n.Node == nil {
		return node{}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return node{n.Content[i+1]}
		}
	}
	return node{}
}

func (n node) text() string {
	if n.Node == nil {
		return ""
	}
	return n.Value
}

func (n node) each(fn func(key string, below node)) {
	if n.Node == nil {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		fn(n.Content[i].Value, node{n.Content[i+1]})
	}
}

// page writes the reference, section by section.
type page struct {
	t      *testing.T
	b      strings.Builder
	schema node
}

func reference(t *testing.T) string {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(datamap.Schema, &doc); err != nil {
		t.Fatal(err)
	}
	p := &page{t: t, schema: node{doc.Content[0]}}
	p.b.WriteString("# Every key of a data map\n\nMade from `schema.json`, which `portalctl datamap schema` prints for editors. What the constructs are for stands in `README.md`.\n")
	p.section("The file", p.schema, 2)
	p.schema.at("$defs").each(func(name string, below node) { p.section("`"+name+"`", below, 2) })
	return p.b.String()
}

func (p *page) section(title string, n node, depth int) {
	fmt.Fprintf(&p.b, "\n%s %s\n\n%s\n", strings.Repeat("#", min(depth, 5)), title, n.at("description").text())
	if e := examples(n); e != "" {
		fmt.Fprintf(&p.b, "\nFor example %s\n", e)
	}
	p.keys(title, n, depth)
}

// keys writes a table of a mapping's keys, and then the mappings inside it.
func (p *page) keys(title string, n node, depth int) {
	shapes := []node{n}
	if any := n.at("anyOf"); any.Node != nil {
		for _, one := range any.Content {
			shapes = append(shapes, node{one})
		}
	}
	for _, s := range shapes {
		props := s.at("properties")
		if props.Node == nil || len(props.Content) == 0 {
			continue
		}
		if s.Node != n.Node {
			fmt.Fprintf(&p.b, "\n%s\n", s.at("description").text())
		}
		p.b.WriteString("\n| Key | | What it says | Example |\n|---|---|---|---|\n")
		var inner []func()
		props.each(func(key string, below node) {
			must := ""
			if r := s.at("required"); r.Node != nil && slices.ContainsFunc(r.Content, func(c *yaml.Node) bool { return c.Value == key }) {
				must = "required"
			}
			fmt.Fprintf(&p.b, "| `%s` | %s | %s | %s |\n", key, must, cell(p.says(below)), cell(examples(p.resolved(below))))
			if deep := inside(below); deep.Node != nil {
				inner = append(inner, func() { p.section(strings.Trim(title, "`")+" · "+key, deep, depth+1) })
			}
		})
		for _, fn := range inner {
			fn()
		}
	}
}

// inside is the mapping that a key's value is, or has as its elements.
func inside(n node) node {
	for _, deep := range []node{n, n.at("items"), n.at("additionalProperties")} {
		if deep.at("properties").Node != nil {
			return deep
		}
		if any := deep.at("anyOf"); any.Node != nil {
			for _, one := range any.Content {
				if (node{one}).at("properties").Node != nil && (node{one}).at("description").Node != nil {
					return node{one}
				}
			}
		}
	}
	return node{}
}

// resolved follows a reference where the place itself has no example.
func (p *page) resolved(n node) node {
	if n.at("examples").Node != nil {
		return n
	}
	for _, at := range []node{n.at("$ref"), n.at("items").at("$ref"), n.at("additionalProperties").at("$ref")} {
		if name, ok := strings.CutPrefix(at.text(), "#/$defs/"); ok {
			return p.schema.at("$defs").at(name)
		}
	}
	return n
}

func (p *page) says(n node) string {
	out := n.at("description").text()
	for _, at := range []node{n.at("$ref"), n.at("items").at("$ref"), n.at("additionalProperties").at("$ref")} {
		if name, ok := strings.CutPrefix(at.text(), "#/$defs/"); ok {
			if out == "" {
				out = p.schema.at("$defs").at(name).at("description").text()
			}
			out += " → [" + name + "](#" + name + ")"
		}
	}
	if values := n.at("enum"); values.Node != nil {
		var all []string
		for _, v := range values.Content {
			all = append(all, "`"+v.Value+"`")
		}
		out += " (" + strings.Join(all, ", ") + ")"
	}
	return out
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func examples(n node) string {
	list := n.at("examples")
	if list.Node == nil {
		return ""
	}
	var out []string
	for _, one := range list.Content {
		var v any
		if err := one.Decode(&v); err != nil {
			continue
		}
		out = append(out, "`"+flow(one, v)+"`")
	}
	return strings.Join(out, ", ")
}

// flow writes an example the way people write it into a map.
func flow(n *yaml.Node, v any) string {
	switch n.Kind {
	case yaml.MappingNode:
		var parts []string
		node{n}.each(func(key string, below node) {
			var one any
			_ = below.Decode(&one) // it was decoded as a whole already
			parts = append(parts, word(key)+": "+flow(below.Node, one))
		})
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		var parts []string
		for _, c := range n.Content {
			var one any
			_ = c.Decode(&one) // as above
			parts = append(parts, flow(c, one))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if s, ok := v.(string); ok {
		return word(s)
	}
	return n.Value
}

// word puts a text in quotes where YAML needs them.
func word(s string) string {
	if s != "" && !strings.ContainsAny(s, "{}[],:#&*!|>'\"%@`\\^$") && strings.TrimSpace(s) == s {
		return s
	}
	b, err := json.Marshal(s)
	if err != nil {
		return s // a text always marshals
	}
	return string(b)
}
