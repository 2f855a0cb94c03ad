package letter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
)

// Slot is a place for words that the operator may change. Its own text stands in
// the catalogue under "letters.text.<id>", its name under "letters.slot.<id>".
type Slot struct {
	ID     string
	Kind   Kind     // the letters it belongs to; "" for all
	Fields []string // beside those that every slot knows
	Needs  []string // fields that may not be left out
	Free   bool     // may be empty: nothing wants it told
}

// common are the fields that every slot knows. Catalogue: "letters.field.<name>".
var common = []string{"name", "reference", "operator", "contact", "received", "written", "law", "right"}

// Slots are all of them, in the order of the settings.
var Slots = []Slot{
	{ID: "acknowledgement.opening", Kind: Acknowledgement},
	{ID: "acknowledgement.process", Kind: Acknowledgement},
	{ID: "acknowledgement.at_once", Kind: Acknowledgement},
	{ID: "acknowledgement.grievance", Kind: Acknowledgement},
	{ID: "acknowledgement.due", Kind: Acknowledgement, Fields: []string{"due"}, Needs: []string{"due"}},
	{ID: "verification.opening", Kind: Verification},
	{ID: "verification.use", Kind: Verification},
	{ID: "clarification.opening", Kind: Clarification},
	{ID: "extension.opening", Kind: Extension, Fields: []string{"due", "new_due"}, Needs: []string{"new_due"}},
	{ID: "extension.effect", Kind: Extension, Fields: []string{"new_due"}, Free: true},
	{ID: "fulfilment.access", Kind: Fulfilment},
	{ID: "fulfilment.portability", Kind: Fulfilment},
	{ID: "fulfilment.copy", Kind: Fulfilment, Fields: []string{"until", "downloads"}, Needs: []string{"until"}},
	{ID: "fulfilment.correction", Kind: Fulfilment},
	{ID: "fulfilment.deletion", Kind: Fulfilment},
	{ID: "fulfilment.restriction", Kind: Fulfilment},
	{ID: "fulfilment.objection", Kind: Fulfilment},
	{ID: "fulfilment.withdrawal", Kind: Fulfilment},
	{ID: "fulfilment.opt_out", Kind: Fulfilment},
	{ID: "fulfilment.shortened_retention", Kind: Fulfilment, Fields: []string{"days"}, Needs: []string{"days"}},
	{ID: "fulfilment.other", Kind: Fulfilment},
	{ID: "partial.opening", Kind: Partial},
	{ID: "refusal.opening", Kind: Refusal},
	{ID: "refusal.given", Kind: Refusal},
	{ID: "nothing_found.opening", Kind: NothingFound},
	{ID: "restriction_lifted.opening", Kind: RestrictionLifted},
	{ID: "restriction_lifted.effect", Kind: RestrictionLifted},
	{ID: "redirected.opening", Kind: Redirected},
	{ID: "redirected.effect", Kind: Redirected},
	{ID: "appeal_decided.upheld", Kind: AppealDecided},
	{ID: "appeal_decided.partly", Kind: AppealDecided},
	{ID: "appeal_decided.rejected", Kind: AppealDecided},
	{ID: "statement.content", Free: true},
	{ID: "statement.automated"},
	{ID: "statement.sale"}, // only the operator can say it: there is no text of ours
	{ID: "statement.backups"},
	{ID: "statement.beyond", Free: true},
	{ID: "statement.remedies"},
	{ID: "statement.contact"},
}

// SlotOf gives a slot by its id.
func SlotOf(id string) (Slot, bool) {
	i := slices.IndexFunc(Slots, func(s Slot) bool { return s.ID == id })
	if i < 0 {
		return Slot{}, false
	}
	return Slots[i], true
}

// Allowed are the fields that a text of the slot may have.
func (s Slot) Allowed() []string { return append(slices.Clone(common), s.Fields...) }

// Ours is the text that comes with the portal, "" where only the operator can
// say it.
func (s Slot) Ours(l lang.Tag) string {
	key := "letters.text." + s.ID
	if !lang.Has(key) {
		return ""
	}
	return lang.In(l, key)
}

// Wording is the operator's words for one language, where they are not ours.
type Wording struct {
	Edition int
	Texts   map[string]string // by slot
}

func (w Wording) text(id string, l lang.Tag) string {
	if t, ok := w.Texts[id]; ok {
		return t
	}
	s, _ := SlotOf(id)
	return s.Ours(l)
}

// MaxText is how long a text may be, in characters.
const MaxText = 4000

// Tidy is a text as it is kept: lines end with one byte, and nothing stands in
// it that no reader can see.
func Tidy(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.Map(func(r rune) rune {
		if r != '\n' && hidden(r) {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// Check says what is wrong with a text for the slot, if anything is.
func (s Slot) Check(text string) (fault.Message, bool) {
	say := func(key string, args ...any) (fault.Message, bool) {
		return fault.Message{Key: "letters.error." + key, Args: args}, false
	}
	if text == "" && !s.Free {
		return say("empty")
	}
	if n := utf8.RuneCountInString(text); n > MaxText {
		return say("long", "Limit", MaxText, "Over", n-MaxText)
	}
	pieces, at := cut(text)
	if at >= 0 {
		return say("brace", "At", near(text, at))
	}
	var used []string
	for _, p := range pieces {
		if p.field == "" {
			continue
		}
		if !slices.Contains(s.Allowed(), p.field) {
			return say("field", "Field", "{"+p.field+"}", "Allowed", braced(s.Allowed()))
		}
		used = append(used, p.field)
	}
	for _, n := range s.Needs {
		if !slices.Contains(used, n) {
			return say("needs", "Field", "{"+n+"}")
		}
	}
	return fault.Message{}, true
}

func braced(fields []string) string { return "{" + strings.Join(fields, "}, {") + "}" }

// near is the place of a mistake in words: what stands there.
func near(text string, at int) string {
	end := at
	for range 20 {
		_, n := utf8.DecodeRuneInString(text[end:])
		end += n
	}
	return text[at:end]
}

// piece is words, or the name of a field.
type piece struct{ words, field string }

// cut reads a text: {name} is a field, {{ and }} are braces. at is where a brace
// stands that is neither, or -1. That is the whole of the syntax: nothing in a
// text is ever run.
func cut(text string) (pieces []piece, at int) {
	var words strings.Builder
	flush := func() {
		if words.Len() > 0 {
			pieces = append(pieces, piece{words: words.String()})
			words.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '{' && c != '}' {
			words.WriteByte(c)
			continue
		}
		if i+1 < len(text) && text[i+1] == c {
			words.WriteByte(c)
			i++
			continue
		}
		n := strings.IndexByte(text[i:], '}')
		if c == '}' || n < 0 || !fieldName(text[i+1:i+n]) {
			return nil, i
		}
		flush()
		pieces = append(pieces, piece{field: text[i+1 : i+n]})
		i += n
	}
	flush()
	return pieces, -1
}

func fieldName(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// expand puts the values in, once: what stands between braces in a value stays
// as it is. A blank line begins a new paragraph, and no value has one.
func expand(text string, values map[string]string) []Text {
	var out []Text
	for _, paragraph := range strings.Split(Tidy(text), "\n\n") {
		pieces, at := cut(strings.Join(strings.Fields(paragraph), " "))
		if at >= 0 || len(pieces) == 0 {
			continue // Check lets nothing of the sort in
		}
		var t Text
		for _, p := range pieces {
			if p.field == "" {
				t = append(t, Span{Text: p.words})
			} else {
				t = append(t, Span{Text: plain(values[p.field]), Value: true})
			}
		}
		if strings.TrimSpace(t.String()) != "" {
			out = append(out, t)
		}
	}
	return out
}

// plain makes one line of what somebody typed, without what cannot be seen: no
// line break, no control character, nothing that turns the direction of what
// follows.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if hidden(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// maxName is longer than any name.
const maxName = 300

// name is plain for what a person is called, and no longer than that can be.
func name(s string) string {
	s = plain(s)
	if utf8.RuneCountInString(s) > maxName {
		s = string([]rune(s)[:maxName-1]) + "…"
	}
	return s
}

// hidden says that a letter shows nothing and can only mislead: controls and
// marks of direction. The joiners of Persian and of the scripts of India stay.
func hidden(r rune) bool {
	switch {
	case r == '\u200c' || r == '\u200d':
		return false
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r), r == utf8.RuneError:
		return true
	case r == '\u2028' || r == '\u2029':
		return true
	}
	return false
}

// paragraphs are what a member of staff wrote, line by line.
func paragraphs(s string) []Text {
	var out []Text
	for _, line := range strings.Split(Tidy(s), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, Text{{Text: line, Value: true}})
		}
	}
	return out
}
