package connector

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// One place of a JSON value is read and written with every other byte as it
// was: what is undone must be what it had been.

var errNoObject = errors.New("the JSON value has no object where the path leads")

// member is where a key and its value stand in the bytes of an object.
type member struct {
	found      bool
	before     int // behind the value before it, or the brace; where it would be added
	start, end int // of the value
	first      bool
	empty      bool // the object
}

// within finds a key of an object. Of a key that stands twice the last counts,
// as for everybody who reads it.
func within(object []byte, key string) (member, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return member{}, errNoObject
	}
	m, behind, first := member{empty: true}, int(d.InputOffset()), true
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return member{}, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return member{}, err
		}
		end := int(d.InputOffset())
		if name == key {
			m.found, m.before, m.start, m.end, m.first = true, behind, end-len(value), end, first
		}
		behind, first, m.empty = end, false, false
	}
	if !m.found {
		m.before = behind
	}
	_, err := d.Token()
	return m, err
}

// leafAt reads what stands at a path of keys.
func leafAt(raw []byte, path datamap.JSONPath) (leaf []byte, found bool, err error) {
	for _, p := range path {
		m, err := within(raw, p.Key)
		if err != nil || !m.found {
			return nil, false, err
		}
		raw = raw[m.start:m.end]
	}
	return raw, true, nil
}

// missingFrom is the length of the shortest beginning of a path that leads
// nowhere; all of it if everything is there.
func missingFrom(raw []byte, path datamap.JSONPath) int {
	for i := range path {
		if _, found, err := leafAt(raw, path[:i+1]); err == nil && !found {
			return i + 1
		}
	}
	return len(path)
}

// withLeaf writes a value at a path of keys and makes the objects on the way to it.
func withLeaf(raw []byte, path datamap.JSONPath, value []byte) ([]byte, error) {
	if len(path) == 0 {
		return value, nil
	}
	m, err := within(raw, path[0].Key)
	if err != nil {
		return nil, err
	}
	if m.found {
		inner, err := withLeaf(raw[m.start:m.end], path[1:], value)
		return spliced(raw, m.start, m.end, inner), err
	}
	for i := len(path) - 1; i > 0; i-- {
		value = slices.Concat([]byte("{"), quoted(path[i].Key), []byte(": "), value, []byte("}"))
	}
	comma := ", "
	if m.empty {
		comma = ""
	}
	return spliced(raw, m.before, m.before, slices.Concat([]byte(comma), quoted(path[0].Key), []byte(": "), value)), nil
}

// withoutLeaf takes a key and its value out.
func withoutLeaf(raw []byte, path datamap.JSONPath) ([]byte, error) {
	m, err := within(raw, path[0].Key)
	if err != nil || !m.found {
		return raw, err
	}
	if len(path) > 1 {
		inner, err := withoutLeaf(raw[m.start:m.end], path[1:])
		return spliced(raw, m.start, m.end, inner), err
	}
	end := m.end
	if m.first {
		rest := bytes.TrimLeft(raw[end:], " \t\r\n")
		if len(rest) > 0 && rest[0] == ',' {
			end = len(raw) - len(rest) + 1
			end += len(raw[end:]) - len(bytes.TrimLeft(raw[end:], " \t\r\n"))
		}
	}
	return spliced(raw, m.before, end, nil), nil
}

// spliced puts something in the place of some bytes.
func spliced(raw []byte, from, to int, put []byte) []byte {
	return slices.Concat(raw[:from], put, raw[to:])
}

func quoted(s string) []byte {
	b, _ := json.Marshal(s) // a text always marshals
	return b
}

// textOf is a JSON value as people read it: a text without its quotes, anything
// else as it stands.
func textOf(raw []byte) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
