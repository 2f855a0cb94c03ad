package demo

import (
	"encoding/base64"
	"fmt"
	"math"
	"time"
)

// world knows how big everything is and can make any row again from its index.
// Only organizations and their staff are kept in memory.
type world struct {
	seed     uint64
	objects  string
	budget   int64 // rows wanted in all
	messages int64 // of everybody but Heavy; whole blocks
	heavy    int64 // of Heavy
	contacts int64
	archived int64 // messages in the archive twin
	firms    []*firm
	slots    [block]slot
	files    []*file
	story    *story

	rows      int64 // written so far, by finished tables
	heavyRows int64 // among all written, what Heavy's messages brought
	written   int64 // files
}

// A block is eight conversations that go on at the same time.
const (
	block     = 64 // messages
	perBlock  = 8  // conversations
	perArch   = 8  // archived messages of a conversation that has any
	archEvery = 12 // of so many first conversations one has archived messages
)

var lengths = [perBlock]int{4, 6, 8, 10, 12, 6, 8, 10} // they sum up to a block

// slot says which conversation of its block a message belongs to.
type slot struct{ conv, turn int }

// firm is an organization with its staff.
type firm struct {
	organization
	trade string
	lang  string
	way   int // how it writes numbers
	staff []user
}

var (
	opened = time.Date(2024, 1, 8, 0, 0, 0, 0, time.UTC)   // first message
	closed = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) // last message
	stored = time.Date(2022, 2, 1, 0, 0, 0, 0, time.UTC)   // first archived message
)

func newWorld(o Options) (*world, error) {
	if o.Rows < 2000 {
		return nil, fmt.Errorf("the demo store needs at least 2000 rows, not %d", o.Rows)
	}
	if o.HeavySubject < 0 {
		return nil, fmt.Errorf("a heavy subject cannot have %d messages", o.HeavySubject)
	}
	w := &world{seed: o.Seed, objects: o.Objects, budget: int64(o.Rows), heavy: int64(o.HeavySubject)}
	const perMessage = 3.1 // rows of all tables that come with one message, and some activity
	blocks := max(int64(float64(o.Rows-900)/perMessage/block), 4)
	w.messages = blocks * block
	convs := blocks * perBlock
	w.contacts = convs * 2 / 3
	w.archived = (w.contacts + archEvery - 1) / archEvery * perArch
	w.layOut()
	w.story = tell(w)
	w.found(4 + w.contacts/1500)
	w.files = stock(o.Seed)
	return w, nil
}

// layOut deals the messages of a block to its conversations: each starts a
// little later than the one before, then they take turns.
func (w *world) layOut() {
	var at int
	for step := 0; at < block; step++ {
		for c := range lengths {
			turn := step - c // conversation c starts at step c
			if turn >= 0 && turn < lengths[c] {
				w.slots[at] = slot{c, turn}
				at++
			}
		}
	}
}

// found makes n organizations beside the fixed ones, with their staff.
func (w *world) found(n int64) {
	for _, o := range w.story.organizations {
		f := &firm{organization: o, lang: o.locale, way: int(o.id)}
		for _, fixed := range []Organization{PadariaEstrela, Baobab, AugenblickOptik, ClinicaIpe, ThamesParcels} {
			if fixed.ID == o.id {
				f.trade = fixed.Trade
			}
		}
		for _, u := range w.story.users {
			if u.org == o.id {
				f.staff = append(f.staff, u)
			}
		}
		w.firms = append(w.firms, f)
	}
	next := int64(FixedIDs)
	for i := range n {
		f := w.firm(i)
		d := throw(w.seed, onUser, i)
		for k := range 3 + d.n(6) {
			next++
			f.staff = append(f.staff, w.employee(&d, f, next, k))
		}
		w.firms = append(w.firms, f)
	}
}

var places = []struct{ region, lang string }{
	{"AE", "ar"}, {"RU", "ru"}, {"FR", "fr"}, {"ES", "es"}, {"TZ", "sw"}, {"BR", "pt"}, {"DE", "de"}, {"US", "en"},
	{"MX", "es"}, {"PT", "pt"}, {"EG", "ar"}, {"KE", "sw"}, {"AT", "de"}, {"GB", "en"},
}

func (w *world) firm(i int64) *firm {
	d := throw(w.seed, onOrganization, i)
	at := places[int(i)%len(places)]
	trade := trades[d.n(len(trades))]
	v := voice{lang: languages()[at.lang], d: &d}
	v.say(trade + ".name")
	id := FixedIDs + 1 + i
	slug := fmt.Sprintf("%s-%d", trade, id)
	c := countries[at.region]
	return &firm{
		organization: organization{
			id: id, name: v.take(), slug: slug, country: at.region, region: at.region, locale: at.lang,
			number: "+" + c.code + c.national(990_000+i), email: "info@" + slug + ".example",
			plan:     pick(&d, []string{"starter", "team", "team", "business"}),
			settings: fmt.Sprintf(`{"retention_days": %d, "opening_hours": "%d-%d"}`, 365*(1+d.n(5)), 7+d.n(3), 17+d.n(4)),
			created:  opened.AddDate(-2, -d.n(20), -d.n(28)),
		},
		trade: trade, lang: at.lang, way: d.n(5),
	}
}

func (w *world) employee(d *dice, f *firm, id int64, k int) user {
	v := voice{lang: languages()[f.lang], d: d}
	u := user{
		id: id, org: f.id, name: v.word("first") + " " + v.word("last"), role: "agent",
		email:   fmt.Sprintf("staff%d@%s.example", k+1, f.slug),
		hash:    passwordHash(d),
		created: f.created.AddDate(0, d.n(12), d.n(28)), seen: closed.Add(-time.Duration(d.n(40*24)) * time.Hour),
		preferences: fmt.Sprintf(`{"locale": "%s", "theme": "%s", "sound": %t}`, f.lang, pick(d, []string{"light", "dark", "system"}), d.of(600)),
	}
	switch k {
	case 0:
		u.role = "owner"
	case 1:
		u.role = "admin"
	}
	if k > 2 && d.of(100) {
		u.del = u.seen
	}
	return u
}

func passwordHash(d *dice) string {
	var b [32]byte
	for i := range b {
		b[i] = byte(d.next() >> 32)
	}
	enc := base64.RawStdEncoding
	return "$argon2id$v=19$m=19456,t=2,p=1$" + enc.EncodeToString(b[:12]) + "$" + enc.EncodeToString(b[12:])
}

// began is when the first conversation of contact i starts, about.
func (w *world) began(i int64) time.Time {
	if i%archEvery == 0 {
		return w.archivedAt(i, 0)
	}
	g := i / perBlock * block
	return w.at(int64(float64(g) * float64(w.messages+w.heavy) / float64(w.messages)))
}

// at is when the i-th message of all was sent: bursts of conversation between
// 7 and 19 o'clock, ever onwards.
func (w *world) at(i int64) time.Time {
	step := float64(closed.Sub(opened)) / float64((w.messages+w.heavy)/block+1)
	start := step * float64(i/block)
	day, hour := math.Modf(start / float64(24*time.Hour))
	burst := math.Min(step/2, float64(100*time.Minute))
	in := burst * float64(i%block) / block
	offset := time.Duration(day)*24*time.Hour + 7*time.Hour + time.Duration(hour*float64(12*time.Hour)+in)
	return opened.Add(offset).Truncate(time.Millisecond)
}

func (w *world) archivedAt(conv int64, turn int) time.Time {
	d := throw(w.seed, onArchive, conv)
	return stored.Add(time.Duration(d.n(600*24))*time.Hour + time.Duration(turn*(3+d.n(40)))*time.Minute)
}

// wamid is the provider's id of a message: base64 around the number.
func wamid(digits string, d *dice) string {
	b := make([]byte, 0, 64)
	b = append(b, 0x1c, 0x18, byte(len(digits)))
	b = append(b, digits...)
	b = append(b, 0x15, 2, 0, 0x11, 0x18, 0x12)
	b = fmt.Appendf(b, "%016X", d.next())
	b = append(b, 0)
	return "wamid." + base64.StdEncoding.EncodeToString(b)
}
