package datamap

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Template is the key of an object in object storage, with places for columns.
type Template struct {
	Parts []TemplatePart
	Below bool // every object whose key begins so: the template ended with *
}

// TemplatePart is literal text, or what a column holds.
type TemplatePart struct {
	Text     string
	Column   string
	From, To int      // bytes of the value, if To > 0
	Path     JSONPath // place in the column's JSON value
}

// placeholder is what may stand in braces: a column, a slice of it, or a place
// in its JSON value.
var placeholder = regexp.MustCompile(`^([^{}:.\[\]!*]+)(?::([0-9]{1,4}):([0-9]{1,4})|([.\[!].*))?$`)

// ParseTemplate reads "{column}", "thumbs/{id:0:2}/{sizes[].width}.webp" or
// "exports/{id}/*".
func ParseTemplate(s string) (Template, error) {
	var t Template
	s, t.Below = strings.CutSuffix(s, "*")
	for s != "" {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			open = len(s)
		}
		if text := s[:open]; text != "" {
			if strings.ContainsAny(text, "}*") {
				return t, fmt.Errorf("expected {column} around a name and a * only at the end, found %q", text)
			}
			t.Parts = append(t.Parts, TemplatePart{Text: text})
		}
		if s = s[open:]; s == "" {
			break
		}
		end := strings.IndexByte(s, '}')
		if end < 0 {
			return t, fmt.Errorf("a } is missing behind %q", s)
		}
		p, err := templatePart(s[1:end])
		if err != nil {
			return t, err
		}
		t.Parts, s = append(t.Parts, p), s[end+1:]
	}
	if len(t.Columns()) == 0 {
		return t, fmt.Errorf("expected at least one {column}: a key without one is the same for everybody")
	}
	return t, nil
}

func templatePart(s string) (TemplatePart, error) {
	at := placeholder.FindStringSubmatch(s)
	if at == nil {
		return TemplatePart{}, fmt.Errorf("expected {column}, {column:from:to} or {column.json.path}, found {%s}", s)
	}
	p := TemplatePart{Column: at[1]}
	switch {
	case at[3] != "":
		p.From, _ = strconv.Atoi(at[2]) // digits only, by the expression
		p.To, _ = strconv.Atoi(at[3])
		if p.To <= p.From {
			return p, fmt.Errorf("the slice {%s} is empty: its end comes after its start", s)
		}
	case at[4] != "":
		path, err := ParseJSONPath(strings.TrimPrefix(at[4], "."))
		if err != nil {
			return p, err
		}
		p.Path = path
	}
	return p, nil
}

// Columns lists the columns that stand in the template, each once.
func (t Template) Columns() []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range t.Parts {
		if p.Column != "" && !seen[p.Column] {
			seen[p.Column] = true
			out = append(out, p.Column)
		}
	}
	return out
}
