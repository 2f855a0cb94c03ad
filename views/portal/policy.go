package portal

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed policy/*.md
var demoPolicy embed.FS

// DemoPolicy is what a fresh installation shows until the operator names a
// folder of their own.
func DemoPolicy() fs.FS {
	sub, err := fs.Sub(demoPolicy, "policy")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// Version is one version of the policy. Files are called 2026-10-01.md, or
// 2026-10-01.de.md for a language; the date is the version.
type Version struct {
	Version string
	Date    time.Time
	texts   map[string]text // by language; "" is for every language
}

type text struct {
	title  string
	blocks []Block
}

// PolicyPage is one version as it is shown.
type PolicyPage struct {
	Title  string
	Lang   string
	Date   time.Time
	Newest bool
	Blocks []Block
	Others []Version
}

var policyName = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:\.([a-z]{2}))?\.md$`)

// ReadPolicy reads all versions, the newest first.
func ReadPolicy(dir fs.FS) ([]Version, error) {
	names, err := fs.Glob(dir, "*.md")
	if err != nil {
		return nil, err
	}
	byVersion := map[string]*Version{}
	for _, name := range names {
		m := policyName.FindStringSubmatch(name)
		if m == nil {
			return nil, fmt.Errorf("policy file %s: call it YYYY-MM-DD.md or YYYY-MM-DD.<language>.md", name)
		}
		date, err := time.Parse(time.DateOnly, m[1])
		if err != nil {
			return nil, fmt.Errorf("policy file %s: %s is no day", name, m[1])
		}
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		title, blocks := parse(string(raw))
		if title == "" {
			return nil, fmt.Errorf(`policy file %s: the first line must be the title, as in "# Privacy policy"`, name)
		}
		v := byVersion[m[1]]
		if v == nil {
			v = &Version{Version: m[1], Date: date, texts: map[string]text{}}
			byVersion[m[1]] = v
		}
		v.texts[m[2]] = text{title, blocks}
	}
	if len(byVersion) == 0 {
		return nil, errors.New("no policy file: put a Markdown file called YYYY-MM-DD.md into the folder")
	}
	var vs []Version
	for _, v := range byVersion {
		vs = append(vs, *v)
	}
	slices.SortFunc(vs, func(a, b Version) int { return strings.Compare(b.Version, a.Version) })
	return vs, nil
}

// PolicyAt gives a version ("" for the newest) in a language, or in the one it
// is written in; ok is false if there is no such version.
func PolicyAt(vs []Version, version, lang string) (p PolicyPage, ok bool) {
	for i, v := range vs {
		if v.Version != version && (version != "" || i > 0) {
			continue
		}
		use := lang
		if _, ok := v.texts[use]; !ok {
			use = "en"
		}
		if _, ok := v.texts[use]; !ok {
			use = ""
		}
		x, ok := v.texts[use]
		if !ok { // written in neither: take what there is
			for l, y := range v.texts {
				use, x = l, y
			}
		}
		if use == "" {
			use = "en"
		}
		p = PolicyPage{Title: x.title, Lang: use, Date: v.Date, Newest: i == 0, Blocks: x.blocks}
		for j, o := range vs {
			if j != i {
				p.Others = append(p.Others, o)
			}
		}
		return p, true
	}
	return PolicyPage{}, false
}

// Block is a heading, a paragraph or a list of the policy. The reader knows
// only these: whatever else stands in the file is shown as the text it is.
type Block struct {
	Kind  string
	ID    string // of a heading
	Lines [][]Span
}

// Span is a run of text: plain, bold, or a link.
type Span struct {
	Text string
	Bold bool
	Href string
}

const (
	heading   = "heading"
	paragraph = "paragraph"
	list      = "list"
)

func (b Block) plain() string {
	var s strings.Builder
	for _, x := range b.Lines[0] {
		s.WriteString(x.Text)
	}
	return s.String()
}

func parse(src string) (title string, blocks []Block) {
	for part := range strings.SplitSeq(strings.ReplaceAll(src, "\r\n", "\n"), "\n\n") {
		lines := strings.Split(strings.Trim(part, "\n"), "\n")
		for len(lines) > 0 && strings.HasPrefix(lines[0], "#") {
			words := strings.TrimSpace(strings.TrimLeft(lines[0], "#"))
			if title == "" {
				title = words
			} else {
				blocks = append(blocks, Block{Kind: heading, ID: fmt.Sprintf("section-%d", len(blocks)+1), Lines: [][]Span{inline(words)}})
			}
			lines = lines[1:]
		}
		if len(lines) == 0 || strings.TrimSpace(strings.Join(lines, "")) == "" {
			continue
		}
		if strings.HasPrefix(lines[0], "- ") {
			blocks = append(blocks, listOf(lines))
			continue
		}
		blocks = append(blocks, Block{Kind: paragraph, Lines: [][]Span{inline(strings.Join(lines, " "))}})
	}
	return title, blocks
}

func listOf(lines []string) Block {
	b := Block{Kind: list}
	var items []string
	for _, l := range lines {
		if item, ok := strings.CutPrefix(l, "- "); ok {
			items = append(items, item)
		} else {
			items[len(items)-1] += " " + strings.TrimSpace(l)
		}
	}
	for _, it := range items {
		b.Lines = append(b.Lines, inline(it))
	}
	return b
}

var marks = regexp.MustCompile(`\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)`)

func inline(s string) []Span {
	var out []Span
	at := 0
	for _, m := range marks.FindAllStringSubmatchIndex(s, -1) {
		if m[0] > at {
			out = append(out, Span{Text: s[at:m[0]]})
		}
		if m[2] >= 0 {
			out = append(out, Span{Text: s[m[2]:m[3]], Bold: true})
		} else {
			out = append(out, Span{Text: s[m[4]:m[5]], Href: s[m[6]:m[7]]}) // templ refuses unsafe schemes
		}
		at = m[1]
	}
	if at < len(s) {
		out = append(out, Span{Text: s[at:]})
	}
	return out
}
