package ui

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Problem is what is wrong with one field, in the reader's language.
type Problem struct{ Field, Text string }

// Problems are all problems of a form, in the order of its fields.
type Problems []Problem

// ProblemsOf puts the fields of an Invalid error into the form's order; fields
// that order does not name come last.
func ProblemsOf(ctx context.Context, fields map[string]fault.Message, order ...string) Problems {
	rank := func(f string) int {
		if i := slices.Index(order, f); i >= 0 {
			return i
		}
		return len(order)
	}
	names := slices.Sorted(maps.Keys(fields))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	var p Problems
	for _, f := range names {
		p = append(p, Problem{f, lang.T(ctx, fields[f].Key, fields[f].Args...)})
	}
	return p
}

// Of gives the problem of one field, "" if there is none.
func (p Problems) Of(field string) string {
	for _, x := range p {
		if x.Field == field {
			return x.Text
		}
	}
	return ""
}

func (f Input) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Input) auto() string {
	if f.Auto == "" {
		return "off"
	}
	return f.Auto
}

// attributes are those that only some fields have. All names are ours; values
// are escaped by templ.
func (f Input) attributes() templ.OrderedAttributes {
	var a templ.OrderedAttributes
	add := func(k string, v any) { a = append(a, templ.KeyValue[string, any]{Key: k, Value: v}) }
	var by []string
	if f.Hint != "" {
		by = append(by, f.Name+"-h")
	}
	if f.Err != "" {
		by = append(by, f.Name+"-e")
		add("aria-invalid", "true")
	}
	if f.Max > 0 && f.Rows > 0 {
		by = append(by, f.Name+"-c")
	}
	if len(by) > 0 {
		add("aria-describedby", strings.Join(by, " "))
	}
	if f.Mode != "" {
		add("inputmode", f.Mode)
	}
	if f.LTR {
		add("dir", "ltr")
	}
	if f.Verbatim {
		add("spellcheck", "false")
		add("autocapitalize", "none")
	}
	return a
}

func fieldClass(err string) string {
	if err != "" {
		return "field is-error"
	}
	return "field"
}

func btn(kind string) string {
	if kind == "" {
		return "btn"
	}
	return "btn " + kind
}

func number(ctx context.Context, n int) string { return lang.Number(ctx, int64(n)) }

// group writes a hash in blocks of four, which people can compare.
func group(hash string) string {
	var b strings.Builder
	for i := 0; i < len(hash); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(hash[i:min(i+4, len(hash))])
	}
	return b.String()
}

func percent(part, whole int64) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprintf("%d%%", min(100, max(0, part*100/whole)))
}
