package connector

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// place is where a value stands: a column, or places inside the column's value.
type place struct {
	table  string
	column string
	path   datamap.JSONPath
}

// nature is how a place can be read.
type nature int

const (
	asColumn   nature = iota // the column is the value
	asLeaf                   // one place of a jsonb value
	asList                   // many places of a jsonb value
	asArray                  // of an array
	asDocument               // JSON that only looks like it, in text or bytes: decoded here, as a server that casts rubbish stops
)

func (q *query) nature(p place) nature {
	col := q.column(p.table, p.column)
	switch {
	case len(p.path) == 0:
		return asColumn
	case col.category == "A" && len(p.path) == 1 && p.path[0].Each:
		return asArray
	case col.sqlType != "jsonb" || hasDecode(p.path):
		return asDocument
	case p.path.Plain():
		return asLeaf
	}
	return asList
}

func hasDecode(p datamap.JSONPath) bool {
	return slices.ContainsFunc(p, func(s datamap.Segment) bool { return s.Decode })
}

// one is the text of a place that holds one value at most.
func (q *query) one(alias string, p place) string {
	if len(p.path) == 0 {
		return q.text(alias, p.table, p.column)
	}
	return leafOf(ident(alias, p.column), p.path, func(key string) string { return q.arg("json\x00"+key, key) + "::text" })
}

// leafOf descends to a leaf of a jsonb value; word writes a key.
func leafOf(column string, path datamap.JSONPath, word func(string) string) string {
	for i, seg := range path {
		arrow := "->"
		if i == len(path)-1 {
			arrow = "->>"
		}
		column = fmt.Sprintf("(%s %s %s)", column, arrow, word(seg.Key))
	}
	return column
}

// all is the list of what stands at the places of a jsonb value.
func (q *query) all(alias string, p place) string {
	return fmt.Sprintf("jsonb_path_query_array(%s, %s::text::jsonpath)", ident(alias, p.column), q.jsonPath(p.path))
}

func (q *query) jsonPath(p datamap.JSONPath) string {
	path := laxPath(p)
	return q.arg("jsonpath\x00"+path, path)
}

// laxPath writes a path as an index definition shows it.
func laxPath(p datamap.JSONPath) string {
	path, _ := p.SQL()
	return strings.TrimPrefix(path, "lax ")
}

// values gives what has to be read of a place, and what is joined for it: the
// value itself, or a whole document, for texts to take apart.
func (q *query) values(alias string, p place) (value, lateral string) {
	switch q.nature(p) {
	case asList:
		return "v.v #>> '{}'", fmt.Sprintf(" CROSS JOIN LATERAL jsonb_path_query(%s, %s::text::jsonpath) v (v)", ident(alias, p.column), q.jsonPath(p.path))
	case asArray:
		return "v.v::text", fmt.Sprintf(" CROSS JOIN LATERAL unnest(%s) v (v)", ident(alias, p.column))
	case asDocument:
		if q.column(p.table, p.column).sqlType == "bytea" {
			return fmt.Sprintf("encode(%s, 'base64')", ident(alias, p.column)), ""
		}
		return q.document(alias, p), ""
	}
	return q.one(alias, p), ""
}

// document is the text of what has to be decoded.
func (q *query) document(alias string, p place) string {
	switch col := q.column(p.table, p.column); {
	case col.sqlType == "bytea":
		return fmt.Sprintf("encode(%s, 'escape')", ident(alias, p.column))
	case col.category == "A":
		return fmt.Sprintf("to_jsonb(%s)::text", ident(alias, p.column))
	}
	return q.text(alias, p.table, p.column)
}

// texts takes apart what values read.
func (q *query) texts(p place, read string) []string {
	if q.nature(p) != asDocument {
		return []string{read}
	}
	doc := []byte(read)
	if q.column(p.table, p.column).sqlType == "bytea" {
		b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(read, "\n", ""))
		if err != nil {
			return nil // the server wrote it: it cannot be
		}
		doc = b
	}
	return p.path.Texts(doc)
}

// holds narrows a search for normal forms to what an index can answer; a
// normaliser decides about what it brings.
func (q *query) holds(alias string, p place, n datamap.Normaliser, stored datamap.Stored, normal []string) string {
	if stored != datamap.AsTyped && q.nature(p) != asDocument {
		return q.is(alias, p, "", storedAs(n, stored, normal))
	}
	if len(normal) == 0 {
		return "false"
	}
	forms := searched(n, normal)
	switch q.nature(p) {
	case asList:
		return fmt.Sprintf("%s && %s::text[]", listTokens(n.Kind, q.all(alias, p)), q.arg("", firstTokens(n.Kind, forms)))
	case asArray:
		return fmt.Sprintf("EXISTS (SELECT FROM unnest(%s) v (v) WHERE %s = ANY (%s::text[]))", ident(alias, p.column), searchKey(n.Kind, "v.v::text"), q.arg("", forms))
	case asDocument:
		return q.resembles(q.bareDocument(alias, p, n.Kind), n.Kind, normal)
	}
	return fmt.Sprintf("%s = ANY (%s::text[])", searchKey(n.Kind, q.one(alias, p)), q.arg("", forms))
}

// searched are the forms of identifiers as searchKey shows them.
func searched(n datamap.Normaliser, normal []string) []string {
	var out []string
	for _, v := range normal {
		switch n.Kind {
		case datamap.Name:
			out = append(out, v, bare(v)) // a server that knows ASCII letters only drops the others
		case datamap.Email:
			for _, f := range n.Spellings(v) {
				out = append(out, f, strings.ToLower(f)) // the server lowers what an address leaves as it is
			}
		default:
			out = append(out, n.Spellings(v)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// is compares a place with exact values; what it holds more than once counts
// if one of them is equal.
func (q *query) is(alias string, p place, label string, values []string) string {
	if len(values) == 0 {
		return "false"
	}
	at := func() string { return q.arg(label, values) }
	switch q.nature(p) {
	case asLeaf:
		return fmt.Sprintf("%s = ANY (%s::text[])", q.one(alias, p), at())
	case asList:
		all := q.all(alias, p)
		any := []string{fmt.Sprintf("%s ?| %s::text[]", all, at())}
		for _, v := range values {
			if wholeNumber(v) {
				any = append(any, fmt.Sprintf("%s @> %s::text::jsonb", all, q.arg("number\x00"+v, v)))
			}
		}
		return either(any)
	case asArray:
		col := q.column(p.table, p.column)
		values, at := q.fitting(strings.TrimSuffix(col.sqlType, "[]"), label, values)
		if len(values) == 0 {
			return "false"
		}
		return fmt.Sprintf("%s && %s::text[]::%s", ident(alias, p.column), at(), col.sqlType)
	}
	return q.anyOf(alias, p.table, p.column, label, values)
}

// contains says in SQL that a place holds what an expression of another row is.
// Only of places with many values, and where an index can answer it.
func (q *query) contains(alias string, p place, other string) string {
	if q.nature(p) == asArray {
		return fmt.Sprintf("%s @> ARRAY[%s]::%s", ident(alias, p.column), other, q.column(p.table, p.column).sqlType)
	}
	all := q.all(alias, p)
	return fmt.Sprintf("(%s @> jsonb_build_array(%s) OR %s @> jsonb_build_array(%s::text))", all, other, all, other)
}

func wholeNumber(v string) bool {
	n, err := strconv.ParseInt(v, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == v
}

// listTokens takes a JSON list apart into what an inverted index can find again: an
// identifier that holds a comma gives two tokens, of which the first will do.
func listTokens(k datamap.NormalKind, list string) string {
	text := "(" + list + ")::text"
	switch k {
	case datamap.E164, datamap.Digits:
		text = "regexp_replace(" + text + ", '[^0-9,]', '', 'g')"
	case datamap.Name:
		text = "lower(regexp_replace(NORMALIZE(" + text + ", NFKD), '[^[:alnum:],]', '', 'g'))"
	case datamap.Email:
		text = `lower(translate(` + text + `, '[]" ', ''))`
	default:
		text = `translate(` + text + `, '[]" ', '')`
	}
	return "string_to_array(" + text + ", ',')"
}

// firstTokens does to the forms of an identifier what listTokens does to a list.
func firstTokens(k datamap.NormalKind, forms []string) []string {
	var out []string
	for _, f := range forms {
		if k != datamap.E164 && k != datamap.Digits && k != datamap.Name {
			f = strings.NewReplacer("[", "", "]", "", " ", "").Replace(escapedJSON(f))
		}
		for _, token := range strings.Split(f, ",") {
			if token = strings.ReplaceAll(token, `"`, ""); token != "" {
				out = append(out, token)
				break
			}
		}
	}
	return out
}

// tokenised does to writings as they were found what an index of tokens does.
func tokenised(k datamap.NormalKind, writings []string) []string {
	out := make([]string, len(writings))
	for i, w := range writings {
		switch k {
		case datamap.E164, datamap.Digits:
			w = strings.Map(func(c rune) rune {
				if c == ',' || '0' <= c && c <= '9' {
					return c
				}
				return -1
			}, w)
		case datamap.Email:
			w = strings.ToLower(w)
		}
		out[i] = w
	}
	return out
}

// escapedJSON writes a text as jsonb shows it, without the quotes around it.
func escapedJSON(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
}

// bareDocument is a document without everything that writers of JSON put
// in or escape: what is left is compared with what is left of an identifier.
func (q *query) bareDocument(alias string, p place, k datamap.NormalKind) string {
	doc := q.document(alias, p)
	if q.column(p.table, p.column).sqlType == "bytea" {
		doc = "regexp_replace(" + doc + `, '\\[0-7]{3}', '', 'g')`
	}
	return bareText(doc, k)
}

func bareText(doc string, k datamap.NormalKind) string {
	doc = "regexp_replace(" + doc + `, '\\+u[0-9a-fA-F]{4}', '', 'g')`
	if k == datamap.E164 || k == datamap.Digits {
		return "regexp_replace(" + doc + ", '[^0-9]', '', 'g')"
	}
	return "lower(regexp_replace(" + doc + ", '[^A-Za-z0-9]', '', 'g'))"
}

// resembles narrows to documents in which a normal form may stand.
func (q *query) resembles(bare string, k datamap.NormalKind, normal []string) string {
	var any []string
	for _, v := range normal {
		for _, form := range coreForms(k, v) {
			if len(form) < 3 {
				return "true" // nothing that could be looked for is left of it
			}
			any = append(any, fmt.Sprintf("%s LIKE %s", bare, q.arg("like\x00"+form, "%"+form+"%")))
		}
	}
	return either(any)
}

// coreForms are the shortest texts of which one is part of every writing.
func coreForms(k datamap.NormalKind, normal string) []string {
	forms := []string{bare(normal)}
	if k == datamap.E164 {
		forms = datamap.Normaliser{Kind: k}.Spellings(normal)
	}
	var out []string
next:
	for i, f := range forms {
		for j, other := range forms {
			if i != j && strings.Contains(f, other) && (f != other || j < i) {
				continue next
			}
		}
		out = append(out, f)
	}
	return out
}

// bare keeps ASCII letters, small, and digits.
func bare(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			return c
		}
		return -1
	}, s)
}

// mentionsKey narrows to documents in which one of the keys may stand: cut at
// everything that is neither letter nor digit, they have a piece in common.
func (q *query) mentionsKey(alias string, p place, keys []string) string {
	pieces := make([]string, 0, len(keys))
	for _, k := range keys {
		piece := strings.FieldsFunc(k, func(c rune) bool { return bare(string(c)) == "" })
		if len(piece) == 0 || strings.ContainsFunc(k, func(c rune) bool { return c > unicode.MaxASCII }) {
			return "true" // a writer of JSON may have escaped what is before it
		}
		pieces = append(pieces, piece[0])
	}
	return fmt.Sprintf("%s && %s::text[]", q.pieces(alias, p), q.arg("", pieces))
}

func (q *query) pieces(alias string, p place) string {
	return fmt.Sprintf("string_to_array(regexp_replace(%s, '[^A-Za-z0-9]+', ',', 'g'), ',')", q.document(alias, p))
}

// columnTexts lists columns as text.
func columnTexts(alias string, columns []string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = ident(alias, c) + "::text"
	}
	return strings.Join(out, ", ")
}
