package datamap

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// DecodeJSON reads one JSON value and nothing behind it. Numbers keep their
// writing.
func DecodeJSON(doc []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the JSON value")
	}
	return v, nil
}

// Texts gives the texts, numbers and truth values that stand at the path, as
// PostgreSQL's jsonpath finds them in lax mode: a key is also looked for in the
// elements of a list, and [] of what is no list is the value itself. A document
// that is no JSON has nothing anywhere.
func (p JSONPath) Texts(doc []byte) []string {
	v, err := DecodeJSON(doc)
	if err != nil {
		return nil
	}
	var out []string
	p.walk(v, func(leaf any) {
		switch x := leaf.(type) {
		case string:
			out = append(out, x)
		case json.Number:
			out = append(out, plainNumber(x.String()))
		case bool:
			out = append(out, strconv.FormatBool(x))
		}
	})
	return out
}

func (p JSONPath) walk(v any, found func(any)) {
	if len(p) == 0 {
		found(v)
		return
	}
	list, isList := v.([]any)
	switch seg, rest := p[0], p[1:]; {
	case seg.Decode:
		if text, ok := v.(string); ok {
			if inner, err := DecodeJSON([]byte(text)); err == nil {
				rest.walk(inner, found)
			}
		}
	case seg.Each && !isList:
		rest.walk(v, found)
	case seg.Each:
		for _, one := range list {
			rest.walk(one, found)
		}
	case isList: // one level only, as jsonpath does
		for _, one := range list {
			if _, nested := one.([]any); !nested {
				p.walk(one, found)
			}
		}
	default:
		object, _ := v.(map[string]any)
		for key, one := range object {
			if seg.Any || key == seg.Key {
				rest.walk(one, found)
			}
		}
	}
}

// plainNumber writes a whole number without exponent or fraction: 5.5e2 is 550.
func plainNumber(n string) string {
	if !strings.ContainsAny(n, ".eE") || len(n) > 40 {
		return n
	}
	if exp := strings.IndexAny(n, "eE"); exp >= 0 && len(n)-exp > 4 {
		return n // it would be thousands of digits
	}
	r, ok := new(big.Rat).SetString(n)
	if !ok || !r.IsInt() {
		return n
	}
	return r.Num().String()
}

// Conceal gives a JSON value as it may leave the store: what a path calls secret
// is not there, and with redacted, other people's leaves are that text instead.
// A place that two paths name takes the more protective. ok is false for a
// document that is no JSON.
func Conceal(doc []byte, groups []LeafGroup, redacted string) (out []byte, ok bool) {
	if redacted == "" {
		return ConcealAs(doc, groups, nil)
	}
	return ConcealAs(doc, groups, func(any) string { return redacted })
}

// ConcealAs is Conceal with a text of its own for each of other people's leaves;
// nil leaves them as they are.
func ConcealAs(doc []byte, groups []LeafGroup, stand func(leaf any) string) (out []byte, ok bool) {
	v, err := DecodeJSON(doc)
	if err != nil {
		return nil, false
	}
	for _, g := range groups {
		switch {
		case g.Group == Staff && stand != nil:
			v = g.Path.edit(v, func(leaf any) (any, bool) { return stand(leaf), true })
		case g.Group == Secret:
			v = g.Path.edit(v, func(any) (any, bool) { return nil, false })
		}
	}
	return encoded(v), true
}

// encoded writes what DecodeJSON read, with the signs that HTML knows as they are.
func encoded(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // what was JSON can be written as JSON
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// edit replaces what stands at the path; where change says no, the key or the
// element goes.
func (p JSONPath) edit(v any, change func(any) (any, bool)) any {
	out, ok := p.edited(v, change)
	if !ok {
		return nil
	}
	return out
}

func (p JSONPath) edited(v any, change func(any) (any, bool)) (any, bool) {
	if len(p) == 0 {
		if v == nil {
			return nil, true // nothing stands there
		}
		return change(v)
	}
	list, isList := v.([]any)
	switch seg, rest := p[0], p[1:]; {
	case seg.Decode:
		text, isText := v.(string)
		inner, err := DecodeJSON([]byte(text))
		if !isText || err != nil {
			return v, true
		}
		after, ok := rest.edited(inner, change)
		if !ok {
			return nil, false
		}
		return string(encoded(after)), true
	case seg.Each && !isList:
		return rest.edited(v, change)
	case isList:
		if seg.Each {
			p = rest
		}
		kept := make([]any, 0, len(list))
		for _, one := range list {
			if after, ok := p.edited(one, change); ok {
				kept = append(kept, after)
			}
		}
		return kept, true
	default:
		object, _ := v.(map[string]any)
		keys := []string{seg.Key}
		if seg.Any {
			keys = slices.Sorted(maps.Keys(object)) // one order, for whoever counts what is changed
		}
		for _, key := range keys {
			one, there := object[key]
			if !there {
				continue
			}
			if after, ok := rest.edited(one, change); ok {
				object[key] = after
			} else {
				delete(object, key)
			}
		}
		return v, true
	}
}
