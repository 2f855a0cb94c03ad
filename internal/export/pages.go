package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/url"
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
	Rows     int64
	Sections []section
	Files    []fileLine
	NFiles   int64 // all, listed or not
	Searched int64 // categories
	More     int64
	Missing  []string
	Letter   bool
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

func (p *packer) index() ([]byte, error) {
	v := indexPage{
		page: p.page, Rows: p.manifest.Rows, Sections: p.sections(), Missing: p.manifest.Missing,
		NFiles: int64(len(p.files) + p.more), More: int64(p.more), Searched: int64(len(p.c.Categories)), Letter: !p.c.Portable,
	}
	for _, f := range p.files {
		v.Files = append(v.Files, fileLine{f.name, p.page.Size(f.size)})
	}
	return appendTemplate(nil, "index", v)
}

// sections puts the tables below their categories, in the order of the data map.
func (p *packer) sections() []section {
	var out []section
	at := map[string]int{}
	for _, c := range p.c.Categories {
		at[c.ID] = len(out)
		out = append(out, section{Title: title(c.Title, c.ID, p.c.Language), About: c.About.In(p.c.Language)})
	}
	for _, t := range p.listed() {
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
func (p *packer) listed() []packedTable {
	found, told := map[string]bool{}, map[string]bool{}
	for _, t := range p.tables {
		found[t.table] = found[t.table] || t.rows > 0
	}
	var out []packedTable
	for _, t := range p.tables {
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
	Missing, Searched                       int64
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

func (p *packer) letter() ([]byte, error) {
	in := func(t datamap.Text) string { return t.In(p.c.Language) }
	v := letterPage{
		page: p.page, Contact: p.c.Contact, Authority: p.c.Authority, Automated: in(p.c.Automated),
		Rows: p.manifest.Rows, Missing: int64(len(p.manifest.Missing)), Searched: int64(len(p.c.Categories)),
		Rights: []string{"correction", "deletion", "restriction", "portability", "objection", "withdrawal"},
	}
	if !p.c.Received.IsZero() {
		v.Received = lang.Date(p.page.speak(), p.c.Received)
	}
	sections := p.sections()
	for i, c := range p.c.Categories {
		l := letterCategory{section: sections[i], Purpose: in(c.Purpose), Basis: in(c.Basis), Retention: in(c.Retention), Source: in(c.Source), Transfers: in(c.Transfers)}
		for _, r := range c.Recipients {
			l.Recipients = append(l.Recipients, in(r))
		}
		v.Categories = append(v.Categories, l)
	}
	for _, o := range p.c.LeftOut {
		v.LeftOut = append(v.LeftOut, letterOmission{in(o.What), in(o.Why), o.Rows})
	}
	return appendTemplate(nil, "letter", v)
}

func (p *packer) readme() ([]byte, error) {
	t := p.page.T
	paragraphs := []string{
		t("readme.title", "Operator", p.c.Operator, "Ref", p.c.Ref, "Date", p.page.Made),
		t("readme.start"), t("readme.json"), t("readme.csv"), t("readme.check"), t("readme.private"),
	}
	return []byte(strings.Join(paragraphs, "\n\n") + "\n"), nil
}
