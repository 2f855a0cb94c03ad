package datamap

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxSource keeps a mistaken file (a dump, say) from being read as a map.
const maxSource = 4 << 20

// Parse reads a data map. The error is *Problems and lists all that is wrong,
// each with its line, what was expected and the way out. name is the file's.
func Parse(name string, src []byte) (*Map, error) {
	r := &reader{}
	sum := sha256.Sum256(src)
	m := &Map{hash: hex.EncodeToString(sum[:]), byName: map[string]*Table{},
		Drift:    Drift{UnmappedTable: Fail, UnmappedColumn: Fail, MissingIndex: Warn, UnseenDiscriminator: Fail},
		Mentions: Mentions{Timeout: 20 * time.Second, Limit: 100},
		Words:    map[string]Text{}, Normalisers: map[string]Normaliser{}, Grounds: map[string]Ground{}, Ignored: map[string]string{}}
	if root := r.document(src); root != nil {
		r.root(root, m)
		if len(r.list) == 0 {
			r.references(m)
		}
	}
	if len(r.list) > 0 {
		slices.SortStableFunc(r.list, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return nil, &Problems{File: name, List: r.list}
	}
	return m, nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// document gives the file's single YAML document, free of aliases: a map is to
// be read by people, and what stands in it must stand where it holds.
func (r *reader) document(src []byte) *yaml.Node {
	if len(src) > maxSource {
		r.fail(1, "the file is larger than 4 MB; expected a data map")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc, next yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		r.fail(1, "the file is empty; expected a data map that begins with version: 1")
		return nil
	}
	if err == nil {
		switch err = dec.Decode(&next); {
		case err == nil:
			r.fail(next.Line, "expected one document, found a second one; remove the --- line and what follows")
			return nil
		case errors.Is(err, io.EOF):
			err = nil
		}
	}
	if err != nil {
		at, line := yamlLine.FindStringSubmatch(err.Error()), 1
		if len(at) == 2 && at[1] != "" {
			line, _ = strconv.Atoi(at[1]) // the expression lets only digits through
		}
		r.fail(line, "this is not YAML: %s", yamlLine.ReplaceAllString(err.Error(), ""))
		return nil
	}
	r.refuseAliases(&doc)
	if len(r.list) > 0 {
		return nil
	}
	return doc.Content[0]
}

func (r *reader) refuseAliases(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		r.fail(n.Line, "aliases (*%s) are not read here; write the value out", n.Value)
		return
	}
	for _, c := range n.Content {
		r.refuseAliases(c)
	}
}

func (r *reader) root(n *yaml.Node, m *Map) {
	r.mapping(n, "map", fields{
		"version!": func(n *yaml.Node) {
			if r.text(n, "version") != "1" {
				r.fail(n.Line, "version: expected 1, the only version there is")
			}
		},
		"store!": func(n *yaml.Node) { r.store(n, "store", &m.Store) },
		"stores": func(n *yaml.Node) {
			for _, p := range r.pairs(n, "stores") {
				one := StoreInfo{}
				r.store(p.value, "stores."+p.key, &one)
				one.Name = p.key
				m.Stores = append(m.Stores, one)
			}
		},
		"drift":       func(n *yaml.Node) { r.drift(n, &m.Drift) },
		"tenant":      func(n *yaml.Node) { m.Tenant = r.tenant(n) },
		"normalisers": func(n *yaml.Node) { r.normalisers(n, m) },
		"categories!": func(n *yaml.Node) { r.categories(n, m) },
		"subjects!": func(n *yaml.Node) {
			r.mapping(n, "subjects", fields{
				"person!":      func(n *yaml.Node) { m.Person = r.roots(n) },
				"organization": func(n *yaml.Node) { m.Organization = r.organization(n) },
			})
		},
		"retention": func(n *yaml.Node) { r.grounds(n, m) },
		"purposes": func(n *yaml.Node) {
			for _, p := range r.pairs(n, "purposes") {
				m.Words[p.key] = r.words(p.value, "purposes."+p.key)
			}
		},
		"mentions": func(n *yaml.Node) { r.mentions(n, &m.Mentions) },
		"views":    func(n *yaml.Node) { m.Views = r.views(n) },
		"ignore": func(n *yaml.Node) {
			for _, p := range r.pairs(n, "ignore") {
				m.Ignored[p.key] = r.text(p.value, "ignore."+p.key)
			}
		},
		"tables!": func(n *yaml.Node) {
			for _, p := range r.likes(r.pairs(n, "tables")) {
				t := r.table(p)
				m.Tables = append(m.Tables, t)
				m.byName[t.Name] = t
			}
		},
	})
}

func (r *reader) store(n *yaml.Node, what string, s *StoreInfo) {
	*s = StoreInfo{Schema: "public", Zone: "UTC"}
	f := fields{
		"engine": func(n *yaml.Node) { r.oneOf(n, what+".engine", "postgres") },
		"schema": func(n *yaml.Node) { s.Schema = r.text(n, what+".schema") },
		"default_region": func(n *yaml.Node) {
			s.Region = r.region(n, what+".default_region")
		},
		"shards": func(n *yaml.Node) { s.Shards = r.texts(n, what+".shards") },
		"timestamps": func(n *yaml.Node) {
			r.mapping(n, what+".timestamps", fields{"naive!": func(n *yaml.Node) {
				s.Zone = r.text(n, what+".timestamps.naive")
				if _, err := time.LoadLocation(s.Zone); err != nil {
					r.fail(n.Line, "%s.timestamps.naive: expected a time zone such as UTC or Europe/Berlin, found %q", what, s.Zone)
				}
			}})
		},
	}
	if what == "store" { // another one's name stands before it
		f["name!"] = func(n *yaml.Node) { s.Name = r.text(n, what+".name") }
	}
	r.mapping(n, what, f)
}

func (r *reader) region(n *yaml.Node, what string) string {
	v := r.text(n, what)
	if v != "" && (len(v) != 2 || v[0] < 'A' || v[0] > 'Z' || v[1] < 'A' || v[1] > 'Z') {
		r.fail(n.Line, "%s: expected two capital letters such as DE (ISO 3166), found %q", what, v)
	}
	return v
}

func (r *reader) drift(n *yaml.Node, d *Drift) {
	level := func(what string, at *Level) func(*yaml.Node) {
		return func(n *yaml.Node) { *at = Level(r.oneOf(n, "drift."+what, "fail", "warn")) }
	}
	r.mapping(n, "drift", fields{
		"unmapped_table":       level("unmapped_table", &d.UnmappedTable),
		"unmapped_column":      level("unmapped_column", &d.UnmappedColumn),
		"missing_index":        level("missing_index", &d.MissingIndex),
		"unseen_discriminator": level("unseen_discriminator", &d.UnseenDiscriminator),
	})
}

func (r *reader) tenant(n *yaml.Node) *Tenant {
	t := &Tenant{}
	r.mapping(n, "tenant", fields{
		"table!": func(n *yaml.Node) { t.Table = r.text(n, "tenant.table") },
		"key!":   func(n *yaml.Node) { t.Key = r.text(n, "tenant.key") },
		"region": func(n *yaml.Node) { t.Region = r.text(n, "tenant.region") },
	})
	return t
}

func (r *reader) normalisers(n *yaml.Node, m *Map) {
	for _, p := range r.pairs(n, "normalisers") {
		what, one := "normalisers."+p.key, Normaliser{}
		r.mapping(p.value, what, fields{
			"kind!": func(n *yaml.Node) {
				one.Kind = NormalKind(r.oneOf(n, what+".kind", string(E164), string(Email), string(Digits), string(Exact), string(Name), string(Regexp)))
			},
			"pattern": func(n *yaml.Node) {
				one.Only, _ = regexp.Compile("^(?:" + r.pattern(n, what+".pattern") + ")$") // pattern has told what is wrong
			},
			"region": func(n *yaml.Node) {
				if n.Value != "tenant" {
					one.Region = r.region(n, what+".region")
				}
			},
			"strip_prefixes": func(n *yaml.Node) { one.Strip = r.texts(n, what+".strip_prefixes") },
			"strip_suffixes": func(n *yaml.Node) { one.End = r.texts(n, what+".strip_suffixes") },
		})
		if (one.Kind == Regexp) != (one.Only != nil) && p.value.Kind == yaml.MappingNode {
			r.fail(p.line, "%s: kind: pattern and pattern: \"regular expression\" go together", what)
		}
		m.Normalisers[p.key] = one
	}
}

func (r *reader) categories(n *yaml.Node, m *Map) {
	for _, p := range r.pairs(n, "categories") {
		what, c := "categories."+p.key, Category{ID: p.key}
		words := func(name string, at *Text) func(*yaml.Node) {
			return func(n *yaml.Node) { *at = r.words(n, what+"."+name) }
		}
		r.mapping(p.value, what, fields{
			"title!": words("title", &c.Title), "about!": words("about", &c.About),
			"purpose!": words("purpose", &c.Purpose), "basis!": words("basis", &c.Basis),
			"retention!": words("retention", &c.Retention), "source!": words("source", &c.Source),
			"transfers": words("transfers", &c.Transfers),
			"recipients!": func(n *yaml.Node) {
				for _, item := range r.items(n, what+".recipients") {
					c.Recipients = append(c.Recipients, r.words(item, what+".recipients"))
				}
			},
			"content": func(n *yaml.Node) { c.Content = r.flag(n, what+".content") },
		})
		m.Categories = append(m.Categories, c)
	}
}

func (r *reader) organization(n *yaml.Node) *OrganizationRoot {
	o, rep := &OrganizationRoot{}, "subjects.organization.representatives"
	r.mapping(n, "subjects.organization", fields{
		"table!": func(n *yaml.Node) { o.Table = r.text(n, "subjects.organization.table") },
		"key!":   func(n *yaml.Node) { o.Key = r.text(n, "subjects.organization.key") },
		"representatives!": func(n *yaml.Node) {
			r.mapping(n, rep, fields{
				"table!":        func(n *yaml.Node) { o.Representative.Table = r.text(n, rep+".table") },
				"email!":        func(n *yaml.Node) { o.Representative.Email = r.text(n, rep+".email") },
				"organization!": func(n *yaml.Node) { o.Representative.Organization = r.text(n, rep+".organization") },
				"when":          func(n *yaml.Node) { o.Representative.When = r.conditions(n, rep+".when") },
				"absent":        func(n *yaml.Node) { o.Representative.Absent = r.text(n, rep+".absent") },
			})
		},
	})
	return o
}

func (r *reader) grounds(n *yaml.Node, m *Map) {
	for _, p := range r.pairs(n, "retention") {
		what, g := "retention."+p.key, Ground{Code: p.key}
		r.mapping(p.value, what, fields{
			"words!": func(n *yaml.Node) { g.Words = r.words(n, what+".words") },
			"law":    func(n *yaml.Node) { g.Law = r.text(n, what+".law") },
			"from":   func(n *yaml.Node) { g.From = r.text(n, what+".from") },
			"for": func(n *yaml.Node) {
				var ok bool
				if g.Period, ok = parsePeriod(r.text(n, what+".for")); !ok {
					r.fail(n.Line, "%s.for: expected a length such as 10y, 6m or 30d, found %q", what, n.Value)
				}
			},
		})
		m.Grounds[p.key] = g
	}
}
