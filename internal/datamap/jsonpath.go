package datamap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// JSONPath names places in a JSON value: keys joined by dots, [] for every
// element of a list, * for every key, ! where a text holds JSON again
// ("agents[].name", "payload!.raw", "[]"). Empty is the whole value.
type JSONPath []Segment

// Segment is one step of a JSON path; exactly one of its fields is set.
type Segment struct {
	Key    string
	Each   bool // every element of a list
	Any    bool // every key of an object
	Decode bool // the text that stands here is JSON
}

// ParseJSONPath reads a path.
func ParseJSONPath(s string) (JSONPath, error) {
	var p JSONPath
	key, dotted := "", false // dotted: a key must follow
	flush := func() {
		switch key {
		case "":
			return
		case "*":
			p = append(p, Segment{Any: true})
		default:
			p = append(p, Segment{Key: key})
		}
		key = ""
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '.':
			if key == "" && (dotted || len(p) == 0) {
				return nil, fmt.Errorf("a key is missing before the dot in %q", s)
			}
			flush()
			dotted = true
			continue
		case '[':
			if i+1 >= len(s) || s[i+1] != ']' {
				return nil, fmt.Errorf("only [] may stand in brackets in %q: it means every element", s)
			}
			if dotted && key == "" {
				return nil, fmt.Errorf("a key is missing before [] in %q", s)
			}
			flush()
			p = append(p, Segment{Each: true})
			i++
		case '!':
			if dotted && key == "" {
				return nil, fmt.Errorf("a key is missing before ! in %q", s)
			}
			flush()
			p = append(p, Segment{Decode: true})
		case ']':
			return nil, fmt.Errorf("] without [ in %q", s)
		default:
			if key == "" && !dotted && len(p) > 0 {
				return nil, fmt.Errorf("a dot is missing before %q in %q", s[i:], s)
			}
			key += s[i : i+1]
		}
		dotted = false
	}
	if dotted {
		return nil, fmt.Errorf("a key is missing behind the last dot in %q", s)
	}
	flush()
	if len(p) == 0 {
		return nil, fmt.Errorf("the path is empty")
	}
	return p, nil
}

// String writes the path as it is read.
func (p JSONPath) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Each:
			b.WriteString("[]")
			continue
		case s.Decode:
			b.WriteString("!")
			continue
		case i > 0:
			b.WriteByte('.')
		}
		if s.Any {
			b.WriteByte('*')
		} else {
			b.WriteString(s.Key)
		}
	}
	return b.String()
}

// MarshalText lets a path stand in JSON as it stands in a map.
func (p JSONPath) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Plain says that the path is keys only: it names one place.
func (p JSONPath) Plain() bool {
	return len(p) > 0 && !slices.ContainsFunc(p, func(s Segment) bool { return s.Each || s.Any || s.Decode })
}

// SQL writes the path, up to the first !, in PostgreSQL's jsonpath language,
// and gives what is left of it.
func (p JSONPath) SQL() (string, JSONPath) {
	var b strings.Builder
	b.WriteString("lax $")
	for i, s := range p {
		switch {
		case s.Decode:
			return b.String(), p[i+1:]
		case s.Each:
			b.WriteString("[*]")
		case s.Any:
			b.WriteString(".*")
		default:
			quoted, _ := json.Marshal(s.Key) // a text always marshals
			b.WriteString("." + string(quoted))
		}
	}
	return b.String(), nil
}
