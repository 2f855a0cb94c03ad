package demo

import (
	"fmt"
	"strings"
	"time"
)

// customer is a contact with what conversations need to know.
type customer struct {
	contact
	firm   *firm
	first  string
	digits string // number with the country code
}

// customer makes the i-th contact. Each eleventh is somebody whom another
// organization has as well, and wrote down its own way.
func (w *world) customer(i int64) customer {
	f, person := w.employer(i), i
	if i%11 == 10 {
		person = i - 7
	}
	home := w.employer(person)
	d := throw(w.seed, onExtra, person)
	region, lang := home.region, home.lang
	if d.of(120) { // from abroad
		at := pick(&d, places)
		region, lang = at.region, at.lang
	}
	c := countries[region]
	national := c.national(person)
	v := voice{lang: languages()[lang], d: &d}
	p := customer{firm: f, first: v.word("first"), digits: c.code + national}
	p.id, p.org, p.lang = FixedIDs+1+i, f.id, lang
	p.name = p.first + " " + v.word("last")
	if d.of(400) {
		p.email = mailbox(&d, p.name, person)
	}
	city := v.word("city")

	d = throw(w.seed, onContact, i) // from here on as this organization wrote it
	p.phone = c.write(national, w.way(&d, f, region))
	if !d.of(80) {
		p.wa = p.digits
	}
	p.profile = profile(&d, city, lang)
	p.tags = tags[d.n(len(tags))]
	p.created = w.began(i).Add(-time.Duration(1+d.n(300)) * time.Hour)
	if d.of(25) {
		p.del = closed.Add(-time.Duration(d.n(200*24)) * time.Hour)
	}
	return p
}

// employer is the organization of a contact; small indexes are big ones.
func (w *world) employer(i int64) *firm {
	d := throw(w.seed, onConversation, i)
	k := min(d.n(len(w.firms)), d.n(len(w.firms)))
	if i%11 == 10 && w.firms[k] == w.employer(i-7) {
		k = (k + 1) % len(w.firms)
	}
	return w.firms[k]
}

func (w *world) way(d *dice, f *firm, region string) int {
	switch {
	case region != f.region:
		return 2 * d.n(3) // all even ways carry the country code
	case d.of(250):
		return d.n(5)
	}
	return f.way
}

var tags = [][]string{nil, nil, {"vip"}, {"newsletter"}, {"regular"}, {"regular", "newsletter"}, {"complaint"}, {"wholesale", "invoice"}, {"new"}}

func profile(d *dice, city, lang string) string {
	switch d.n(4) {
	case 0:
		return "{}"
	case 1:
		return fmt.Sprintf(`{"city": "%s", "source": "import"}`, city)
	case 2:
		return fmt.Sprintf(`{"city": "%s", "birthday": "%d-%02d-%02d", "language": "%s"}`, city, 1950+d.n(55), 1+d.n(12), 1+d.n(28), lang)
	}
	return fmt.Sprintf(`{"source": "qr-code", "custom": {"orders": %d, "last_rating": %d}}`, d.n(40), 1+d.n(5))
}

var mailHosts = []string{"example.com", "example.org", "example.net", "mail.example", "post.example"}

var plainLetters = strings.NewReplacer("ß", "ss", "ä", "ae", "ö", "oe", "ü", "ue", "á", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ñ", "n", "ó", "o", "ú", "u", "ç", "c")

func mailbox(d *dice, name string, person int64) string {
	local := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r
		case r == ' ':
			return '.'
		}
		return -1
	}, plainLetters.Replace(strings.ToLower(name)))
	if len(local) < 6 {
		local = pick(d, []string{"hello", "me", "post", "family", "nour", "volga"})
	}
	return fmt.Sprintf("%s.%d@%s", local, person, pick(d, mailHosts))
}
