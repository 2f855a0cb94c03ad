package portal

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/icon"
)

// Data is the download page.
type Data struct {
	Request    privacy.Request
	Delivery   privacy.Delivery
	Categories []datamap.Category
	Fresh      bool // the address was proved in the last fifteen minutes
}

// left is how often the part that has most downloads left can be fetched.
func (d Data) left() (n int) {
	for i := range d.Delivery.Package {
		n = max(n, d.Delivery.Left(i))
	}
	return n
}

// lede says what waits, in one file or several.
func (d Data) lede(ctx context.Context) string {
	key := "portal.data.lede"
	if d.portability() {
		key += ".portability"
	}
	if n := len(d.Delivery.Package); n > 1 {
		return lang.N(ctx, key+".parts", int64(n))
	}
	return t(ctx, key)
}

func (d Data) portability() bool { return d.Request.Kind == privacy.Portability }

// about says in few words what one part holds.
func (d Data) about(ctx context.Context, p export.Part) string {
	var titles []string
	attachments := int64(0)
	for _, f := range p.Manifest.Files {
		if strings.HasPrefix(f.Name, "attachments/") {
			attachments++
		}
		if title := categoryTitle(ctx, d.Categories, f.Category); f.Rows > 0 && f.Category != "" && !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	s := lang.N(ctx, "portal.data.part.rows", p.Manifest.Rows)
	if attachments > 0 {
		s = join(s, lang.N(ctx, "portal.data.part.attachments", attachments))
	}
	if len(titles) > 0 {
		s += ": " + strings.Join(titles, ", ")
	}
	return s
}

// inside is one line of "What is inside".
type inside struct {
	Icon  templ.Component
	Name  string
	About string
	Size  int64
}

// contents groups the files of a package by folder, so that ten thousand
// attachments stay one line.
func (d Data) contents(ctx context.Context) []inside {
	type group struct {
		inside
		files, rows int64
		category    string
	}
	var order []string
	groups := map[string]*group{}
	for _, f := range d.Delivery.Package.Files() {
		name := f.Name
		if dir, _, ok := strings.Cut(f.Name, "/"); ok {
			name = dir + "/"
		}
		g := groups[name]
		if g == nil {
			g = &group{inside: inside{Name: name, Icon: fileIcon(name)}, category: f.Category}
			groups[name] = g
			order = append(order, name)
		}
		g.files++
		g.rows += f.Rows
		g.Size += f.Size
	}
	out := make([]inside, 0, len(order))
	for _, name := range order {
		g := groups[name]
		switch {
		case lang.Has("portal.data.file." + strings.TrimSuffix(name, "/")):
			g.About = t(ctx, "portal.data.file."+strings.TrimSuffix(name, "/"))
		case g.category != "" && !strings.HasSuffix(name, "/"):
			g.About = categoryTitle(ctx, d.Categories, g.category)
		}
		switch {
		case strings.HasSuffix(name, "/"):
			g.About = join(g.About, lang.N(ctx, "portal.plan.files", g.files))
		case g.rows > 0:
			g.About = join(g.About, lang.N(ctx, "portal.plan.rows", g.rows))
		}
		out = append(out, g.inside)
	}
	slices.SortStableFunc(out, func(a, b inside) int { return cmp.Compare(rank(a.Name), rank(b.Name)) })
	return out
}

// forPeople is what a reader opens, in this order; files for computers follow.
var forPeople = []string{"index.html", "letter.html", "README.txt", "read/", "attachments/"}

func rank(name string) int {
	if i := slices.Index(forPeople, name); i >= 0 {
		return i
	}
	return len(forPeople)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

func fileIcon(name string) templ.Component {
	switch {
	case name == "attachments/":
		return icon.Image
	case name == "manifest.json":
		return icon.ListChecks
	case path.Ext(name) == ".csv" || name == "csv/":
		return icon.FileTable
	case path.Ext(name) == ".json" || name == "json/":
		return icon.Messages
	}
	return icon.FileText
}

// absent names the categories in which nothing was found.
func (d Data) absent(ctx context.Context) string {
	found := map[string]bool{}
	for _, f := range d.Delivery.Package.Files() {
		if f.Rows > 0 {
			found[f.Category] = true
		}
	}
	var names []string
	for _, c := range d.Categories {
		if !found[c.ID] {
			names = append(names, c.Title.In(tag(ctx)))
		}
	}
	return strings.Join(names, ", ")
}
