package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

//go:embed page
var pageFiles embed.FS

var (
	templates = template.Must(template.New("").Funcs(template.FuncMap{
		"inc":   func(i int) int { return i + 1 },
		"int64": func(i int) int64 { return int64(i) },
	}).ParseFS(pageFiles, "page/*.html"))
	style, _ = pageFiles.ReadFile("page/style.css")
	policy   = contentPolicy(style)
)

// contentPolicy lets a page use its own style and nothing else: no script, no
// request, no form, whatever somebody managed to write into a message.
func contentPolicy(style []byte) string {
	sum := sha256.Sum256(style)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

func appendTemplate(b []byte, name string, data any) ([]byte, error) {
	w := bytes.NewBuffer(b)
	err := templates.ExecuteTemplate(w, name, data)
	return w.Bytes(), err
}

// page is what all pages of a package share.
type page struct {
	Language, Dir       string
	Ref, Operator, Made string
	Style               template.CSS
	Policy              string
}

func newPage(ctx context.Context, c Contents) page {
	return page{
		Language: string(lang.From(ctx)), Dir: lang.Dir(ctx),
		Ref: c.Ref, Operator: c.Operator, Made: lang.Date(ctx, c.Made),
		Style: template.CSS(style), Policy: policy,
	}
}

func (p page) speak() context.Context { return lang.With(context.Background(), lang.Tag(p.Language)) }

func (p page) T(key string, args ...any) string { return lang.T(p.speak(), "package."+key, args...) }
func (p page) N(key string, n int64) string     { return lang.N(p.speak(), "package."+key, n) }
func (p page) Number(n int64) string            { return lang.Number(p.speak(), n) }

// Href is the link to a file of the package.
func (p page) Href(name string) string { return (&url.URL{Path: name}).String() }

// Size writes a file's size for people.
func (p page) Size(n int64) string {
	switch {
	case n >= 10<<20:
		return p.T("size.mb", "N", p.Number(n>>20))
	default:
		return p.T("size.kb", "N", p.Number((n+1023)>>10))
	}
}

type indexPage struct {
	page
	Rows         int64
	Sections     []section
	Files        []fileLine
	NFiles       int64 // all, listed or not
	Searched     int64 // categories
	More         int64
	Missing      []string
	Withheld     []withheldLine
	MoreWithheld int64
	Masked       []letterOmission
	Letter       bool
	Portable     bool
	Part         int64 // 0 where the package is one ZIP
	Last         bool
}

// section is one category with its tables; Rows 0 is told as well.
type section struct {
	Title, About string
	Rows         int64
	Tables       []tableLine
}

type tableLine struct {
	Title, Read, JSON string
	CSV               []string
	Rows              int64
}

type fileLine struct{ Name, Size string }

type withheldLine struct{ Name, Type, Size string }

// masked says what is hidden, why, and in how many places: other people first,
// then what nobody may see.
func (p page) masked(m Masked) (out []letterOmission) {
	for _, group := range []struct {
		why   string
		kinds []string
	}{{"others", []string{"person", "name", "phone", "email", "handle", "address", "mention", "health", "other"}},
		{"never", []string{"card", "account", "id_number", "password", "code"}}} {
		for _, kind := range group.kinds {
			if n := m[kind]; n > 0 {
				out = append(out, letterOmission{p.T("masked." + kind), p.T("masked." + group.why + ".why"), n})
			}
		}
	}
	return out
}

func (v *volume) index() ([]byte, error) {
	m := v.manifest
	i := indexPage{
		page: v.p.page, Rows: m.Rows, Sections: v.p.sections(v.tables), Missing: m.Missing, NFiles: int64(len(v.files) + v.more), More: int64(v.more),
		Searched: int64(len(v.p.c.Categories)), Letter: v.hasLetter(), Portable: v.p.c.Portable, Last: m.Last,
	}
	if m.Part > 1 || !m.Last {
		// What is not in this part may be in another one.
		i.Part = int64(m.Part)
		i.Sections = slices.DeleteFunc(i.Sections, func(s section) bool { return s.Rows == 0 })
	}
	for _, f := range m.Withheld[:min(len(m.Withheld), maxListed)] {
		i.Withheld = append(i.Withheld, withheldLine{strings.TrimPrefix(f.Name, "attachments/"), f.Type, v.p.page.Size(f.Size)})
	}
	i.MoreWithheld, i.Masked = int64(len(m.Withheld)-len(i.Withheld)), v.p.page.masked(m.Masked)
	for _, f := range v.files {
		i.Files = append(i.Files, fileLine{f.name, v.p.page.Size(f.size)})
	}
	return appendTemplate(nil, "index", i)
}

// sections puts tables below their categories, in the order of the data map.
func (p *Packer) sections(tables []packedTable) []section {
	var out []section
	at := map[string]int{}
	for _, c := range p.c.Categories {
		at[c.ID] = len(out)
		out = append(out, section{Title: title(c.Title, c.ID, p.c.Language), About: c.About.In(p.c.Language)})
	}
	for _, t := range listed(tables) {
		i, ok := at[t.category]
		if !ok { // no map that was checked has such a table; its rows are still the person's
			if i, ok = at[""]; !ok {
				i = len(out)
				at[""] = i
				out = append(out, section{Title: p.page.T("other")})
			}
		}
		out[i].Rows += t.rows
		out[i].Tables = append(out[i].Tables, tableLine{t.title, t.read, t.json, t.csv, t.rows})
	}
	return out
}

// listed gives the tables that a reader wants to see. A table that comes once
// for each role is left out where a role led to nothing and another did not, or
// was told already; its empty files stay in the package and in the manifest.
func listed(tables []packedTable) []packedTable {
	found, told := map[string]bool{}, map[string]bool{}
	for _, t := range tables {
		found[t.table] = found[t.table] || t.rows > 0
	}
	var out []packedTable
	for _, t := range tables {
		if t.rows > 0 || !found[t.table] && !told[t.table] {
			out = append(out, t)
		}
		told[t.table] = true
	}
	return out
}

type letterPage struct {
	page
	Received, Contact, Authority, Automated string
	Rows                                    int64
	Categories                              []letterCategory
	LeftOut                                 []letterOmission
	Missing, Searched, Withheld             int64
	Masked                                  []letterOmission
	Rights                                  []string // keys in the catalogue
}

type letterCategory struct {
	section
	Purpose, Basis, Retention, Source, Transfers string
	Recipients                                   []string
}

type letterOmission struct {
	What, Why string
	Rows      int64
}

// letter tells of the whole package, whatever part it stands in.
func (v *volume) letter() ([]byte, error) {
	c, page := v.p.c, v.p.page
	in := func(t datamap.Text) string { return t.In(c.Language) }
	l := letterPage{
		page: page, Contact: c.Contact, Authority: c.Authority, Automated: in(c.Automated),
		Rows: v.p.at.Rows(), Missing: v.p.at.Missing, Searched: int64(len(c.Categories)), Withheld: v.p.at.Withheld, Masked: page.masked(v.masked),
		Rights: []string{"correction", "deletion", "restriction", "portability", "objection", "withdrawal"},
	}
	if !c.Received.IsZero() {
		l.Received = lang.Date(page.speak(), c.Received)
	}
	sections := v.p.sections(v.p.all)
	for i, c := range c.Categories {
		one := letterCategory{section: sections[i], Purpose: in(c.Purpose), Basis: in(c.Basis), Retention: in(c.Retention), Source: in(c.Source), Transfers: in(c.Transfers)}
		for _, r := range c.Recipients {
			one.Recipients = append(one.Recipients, in(r))
		}
		l.Categories = append(l.Categories, one)
	}
	for _, o := range c.LeftOut {
		l.LeftOut = append(l.LeftOut, letterOmission{in(o.What), in(o.Why), o.Rows})
	}
	return appendTemplate(nil, "letter", l)
}

func (v *volume) readme() ([]byte, error) {
	t := v.p.page.T
	paragraphs := []string{t("readme.title", "Operator", v.p.c.Operator, "Ref", v.p.c.Ref, "Date", v.p.page.Made), t("readme.start"), t("readme.json")}
	if v.p.c.Portable {
		paragraphs = append(paragraphs, t("readme.schema"))
	}
	paragraphs = append(paragraphs, t("readme.csv"))
	if len(v.manifest.Masked) > 0 {
		paragraphs = append(paragraphs, t("readme.hidden"))
	}
	if m := v.manifest; m.Part > 1 || !m.Last {
		paragraphs = append(paragraphs, t("readme.parts", "N", v.p.page.Number(int64(m.Part))))
	}
	paragraphs = append(paragraphs, t("readme.check"), t("readme.private"))
	return []byte(strings.Join(paragraphs, "\n\n") + "\n"), nil
}
