package letter

import (
	"strings"
	"unicode/utf8"
)

// lineWidth is how wide the plain form is; longer words are not cut.
const lineWidth = 72

// PlainText writes the letter for any reader, in lines of at most 72 characters.
func (l Letter) PlainText() []byte {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(l.From)
	for _, a := range l.Address {
		line(a)
	}
	line("")
	line(fold(l.Title, ""))
	line(strings.Repeat("=", min(lineWidth, utf8.RuneCountInString(l.Title))))
	line("")
	for _, f := range l.Head {
		line(fold(f.Name+": "+f.Value.String(), "  "))
	}
	line("")
	line(l.Greeting)
	for _, s := range l.Sections {
		line("")
		if s.Title != "" {
			line(fold(s.Title, ""))
			line(strings.Repeat("-", min(lineWidth, utf8.RuneCountInString(s.Title))))
			line("")
		}
		for i, p := range s.Parts {
			if i > 0 {
				line("")
			}
			p.plain(line)
		}
	}
	line("")
	line("-- ")
	line(l.From)
	return []byte(b.String())
}

func (p Part) plain(line func(string)) {
	if p.Title != "" {
		line(fold(p.Title, ""))
	}
	if len(p.Text) > 0 {
		line(fold(p.Text.linked(), ""))
	}
	for _, t := range p.Items {
		line(fold("- "+t.linked(), "  "))
	}
	for _, f := range p.Facts {
		line(fold("  "+f.Name+": "+f.Value.linked(), "    "))
	}
}

// linked writes an address behind the words that lead to it.
func (t Text) linked() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
		if s.Link != "" && strings.TrimPrefix(s.Link, "mailto:") != s.Text {
			b.WriteString(" <" + s.Link + ">")
		}
	}
	return b.String()
}

// fold breaks a paragraph into lines; those after the first begin with indent.
func fold(s, indent string) string {
	var b strings.Builder
	lead := len(s) - len(strings.TrimLeft(s, " "))
	b.WriteString(s[:lead])
	n, first := lead, true
	for _, word := range strings.Fields(s) {
		size := utf8.RuneCountInString(word)
		switch {
		case first:
			first = false
		case n+1+size > lineWidth:
			b.WriteString("\n" + indent)
			n = len(indent)
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += size
	}
	return b.String()
}
