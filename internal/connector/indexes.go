package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// indexes asks for an index behind every comparison that a search makes.
func (i *inspector) indexes(t *datamap.Table) {
	for _, root := range i.s.m.Person {
		if root.Table != t.Name {
			continue
		}
		for _, k := range slices.Concat(root.Match, root.Candidates) {
			table := t.Name
			if k.Table != "" {
				table = k.Table
				i.indexed(table, k.To)
			}
			i.searchable(place{table, k.Column, k.Path}, k.By, k.Stored)
		}
	}
	for _, p := range t.Paths {
		for _, name := range p.In {
			i.searchable(place{t.Name, name, p.JSON}, p.Find, p.Stored)
		}
		if p.Root || p.Find != "" {
			continue
		}
		i.linkable(place{t.Name, p.To, p.JSON}, p)
		for _, h := range p.Via {
			i.indexed(h.Table, h.In)
		}
	}
	for _, name := range t.Self {
		i.indexed(t.Name, name)
	}
	if plainObject(t) != nil {
		i.indexed(t.Name, plainObject(t).Column())
	}
}

func (i *inspector) indexed(table, name string) {
	i.answers(place{table: table, column: name}, "", ident(name), "", "")
}

// searchable asks for the index that finds an identifier in any writing.
func (i *inspector) searchable(at place, kind string, stored datamap.Stored) {
	k := i.s.m.Normalisers[kind].Kind
	switch nature := i.nature(at); {
	case nature == asDocument:
		i.answers(at, "gin", i.printed(func(q *query) string { return q.bareDocument("t", at, k) }), trigrams, "the value has to be decoded; with the extension pg_trgm, ")
	case nature == asArray && stored == datamap.AsTyped:
		i.missing(at.table, at.column, "every list is looked through; if all elements are written alike, say so with stored: digits or stored: normal, and CREATE INDEX ON %s USING gin (%s) would help",
			ident(i.s.m.Store.Schema, at.table), ident(at.column))
	case nature == asList && stored == datamap.AsTyped:
		i.answers(at, "gin", listTokens(k, allOf(at)), "", "")
	case stored == datamap.AsTyped:
		i.answers(at, "", searchKey(k, placeText(at)), "", "")
	default:
		i.exact(at)
	}
}

// linkable asks for the index that finds a key.
func (i *inspector) linkable(at place, p datamap.Path) {
	before, after, open := formed(p.Form)
	direct := len(p.Via) == 0 && p.From.Column == (&query{m: i.s.m}).rootKey(p.From.Table)
	switch {
	case i.nature(at) == asDocument:
		i.answers(at, "gin", i.printed(func(q *query) string { return q.pieces("t", at) }), "", "the value has to be decoded; ")
	case p.Form != "" && open && direct:
		i.answers(at, "", ident(at.column), prefixes, "")
	case p.Form != "" && open:
		i.answers(at, "", keyIn(ident(at.column), fmt.Sprint(len([]rune(before))+1), literal(after)), "", "")
	default:
		i.exact(at)
	}
}

// exact asks for the index that finds an exact value.
func (i *inspector) exact(at place) {
	switch i.nature(at) {
	case asLeaf:
		i.answers(at, "", placeText(at), "", "")
	case asList:
		i.answers(at, "gin", allOf(at), "", "")
	case asArray:
		i.answers(at, "gin", ident(at.column), "", "")
	default:
		i.indexed(at.table, at.column)
	}
}

func (i *inspector) nature(at place) nature { return (&query{m: i.s.m, c: i.c}).nature(at) }

// printed is an expression over a place as an index would have it.
func (i *inspector) printed(compose func(*query) string) string {
	return strings.ReplaceAll(compose(&query{m: i.s.m, c: i.c}), ident("t")+".", "")
}

func placeText(at place) string {
	if len(at.path) == 0 {
		return ident(at.column)
	}
	return leafOf(ident(at.column), at.path, literal)
}

func allOf(at place) string {
	return fmt.Sprintf("jsonb_path_query_array(%s, %s::jsonpath)", ident(at.column), literal(laxPath(at.path)))
}

// literal writes a text of the map into a statement that is only printed.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Operator classes that a search needs beside the usual ones.
const (
	prefixes = "text_pattern_ops"
	trigrams = "gin_trgm_ops"
)

// answers reports a search that no index answers: one that begins with the
// expression, of the method and the class if they are not the usual ones.
func (i *inspector) answers(at place, method, expression, class, why string) {
	r := i.c.tables[at.table]
	if len(r.key) > 0 && expression == ident(r.key[0]) && class == "" || r.answers(plainExpression(expression), method, class == prefixes) {
		return
	}
	if method != "" {
		method = "USING " + method + " "
	}
	if expression != ident(at.column) && !strings.HasPrefix(expression, "(") {
		expression = "(" + expression + ")"
	}
	if class != "" {
		class = " " + class
	}
	i.missing(at.table, at.column, "a search scans the whole table; %sCREATE INDEX ON %s %s(%s%s) would help", why, ident(i.s.m.Store.Schema, at.table), method, expression, class)
}

func (i *inspector) missing(table, column, detail string, args ...any) {
	i.add(MissingIndex, i.s.m.Drift.MissingIndex, table, column, detail, args...)
}
