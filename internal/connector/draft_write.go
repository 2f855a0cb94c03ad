package connector

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// sheet is the YAML in the writing. Nothing stands in it but names of the
// schema and words of ours.
type sheet struct{ strings.Builder }

// line writes one line; what is to be looked at goes behind it.
func (s *sheet) line(depth int, check, format string, args ...any) {
	fmt.Fprintf(s, strings.Repeat("  ", depth)+format, args...)
	if check != "" {
		s.WriteString(" # check: " + check)
	}
	s.WriteByte('\n')
}

var plainScalar = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_ ./()-]*[\p{L}\p{N}_.)]$|^[\p{L}_]$`)

// scalar writes a text so that YAML reads it as that text, in braces as well.
func scalar(v string) string {
	reserved := []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
	if plainScalar.MatchString(v) && !slices.Contains(reserved, strings.ToLower(v)) {
		return v
	}
	return strconv.Quote(v)
}

// plainly writes a name into a comment, which ends with its line.
func plainly(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, name)
}

func list(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = scalar(v)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func words(t datamap.Text) string {
	if t["de"] == "" {
		return scalar(t["en"])
	}
	return "{en: " + scalar(t["en"]) + ", de: " + scalar(t["de"]) + "}"
}

func conditions(when []datamap.Condition) string {
	var out []string
	for _, w := range when {
		values := list(w.In)
		if w.Null {
			values = strings.Replace(strings.TrimSuffix(values, "]")+", null]", "[, ", "[", 1)
		}
		out = append(out, scalar(w.Column)+": "+values)
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func (d *draft) yaml() []byte {
	s := &sheet{}
	s.WriteString(`# A first map of this store, drafted from its schema and a few rows of each table. Everything may be wrong; what was guessed
# is marked "check". Correct it, delete the marks, and hold it against the store: portalctl datamap check.
# A heading without its German text needs one: {en: …, de: …}.
`)
	s.line(0, "", "version: 1\n")
	s.line(0, "", "store:")
	s.line(1, "what do people know it as?", "name: Messaging")
	s.line(1, "", "schema: %s", scalar(d.schema))
	s.line(1, "add default_region, the country (two letters) of numbers without a country code, or those are not found", "engine: postgres")
	s.line(1, "the zone of timestamps that have none", "timestamps: {naive: UTC}")
	s.line(0, "", "\ndrift: {unmapped_table: fail, unmapped_column: fail, missing_index: warn, unseen_discriminator: fail}")
	if t := d.tenant; t != nil {
		region := ""
		if d.region != "" {
			region = ", region: " + scalar(d.region)
		}
		s.line(0, t.checks["tenant"], "\ntenant: {table: %s, key: %s%s}", scalar(t.Name), scalar(t.rootKey()), region)
	}
	d.writeSubjects(s)
	d.writeMentions(s)
	d.writeGrounds(s)
	d.writeCategories(s)
	d.writeIgnored(s)
	s.line(0, "", "\ntables:")
	for i, name := range d.names {
		if i > 0 {
			s.WriteByte('\n')
		}
		d.writeTable(s, d.tables[name])
	}
	return []byte(s.String())
}

func (d *draft) writeSubjects(s *sheet) {
	region := ""
	if d.region != "" {
		region = "region: tenant, "
	}
	s.line(0, "", "\nnormalisers:")
	s.line(1, "", "email: {kind: email}")
	s.line(1, "do numbers have other prefixes?", `phone: {kind: e164, %sstrip_prefixes: ["whatsapp:", "tel:"], strip_suffixes: ["@s.whatsapp.net", "@c.us"]}`, region)
	if len(d.nameColumns()) > 0 {
		s.line(1, "", "name: {kind: name}")
	}
	for _, kind := range d.said.kinds {
		s.line(1, "", "%s: {kind: exact}", scalar(kind))
	}
	s.line(0, "", "\nsubjects:")
	s.line(1, "", "person:")
	for _, t := range d.roots {
		s.line(2, t.checks["root"], "- table: %s", scalar(t.Name))
		s.line(3, "", "key: %s", scalar(t.rootKey()))
		s.line(3, "", "match:")
		for _, m := range t.match {
			s.line(4, ownCheck(t, m), "- {%s}", matchText(m))
		}
		for _, m := range t.further {
			s.line(4, "rows that refer to the person; is it each person's own?", "- {%s}", matchText(m))
		}
		if t.staff {
			continue
		}
		for i, name := range t.called() {
			if i == 0 {
				s.line(3, "shown to staff, never acted on alone", "candidates:")
			}
			s.line(4, "", "- {by: name, at: %s}", scalar(name))
		}
		s.line(3, "", "learn:")
		for _, m := range t.match {
			s.line(4, "", "- {%s}", matchText(m))
		}
	}
	r := d.representatives
	if r == nil {
		return
	}
	s.line(1, "", "organization:")
	s.line(2, "", "table: %s", scalar(d.tenant.Name))
	s.line(2, "", "key: %s", scalar(d.tenant.rootKey()))
	s.line(2, "may these people ask for all of an organization's data?", "representatives:")
	s.line(3, "", "table: %s", scalar(r.Table))
	s.line(3, "", "email: %s", scalar(r.Email))
	s.line(3, "", "organization: %s", scalar(r.Organization))
	s.line(3, "", "when: %s", conditions(r.When))
	if r.Absent != "" {
		s.line(3, "", "absent: %s", scalar(r.Absent))
	}
}

func matchText(m datamap.Match) string {
	at := scalar(m.Column)
	if m.Table != "" {
		at = scalar(m.Table + "." + m.Column)
	}
	parts := []string{"by: " + scalar(m.By), "at: " + at}
	if len(m.Path) > 0 {
		parts = append(parts, "json: "+strconv.Quote(m.Path.String()))
	}
	if m.To != "" {
		parts = append(parts, "to: "+scalar(m.To))
	}
	if len(m.When) > 0 {
		parts = append(parts, "when: "+conditions(m.When))
	}
	if m.Stored != "" {
		parts = append(parts, "stored: "+string(m.Stored))
	}
	return strings.Join(parts, ", ")
}

func ownCheck(t *drafted, m datamap.Match) string {
	check := "is it each person's own " + cmp.Or(map[string]string{"email": "address", "phone": "number"}[m.By], m.By) + "?"
	if m.Stored != "" {
		check += " " + t.checks["stored "+m.Column]
	}
	return check
}

// called are the columns of a root with a person's name.
func (t *drafted) called() []string {
	var out []string
	for _, c := range t.Columns {
		if c.Correct != nil && c.Correct.Type == "name" {
			out = append(out, c.Name)
		}
	}
	return out
}

// nameColumns are the columns with people's names, of all roots that are not staff.
func (d *draft) nameColumns() []string {
	var out []string
	for _, t := range d.roots {
		for _, name := range t.called() {
			if !dotted(t.Name) {
				out = append(out, t.Name+"."+name)
			}
		}
	}
	return out
}

func (d *draft) writeMentions(s *sheet) {
	terms := []string{"email", "phone"}
	names := ""
	if all := d.nameColumns(); len(all) > 0 {
		terms, names = append(terms, "name"), ", names: "+list(all)
	}
	s.line(0, "what is looked for in free text, and shown to staff", "\nmentions: {terms: %s%s, timeout: 20s}", list(terms), names)
	if len(d.purposes) > 0 {
		s.line(0, "", "\npurposes:")
		for _, p := range sortedKeys(d.purposes) {
			s.line(1, "what people may object to, in their words", "%s: %s", p, words(d.purposes[p]))
		}
	}
	if len(d.views) > 0 {
		s.line(0, "", "\nviews:")
		for _, v := range d.views {
			search := ""
			if len(v.Search) > 0 {
				search = ", search: " + list(v.Search)
			}
			s.line(1, "it keeps copies; which columns may hold something of a person?", "%s: {refresh: true%s}", scalar(v.Name), search)
		}
	}
}

// writeGrounds writes the grounds that some rule names.
func (d *draft) writeGrounds(s *sheet) {
	used := map[string]bool{}
	for _, name := range d.names {
		for _, u := range d.tables[name].Erasures() {
			used[u.Ground] = used[u.Ground] || u.Ground != ""
		}
	}
	if !slices.ContainsFunc(draftGrounds, func(g draftGround) bool { return used[g.code] }) {
		return
	}
	s.line(0, "", "\nretention:")
	for _, g := range draftGrounds {
		if used[g.code] {
			s.line(1, "is this the ground, and is it the law you stand under?", "%s:", g.code)
			s.line(2, "", "words: {en: %s, de: %s}", scalar(g.en), scalar(g.de))
			s.line(2, "", "law: %s", strconv.Quote(g.law))
			if g.period != "" {
				s.line(2, "", "for: %s", g.period)
			}
		}
	}
}

func (d *draft) writeCategories(s *sheet) {
	s.line(0, "", "\ncategories:")
	for _, c := range draftCategories {
		if !slices.ContainsFunc(d.names, func(n string) bool { return d.tables[n].Category == c.id }) {
			continue
		}
		s.line(1, "purpose, basis, recipients, retention and source are proposals; are they yours?", "%s:", c.id)
		for _, f := range []struct{ key, en, de string }{{"title", c.title[0], c.title[1]}, {"about", c.about[0], c.about[1]}, {"purpose", c.purpose[0], c.purpose[1]},
			{"basis", c.basis[0], c.basis[1]}, {"retention", c.retention[0], c.retention[1]}, {"source", c.source[0], c.source[1]}} {
			s.line(2, "", "%s: {en: %s, de: %s}", f.key, scalar(f.en), scalar(f.de))
		}
		s.line(2, "", "recipients:")
		s.line(3, "", "- {en: %s, de: %s}", scalar(c.recipient[0]), scalar(c.recipient[1]))
		if c.content {
			s.line(2, "", "content: true")
		}
	}
}

func (d *draft) writeIgnored(s *sheet) {
	var ignored []string
	for _, name := range sortedKeys(d.c.tables) {
		if r := d.c.tables[name]; d.tables[name] == nil && !(r.view && r.stored) {
			ignored = append(ignored, name)
		}
	}
	if len(ignored) == 0 {
		return
	}
	s.line(0, "", "\nignore:")
	for _, name := range ignored {
		if !d.c.tables[name].view {
			s.line(1, "", "%s: A migration tool's own record.", scalar(name))
		} else {
			s.line(1, "does it really read nothing but mapped tables?", "%s: A view of mapped tables.", scalar(name))
		}
	}
}
