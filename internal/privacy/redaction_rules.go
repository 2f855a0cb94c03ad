package privacy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/redact"
)

// Rulebook is what staff decided about a package, by what it is about.
type Rulebook struct {
	marks  map[string][]Ruling // by place
	words  []wordRule
	people map[string]RulingAct // by token
	rest   map[string]RulingAct // what nobody decided otherwise, by conversation; "" for all
	files  map[string]RulingAct // by place
}

// wordRule is about words that staff typed.
type wordRule struct {
	Ruling
	text    string
	pattern *regexp.Regexp
}

// NewRulebook takes all rulings of a request in their order: the last one about a
// thing counts, and what was undone does not. open unseals typed words.
func NewRulebook(all []Ruling, open func([]byte) ([]byte, error)) (Rulebook, error) {
	b := Rulebook{marks: map[string][]Ruling{}, people: map[string]RulingAct{}, rest: map[string]RulingAct{}, files: map[string]RulingAct{}}
	for _, u := range Standing(all) {
		switch u.Sort {
		case RuleMark:
			b.marks[u.Place] = append(b.marks[u.Place], u)
		case RulePerson:
			if u.Who == Everybody {
				b.rest[u.Talk] = u.Act
				continue
			}
			b.people[u.Who] = u.Act
		case RuleFile:
			b.files[u.Place] = u.Act
		case RuleWords:
			text, err := open(u.Words)
			if err != nil {
				return b, fmt.Errorf("unseal the words of ruling %d: %w", u.Version, err)
			}
			b.words = append(b.words, newWordRule(u, string(text)))
		}
	}
	return b, nil
}

// Empty says that staff decided nothing about any text.
func (b Rulebook) Empty() bool { return len(b.marks)+len(b.words)+len(b.people)+len(b.rest) == 0 }

// long says that staff typed more than what a suggestion brings along.
func (b Rulebook) long() bool {
	return slices.ContainsFunc(b.words, func(r wordRule) bool { return len(r.text) > export.Context })
}

// Person gives what staff said about everything of one person, by token.
func (b Rulebook) Person(token string) RulingAct { return b.people[token] }

// File gives what staff said about an attachment.
func (b Rulebook) File(place string) RulingAct { return b.files[place] }

// Words gives what staff typed, by ruling.
func (b Rulebook) Words() map[uuid.UUID]string {
	out := map[uuid.UUID]string{}
	for _, r := range b.words {
		out[r.ID] = r.text
	}
	return out
}

// newWordRule finds words in any case, with any space between them, whether an
// accent is part of its letter or stands behind it, and with signs between the
// letters that nobody sees.
func newWordRule(u Ruling, text string) wordRule {
	words := strings.Fields(text)
	for i, w := range words {
		var letters []string
		for _, c := range norm.NFC.String(w) {
			one := regexp.QuoteMeta(string(c))
			if apart := norm.NFD.String(string(c)); apart != string(c) {
				one = "(?:" + one + "|" + regexp.QuoteMeta(apart) + ")"
			}
			letters = append(letters, one)
		}
		words[i] = strings.Join(letters, `\p{Cf}*`)
	}
	return wordRule{u, text, regexp.MustCompile(`(?i)` + strings.Join(words, `[\s\p{Z}\p{Cf}]+`))}
}

// in gives the places where the words stand by themselves in a text, as it is
// written and as people see it where it is escaped.
func (r wordRule) in(text string) [][2]int {
	out := r.seen(text)
	for plain, written := range redact.Unescaped(text) {
		for _, at := range r.seen(plain) {
			start, end := written(at[0], at[1])
			if one := [2]int{start, end}; !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out
}

func (r wordRule) seen(text string) (out [][2]int) {
	for _, at := range r.pattern.FindAllStringIndex(text, -1) {
		if at[1] > at[0] && alone(text, at[0], at[1]) {
			out = append(out, [2]int{at[0], at[1]})
		}
	}
	return out
}

// alone says that no letter or digit goes on where some words begin or end.
func alone(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	first, _ := utf8.DecodeRuneInString(text[start:end])
	last, _ := utf8.DecodeLastRuneInString(text[start:end])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return !(wordy(before) && wordy(first)) && !(wordy(last) && wordy(after))
}

func wordy(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// Verdict is a mark with what becomes of it.
type Verdict struct {
	redact.Mark
	State export.MarkState
	Added bool // staff typed the words
}

// Settle says what becomes of the marks of a value: staff's word about the very
// place counts before their word about words, that before their word about a
// person, and that before what a mark is by itself. What is never disclosed is
// hidden in any case. token names the person of a mark, digest the text.
func (b Rulebook) Settle(place, talk, text string, base []redact.Mark, token func(who string) string, digest func(text string) string) []Verdict {
	if len(base) == 0 && len(b.words) == 0 && len(b.marks) == 0 {
		return nil
	}
	all := make([]Verdict, 0, len(base))
	for _, m := range base {
		v := Verdict{Mark: m, State: export.MarkOpen}
		if m.Sure {
			v.State = export.MarkHidden
		}
		if v.State == export.MarkOpen {
			v.rule(b.rest[""])
			v.rule(b.rest[talk])
		}
		if m.Who != "" && len(b.people) > 0 {
			v.rule(b.people[token(m.Who)])
		}
		all = append(all, v)
	}
	for _, everywhere := range []bool{true, false} {
		for _, r := range b.words {
			if everywhere == (r.Talk == "") && (everywhere || r.Talk == talk) {
				all = r.settle(text, all)
			}
		}
	}
	if rules := b.marks[place]; len(rules) > 0 {
		all = settleMarks(rules, digest(text), text, all)
	}
	for i := range all {
		if all[i].Never {
			all[i].State = export.MarkHidden
		}
	}
	return all
}

func (v *Verdict) rule(act RulingAct) {
	switch act {
	case ActHide:
		v.State = export.MarkHidden
	case ActKeep:
		v.State = export.MarkKept
	}
}

// settle applies the rule to a text: words that are kept are marks already; words
// that are hidden become one, together with what they overlap.
func (r wordRule) settle(text string, all []Verdict) []Verdict {
	for _, at := range r.in(text) {
		if r.Act == ActKeep {
			for i := range all {
				if all[i].Start >= at[0] && all[i].End <= at[1] {
					all[i].rule(r.Act)
				}
			}
			continue
		}
		all = hide(all, Verdict{Mark: redact.Mark{Start: at[0], End: at[1], Kind: redact.Kind(r.What), Who: r.who(), Sure: true}, State: export.MarkHidden, Added: true})
	}
	return all
}

// Everywhere adds to what is hidden in a value that is no text of people the
// words that staff hid in all of the package.
func (b Rulebook) Everywhere(text string, hidden []redact.Mark) []redact.Mark {
	all := make([]Verdict, len(hidden))
	for i, m := range hidden {
		all[i] = Verdict{Mark: m, State: export.MarkHidden}
	}
	n := len(b.words)
	for _, r := range b.words {
		if r.Talk == "" && r.Act == ActHide {
			all, n = r.settle(text, all), n-1
		}
	}
	if n == len(b.words) {
		return hidden
	}
	out := make([]redact.Mark, len(all))
	for i, v := range all {
		out[i] = v.Mark
	}
	return out
}

// who makes one person of the same typed name or number, wherever it stands.
func (r wordRule) who() string {
	switch redact.Kind(r.What) {
	case redact.Name, redact.Phone, redact.Email, redact.Handle:
		return "?words:" + strings.ToLower(strings.Join(strings.Fields(r.text), " "))
	}
	return ""
}

// hide adds a hidden mark in the place of all that it overlaps. Who is certain
// stays certain.
func hide(all []Verdict, one Verdict) []Verdict {
	out := make([]Verdict, 0, len(all)+1)
	overlapped := 0
	for _, v := range all {
		if v.End <= one.Start || v.Start >= one.End {
			out = append(out, v)
			continue
		}
		if v.Start <= one.Start && v.End >= one.End {
			v.State = export.MarkHidden
			if v.Start == one.Start && v.End == one.End {
				v.Added = v.Added || one.Added && !v.Sure
			}
			one = v
			continue
		}
		overlapped++
		one.Start, one.End, one.Never = min(v.Start, one.Start), max(v.End, one.End), one.Never || v.Never
		if v.Who != "" && overlapped == 1 {
			one.Who, one.Kind = v.Who, v.Kind
		} else if overlapped > 1 && one.Who != v.Who {
			one.Who = ""
		}
	}
	out = append(out, one)
	slices.SortFunc(out, func(a, b Verdict) int { return a.Start - b.Start })
	return out
}

// settleMarks applies what staff said about single places, if the text is still
// the one that they saw.
func settleMarks(rules []Ruling, sum, text string, all []Verdict) []Verdict {
	for _, u := range rules {
		if u.Digest != sum || u.End > len(text) {
			continue
		}
		i := slices.IndexFunc(all, func(v Verdict) bool { return v.Start == u.Start && v.End == u.End })
		switch {
		case i >= 0:
			all[i].rule(u.Act)
		case u.Act == ActHide:
			all = hide(all, Verdict{Mark: redact.Mark{Start: u.Start, End: u.End, Kind: redact.Name, Sure: true}, State: export.MarkHidden})
		}
	}
	return all
}
