package demo

import (
	"bufio"
	"embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// Trades that organizations of the demo are in; phrases come per trade.
var trades = []string{"delivery", "optician", "bakery", "clinic"}

// language is everything that people of one tongue say: sections of phrases.
type language map[string][]phrase

// phrase is a sentence with slots, cut up: literal, slot, literal, slot, …
type phrase []string

// languages reads the phrase files once.
var languages = sync.OnceValue(func() map[string]language {
	out := map[string]language{}
	files, err := phraseFiles.ReadDir("phrases")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	for _, f := range files {
		text, err := phraseFiles.ReadFile("phrases/" + f.Name())
		if err != nil {
			panic(err)
		}
		out[strings.TrimSuffix(f.Name(), ".txt")] = parsePhrases(string(text))
	}
	return out
})

func parsePhrases(text string) language {
	l := language{}
	var section string
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			l[section] = append(l[section], cut(line))
		}
	}
	return l
}

func cut(line string) phrase {
	var p phrase
	for {
		literal, rest, open := strings.Cut(line, "{")
		p = append(p, literal)
		if !open {
			return p
		}
		slot, rest, _ := strings.Cut(rest, "}")
		p = append(p, slot)
		line = rest
	}
}

// voice is who speaks about what: the values of the slots.
type voice struct {
	lang   language
	d      *dice
	name   string // the contact's first name
	agent  string
	org    string
	person string // somebody else, whom the speaker mentions
	phone  string // that one's number
	buf    []byte
}

// say adds a phrase of a section to what was said so far.
func (v *voice) say(section string) {
	if len(v.buf) > 0 {
		v.buf = append(v.buf, ' ')
	}
	for i, part := range pick(v.d, v.lang[section]) {
		if i%2 == 0 {
			v.buf = append(v.buf, part...)
			continue
		}
		v.fill(part)
	}
}

func (v *voice) fill(slot string) {
	switch slot {
	case "name":
		v.buf = append(v.buf, v.name...)
	case "agent":
		v.buf = append(v.buf, v.agent...)
	case "org":
		v.buf = append(v.buf, v.org...)
	case "person":
		v.buf = append(v.buf, v.person...)
	case "phone":
		v.buf = append(v.buf, v.phone...)
	case "n":
		v.buf = fmt.Appendf(v.buf, "%d", 2+v.d.n(11))
	case "code":
		v.buf = append(v.buf, orderCode(v.d)...)
	case "time":
		v.buf = fmt.Appendf(v.buf, "%d:%02d", 8+v.d.n(11), 15*v.d.n(4))
	case "price":
		v.buf = fmt.Appendf(v.buf, "%d,%02d", 4+v.d.n(180), 5*v.d.n(20))
	default: // day, street, city: a word of the language
		v.buf = append(v.buf, v.word(slot)...)
	}
}

func (v *voice) word(section string) string { return pick(v.d, v.lang[section])[0] }

// take gives what was said and starts afresh.
func (v *voice) take() string {
	s := string(v.buf)
	v.buf = v.buf[:0]
	return s
}

// orderCode looks like PK-48213; codes of the fixed people look otherwise.
func orderCode(d *dice) string {
	return string([]byte{byte('A' + d.n(16)), byte('A' + d.n(16)), '-', byte('1' + d.n(9)),
		byte('0' + d.n(10)), byte('0' + d.n(10)), byte('0' + d.n(10)), byte('0' + d.n(10))})
}
