package privacy

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/redact"
)

// Review is the sheets of a package under the rulings that stand now, which may
// be more than those that the package was made with.
type Review struct {
	*export.Sheets
	rulings []Ruling
	book    Rulebook
	open    func([]byte) ([]byte, error)
	as      map[string]string // token → what stands for the person in the package
}

// NewReview puts rulings beside sheets; open unseals typed words.
func NewReview(sheets *export.Sheets, rulings []Ruling, open func([]byte) ([]byte, error)) (*Review, error) {
	book, err := NewRulebook(rulings, open)
	if err != nil {
		return nil, err
	}
	r := &Review{Sheets: sheets, rulings: rulings, book: book, open: open, as: map[string]string{}}
	for _, p := range sheets.People {
		r.as[p.Who] = p.As
	}
	return r, nil
}

// Words gives what staff typed, by ruling.
func (r *Review) Words() map[uuid.UUID]string { return r.book.Words() }

// Person gives what staff said about everything of a person, "" for nothing.
func (r *Review) Person(who string) RulingAct { return r.book.Person(who) }

// File gives what staff said about an attachment, "" for nothing.
func (r *Review) File(place string) RulingAct { return r.book.File(place) }

// As is what stands for a person in the package; the bar for somebody new or
// uncertain.
func (r *Review) As(who string) string {
	if as := r.as[who]; as != "" {
		return as
	}
	return redact.Bar
}

// Verdicts says what becomes of a value's marks. Where the text was not marked
// when the sheet was made its digest is not known, and staff decide about typed
// words as a whole.
func (r *Review) Verdicts(talk string, t export.SheetText) []Verdict {
	base := make([]redact.Mark, len(t.Marks))
	for i, m := range t.Marks {
		base[i] = redact.Mark{Start: m.Start, End: m.End, Kind: redact.Kind(m.Kind), Who: m.Who, Sure: m.Sure, Never: m.Never}
	}
	same := func(s string) string { return s }
	return r.book.Settle(t.Place, talk, t.Text, base, same, func(string) string { return t.Sum })
}

// Undecided lists the suggestions that nobody has decided, in the order of the
// package.
func (r *Review) Undecided() ([]export.Suggestion, error) {
	var out, unclear []export.Suggestion
	for _, s := range r.Asked {
		switch {
		case r.decided(s):
		case r.book.long(), len(r.book.words) > 0 && redact.Escaped(s.Around): // words take more room than they have letters
			unclear = append(unclear, s)
		case len(r.book.words) == 0 || r.stays(s):
			out = append(out, s)
		}
	}
	for len(unclear) > 0 {
		first := unclear[0]
		from := first.Page() * export.PageMessages
		page, err := r.Messages(first.Talk, from, export.PageMessages)
		if err != nil {
			return nil, err
		}
		n := 0
		for n < len(unclear) && unclear[n].Talk == first.Talk && unclear[n].Page() == first.Page() {
			if s := unclear[n]; r.isOpen(s, page[s.Message-from].Texts[s.Text]) {
				out = append(out, s)
			}
			n++
		}
		unclear = unclear[n:]
	}
	return out, nil
}

// decided says whether a suggestion is decided by its place or its person.
func (r *Review) decided(s export.Suggestion) bool {
	if s.Who != "" && r.book.people[s.Who] != "" || r.book.rest[""] != "" || r.book.rest[r.Talks[s.Talk].Key] != "" {
		return true
	}
	return slices.ContainsFunc(r.book.marks[s.Place], func(u Ruling) bool { return u.Start == s.Start && u.End == s.End && u.Digest == s.Sum })
}

// stays says whether typed words leave a suggestion undecided, by what stands
// around it.
func (r *Review) stays(s export.Suggestion) bool {
	m := s.SheetMark
	m.Start, m.End = s.Before, s.Before+len(s.Word)
	near := s
	near.Start, near.End = m.Start, m.End
	return r.isOpen(near, export.SheetText{Place: s.Place, Sum: s.Sum, Text: s.Around, Marks: []export.SheetMark{m}})
}

func (r *Review) isOpen(s export.Suggestion, t export.SheetText) bool {
	return slices.ContainsFunc(r.Verdicts(r.Talks[s.Talk].Key, t), func(v Verdict) bool {
		return v.State == export.MarkOpen && v.Start <= s.Start && v.End >= s.End
	})
}

// Settles counts the suggestions that another ruling would decide; words are what
// staff typed for it.
func (r *Review) Settles(before int, u Ruling, words string) (int, error) {
	u.ID, u.Words = uuid.New(), []byte("typed")
	next, err := NewReview(r.Sheets, append(slices.Clone(r.rulings), u), func(sealed []byte) ([]byte, error) {
		if string(sealed) == "typed" {
			return []byte(words), nil
		}
		return r.open(sealed)
	})
	if err != nil {
		return 0, err
	}
	after, err := next.Undecided()
	return max(0, before-len(after)), err
}

// maxLooked is how many messages are looked through for typed words.
const maxLooked = 50_000

// Holds says whether words stand in a conversation, or in any where talk is
// negative. Beyond what is looked through they may.
func (r *Review) Holds(talk int, words string) (bool, error) {
	if strings.TrimSpace(words) == "" {
		return false, nil
	}
	rule, looked := newWordRule(Ruling{}, words), 0
	for n := range r.Talks {
		if talk >= 0 && n != talk {
			continue
		}
		for from := 0; from < r.Talks[n].Messages; from += export.PageMessages {
			if looked += export.PageMessages; looked > maxLooked {
				return true, nil
			}
			page, err := r.Messages(n, from, export.PageMessages)
			if err != nil {
				return false, err
			}
			for _, m := range page {
				if slices.ContainsFunc(m.Texts, func(t export.SheetText) bool { return len(rule.in(t.Text)) > 0 }) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}
