package datamap

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong with a map's text.
type Problem struct {
	Line int
	Text string // what stands there, what was expected, and the way out
}

// Problems is the error of Parse: everything that is wrong, in the file's order.
type Problems struct {
	File string
	List []Problem
}

func (p *Problems) Error() string {
	var b strings.Builder
	for i, one := range p.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d: %s", p.File, one.Line, one.Text)
	}
	return b.String()
}

// reader walks the YAML tree and notes every problem, so that a writer mends a
// map in one round.
type reader struct {
	list []Problem
}

func (r *reader) fail(line int, format string, args ...any) {
	r.list = append(r.list, Problem{line, fmt.Sprintf(format, args...)})
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.Tag {
	case "!!str":
		return fmt.Sprintf("the text %q", n.Value)
	case "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}

// pair is one entry of a mapping.
type pair struct {
	key   string
	line  int
	value *yaml.Node
}

// pairs reads a mapping whose keys are free names, each once.
func (r *reader) pairs(n *yaml.Node, what string) []pair {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "%s: expected a mapping (key: value), found %s", what, kindOf(n))
		return nil
	}
	var out []pair
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Tag != "!!str" {
			r.fail(k.Line, "%s: expected a name before the colon, found %s; put it in quotes if it is one", what, kindOf(k))
			continue
		}
		if before, twice := seen[k.Value]; twice {
			r.fail(k.Line, "%s: %q stands here twice, first in line %d; remove one", what, k.Value, before)
			continue
		}
		seen[k.Value] = k.Line
		out = append(out, pair{k.Value, k.Line, v})
	}
	return out
}

// fields maps the keys of a construct to what reads them; a key that ends in
// "!" is required.
type fields map[string]func(*yaml.Node)

func (r *reader) mapping(n *yaml.Node, what string, f fields) {
	have := map[string]bool{}
	for _, p := range r.pairs(n, what) {
		read, ok := f[p.key]
		if !ok {
			read, ok = f[p.key+"!"]
		}
		if !ok {
			r.fail(p.line, "%s: unknown key %q; expected one of %s%s", what, p.key, strings.Join(f.names(), ", "), Near(p.key, f.names()))
			continue
		}
		have[p.key] = true
		read(p.value)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, name := range f.names() {
		if _, required := f[name+"!"]; required && !have[name] {
			r.fail(n.Line, "%s: %q is missing; add it", what, name)
		}
	}
}

func (f fields) names() []string {
	names := make([]string, 0, len(f))
	for k := range f {
		names = append(names, strings.TrimSuffix(k, "!"))
	}
	slices.Sort(names)
	return names
}

// text reads one non-empty scalar. A number or yes/no counts as its text, so
// that discriminator values need no quotes.
func (r *reader) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		r.fail(n.Line, "%s: expected a text, found %s", what, kindOf(n))
		return ""
	}
	return n.Value
}

func (r *reader) flag(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		r.fail(n.Line, "%s: expected true or false, found %s", what, kindOf(n))
		return false
	}
	return n.Value == "true"
}

func (r *reader) oneOf(n *yaml.Node, what string, allowed ...string) string {
	v := r.text(n, what)
	if v != "" && !slices.Contains(allowed, v) {
		r.fail(n.Line, "%s: expected one of %s, found %q%s", what, strings.Join(allowed, ", "), v, Near(v, allowed))
		return ""
	}
	return v
}

func (r *reader) items(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "%s: expected a list in brackets or with dashes, found %s", what, kindOf(n))
		return nil
	}
	return n.Content
}

// texts reads a list of texts; one text alone is a list of one.
func (r *reader) texts(n *yaml.Node, what string) []string {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return []string{r.text(n, what)}
	}
	var out []string
	for _, item := range r.items(n, what) {
		v := r.text(item, what)
		if v != "" && slices.Contains(out, v) {
			r.fail(item.Line, "%s: %q stands in the list twice; remove one", what, v)
			continue
		}
		out = append(out, v)
	}
	return out
}

// words reads operator-written text: one text (English), or language: text.
func (r *reader) words(n *yaml.Node, what string) Text {
	if n.Kind == yaml.ScalarNode {
		return Text{"en": r.text(n, what)}
	}
	out := Text{}
	for _, p := range r.pairs(n, what) {
		if !isLanguage(p.key) {
			r.fail(p.line, "%s: expected language tags such as en and de, found %q", what, p.key)
			continue
		}
		out[p.key] = r.text(p.value, what+"."+p.key)
	}
	if _, ok := out["en"]; !ok && n.Kind == yaml.MappingNode {
		r.fail(n.Line, "%s: the English text is missing; add en: …", what)
	}
	return out
}

func isLanguage(s string) bool {
	base, region, _ := strings.Cut(s, "-")
	return len(base) == 2 && strings.Trim(base, "abcdefghijklmnopqrstuvwxyz") == "" && len(region) <= 4
}

// Near suggests what was probably meant, as the end of a sentence; "" if nothing
// is like it.
func Near(got string, names []string) string {
	best, at := "", 3
	for _, n := range names {
		if d := distance(got, n); d < at && d < len(n) {
			best, at = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is Levenshtein's.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
