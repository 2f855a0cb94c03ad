package connector

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// leaves is what JSON values of a column look like: how often a place occurs,
// and what stands there.
type leaves struct {
	n     int
	lists int // values that are lists
	at    map[string]*shape
	order []string
}

const (
	maxLeaves = 60 // places of a column that are looked at
	toldLeaf  = 12 // places of a column that are written
	deepest   = 4
)

// add looks at one value; what is no JSON, or was cut off, says nothing.
func (l *leaves) add(v string) {
	if l.n == sampleValues || !strings.HasPrefix(v, "{") && !strings.HasPrefix(v, "[") {
		return
	}
	var value any
	if json.Unmarshal([]byte(v), &value) != nil {
		return
	}
	l.n++
	if _, is := value.([]any); is {
		l.lists++
	}
	seen := map[string]bool{}
	l.walk(value, "", 0, seen)
}

func (l *leaves) walk(value any, at string, depth int, seen map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if !looksKey.MatchString(key) || depth == deepest {
				continue
			}
			l.walk(v[key], strings.TrimPrefix(at+"."+key, "."), depth+1, seen)
		}
	case []any:
		for _, one := range v {
			if depth < deepest {
				l.walk(one, at+"[]", depth+1, seen)
			}
		}
	case nil:
	default:
		if text, is := v.(string); is && depth < deepest && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) {
			var within any
			if json.Unmarshal([]byte(text), &within) == nil {
				l.walk(within, at+"!", depth+1, seen)
				return
			}
		}
		s := l.at[at]
		if s == nil {
			if len(l.order) == maxLeaves {
				return
			}
			s = &shape{distinct: map[string]bool{}}
			l.at[at], l.order = s, append(l.order, at)
		}
		if !seen[at] {
			seen[at] = true
			s.add(fmt.Sprint(v))
		}
	}
}

// list says that the values are lists.
func (l *leaves) list() bool { return l != nil && l.n > 0 && l.lists == l.n }

// looksKey is a key that somebody wrote into a program. What else stands as a
// key may be data: a number, an address, a name with a blank.
var looksKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z_]{0,30}$`)

// keyWords are words that tell nothing of anybody, even as a key of one row.
var keyWords = slices.Concat(emailWords, phoneWords, nameWords, secretWords, textWords, addresseeWords, authorWords,
	[]string{"id", "type", "kind", "data", "value", "contact", "contacts", "payload", "messages", "event", "events", "remote", "jid", "alternative", "alt", "second", "first", "last", "user", "customer", "from", "number", "url", "raw", "old", "new"})

// tellable are the places of a column whose keys may be written into a map: of
// words that we know, or in so many rows that they are the program's.
func (d *draft) tellable(t *drafted, column string) []string {
	l := t.leaves[column]
	if l == nil {
		return nil
	}
	var out []string
	for _, at := range l.order {
		s := l.at[at]
		often := s.n >= 5 && s.n*5 >= l.n
		path, err := datamap.ParseJSONPath(at)
		known := err == nil
		for _, p := range path {
			mine := p.Key == "" || !slices.ContainsFunc(tokens(p.Key), func(w string) bool { return !slices.Contains(keyWords, w) })
			known = known && (mine || often && !d.isValue(p.Key))
		}
		if known {
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return out
}

// isValue says that some column was seen to hold a word: a key that is one too
// may be what somebody is called.
func (d *draft) isValue(word string) bool {
	for _, t := range d.tables {
		for _, s := range t.shapes {
			if s.distinct[word] {
				return true
			}
		}
	}
	return false
}

// lastKey is what a place is called.
func lastKey(column, at string) string {
	path, _ := datamap.ParseJSONPath(at)
	for _, p := range slices.Backward(path) {
		if p.Key != "" {
			return p.Key
		}
	}
	return column
}

// inside finds identifiers in the JSON values of a column, or in its list.
func (d *draft) inside(t *drafted, column string) []datamap.Match {
	var out []datamap.Match
	for _, at := range d.tellable(t, column) {
		s, name := t.leaves[column].at[at], lastKey(column, at)
		kind := ""
		list := strings.HasSuffix(at, "]")
		switch last := tokens(name); {
		case list && s.phone > 0 && (s.phone == s.n || says(name, []string{"number", "numbers"}) && s.phone*2 >= s.n):
			kind = "phone"
		case list && s.email > 0 && s.email == s.n:
			kind = "email"
		case secretive(name) || endsWith(last, []string{"id"}) || at == "":
		case s.mostly(s.email), says(name, emailWords) && s.email > 0 && !s.denies(s.email):
			kind = "email"
		case s.mostly(s.phone), says(name, phoneWords) && s.phone > 0 && !s.denies(s.phone):
			kind = "phone"
		}
		if path, err := datamap.ParseJSONPath(at); kind != "" && err == nil {
			out = append(out, datamap.Match{By: kind, Column: column, Path: path})
		}
	}
	return out
}

// attributeKinds are what a column may call the kinds of identifiers that stand
// in another column of its row.
var attributeKinds = map[string][]string{
	"email": {"email", "Email", "EMAIL", "e-mail", "mail", "EmailAddress", "email_address"},
	"phone": {"phone", "Phone", "PHONE", "phone_number", "PhoneNumber", "mobile", "msisdn", "sms", "whatsapp", "tel"},
}

// beside finds identifiers in rows that refer to a person: a table of addresses,
// or one of kinds and values.
func (d *draft) beside() {
	for _, name := range d.names {
		t := d.tables[name]
		for _, e := range t.fks {
			root := d.tables[e.target]
			if t.root || !root.root || len(e.columns) != 1 || len(e.to) != 1 || e.to[0] != root.rootKey() || dotted(name) {
				continue
			}
			d.attributes(root, t, e)
			if about(name, []string{"email", "phone", "number", "address", "identity", "identifier", "alias", "login"}) {
				for _, m := range t.match {
					if !slices.ContainsFunc(root.further, func(o datamap.Match) bool { return o.Table == name && o.Column == m.Column }) {
						root.further = append(root.further, datamap.Match{By: m.By, Table: name, Column: m.Column, To: e.columns[0], Path: m.Path})
					}
				}
			}
		}
	}
}

func (d *draft) attributes(root, t *drafted, e edge) {
	for _, value := range t.r.order {
		if w := tokens(value); t.r.columns[value].category != "S" || !endsWith(w, []string{"value"}) && !endsWith(w, []string{"identifier"}) && !endsWith(w, []string{"handle"}) {
			continue
		}
		for _, kind := range t.r.order {
			if kind == value || !slices.ContainsFunc([]string{"kind", "type", "name", "provider", "channel"}, func(w string) bool { return endsWith(tokens(kind), []string{w}) }) {
				continue
			}
			for _, by := range []string{"email", "phone"} {
				if words := t.shapes[kind].among(attributeKinds[by]); len(words) > 0 {
					root.further = append(root.further, datamap.Match{By: by, Table: t.Name, Column: value, To: e.columns[0], When: []datamap.Condition{{Column: kind, In: words}}})
				}
			}
		}
	}
}

// places says what the places of a JSON value are.
func (d *draft) places(t *drafted, column string) []datamap.LeafGroup {
	var out []datamap.LeafGroup
	for _, at := range d.tellable(t, column) {
		path, err := datamap.ParseJSONPath(at)
		if err != nil || at == "" || strings.Trim(at, "[]") == "" || len(out) == toldLeaf {
			continue
		}
		g := datamap.Data
		switch {
		case secretive(lastKey(column, at)):
			g = datamap.Secret
		case says(at, []string{"agent", "agents", "operator", "by"}):
			g = datamap.Staff
		}
		out = append(out, datamap.LeafGroup{Path: path, Group: g})
	}
	return out
}
