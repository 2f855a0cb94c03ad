package demo

import (
	"fmt"
	"iter"
	"time"
)

// dialogue is one generated conversation.
type dialogue struct {
	id      int64
	with    customer
	agent   user
	channel string
	ours    bool // the organization wrote first
	length  int
	begun   time.Time
	ids     [12]int64  // messages so far, by turn
	wamids  [12]string // and what the provider calls them
	heavy   bool
}

// fact is what every pass over the messages knows about one: enough for its
// events, files and reactions without composing its words.
type fact struct {
	*dialogue
	id     int64
	turn   int
	last   bool
	out    bool
	kind   string
	at     time.Time
	reply  int // turn of the message that this one answers, -1 if none
	wamid  string
	dice   dice // for the words
	preset dice // for what hangs on the message: events, files, reactions
}

// facts goes through all generated messages in the order of their ids. The
// value is only good until the next one.
func (w *world) facts() iter.Seq[*fact] {
	return func(yield func(*fact) bool) {
		var (
			total  = w.messages + w.heavy
			talks  [perBlock]*dialogue
			g, h   int64 // the next of everybody's, the next of Heavy's
			heavys = w.heavyTalks()
			f      fact
		)
		for i := range total {
			id := FixedIDs + 1 + w.archived + i
			if (i+1)*w.heavy/total != i*w.heavy/total { // evenly among the others
				each := (w.heavy + int64(len(heavys)) - 1) / int64(len(heavys))
				dlg := heavys[h/each]
				f = w.fact(dlg, id, int(h%each), i)
				f.last = h%each == each-1 || h == w.heavy-1
				h++
			} else {
				if g%block == 0 {
					for c := range talks {
						talks[c] = w.dialogue(g/block*perBlock+int64(c), lengths[c])
					}
				}
				s := w.slots[g%block]
				f = w.fact(talks[s.conv], id, s.turn, i)
				f.last = s.turn == lengths[s.conv]-1
				g++
			}
			if !yield(&f) {
				return
			}
		}
	}
}

// dialogue makes the v-th conversation. The first ones introduce the contacts
// one by one; later ones are with somebody who has written before.
func (w *world) dialogue(v int64, length int) *dialogue {
	d := throw(w.seed, onConversation, -1-v)
	who := v
	if v >= w.contacts {
		who = int64(d.next() >> 1 % uint64(w.contacts))
	}
	dlg := &dialogue{id: FixedIDs + 1 + v, with: w.customer(who), length: length, ours: d.of(250), channel: "whatsapp"}
	dlg.agent = pick(&d, dlg.with.firm.staff)
	switch {
	case dlg.with.wa == "":
		dlg.channel = "sms"
	case d.of(60):
		dlg.channel = "webchat"
	}
	return dlg
}

// heavyTalks are the conversations of Heavy: they have fixed ids and go on as
// long as needed.
func (w *world) heavyTalks() []*dialogue {
	if w.heavy == 0 {
		return nil
	}
	firm := w.firms[0]
	who := customer{firm: firm, first: Heavy.firstName(), digits: Heavy.Phone[1:]}
	for _, c := range w.story.contacts {
		if c.id == Heavy.Contacts[0].ID {
			who.contact = c
		}
	}
	out := make([]*dialogue, min(200, 1+w.heavy/64))
	for i := range out {
		out[i] = &dialogue{id: int64(700 + i), with: who, agent: firm.staff[i%len(firm.staff)],
			channel: "whatsapp", length: 10, heavy: true}
	}
	return out
}

func (w *world) fact(dlg *dialogue, id int64, turn int, i int64) fact {
	d := throw(w.seed, onMessage, id)
	f := fact{dialogue: dlg, id: id, turn: turn, at: w.at(i), reply: -1, wamid: wamid(dlg.with.digits, &d)}
	f.out = (turn%2 == 0) == dlg.ours
	if turn > 0 && d.of(120) {
		f.out = !f.out // two in a row from one side
	}
	f.kind = kindOf(&d, f.out, turn, dlg)
	slot := turn % len(dlg.ids)
	if turn == 0 {
		dlg.begun = f.at
	}
	if back := 1 + d.n(3); f.kind == "reaction" || back <= turn && d.of(70) {
		f.reply = max(turn-back, 0)
	}
	dlg.ids[slot], dlg.wamids[slot] = id, f.wamid
	f.dice, f.preset = throw(w.seed, onExtra, -id), throw(w.seed, onEvent, id)
	return f
}

func kindOf(d *dice, out bool, turn int, dlg *dialogue) string {
	p := d.n(1000)
	switch {
	case out && turn == 0:
		return "template"
	case dlg.channel == "sms":
		return "text"
	case turn > 0 && p < 20:
		return "reaction"
	case p < 75 && (!out || p < 50):
		return "media"
	case !out && p < 90:
		return "location"
	case !out && p < 98:
		return "contacts"
	case !out && turn == 1 && dlg.ours && p < 500:
		return "interactive"
	case out && p < 60:
		return "system"
	}
	return "text"
}

// compose writes the message: words, payload, references.
func (w *world) compose(f *fact) message {
	d := f.dice
	m := message{id: f.id, org: f.with.firm.id, conv: f.dialogue.id, out: f.out, kind: f.kind, at: f.at, wamid: f.wamid}
	if f.out && f.kind != "template" && f.kind != "system" {
		m.sender = f.agent.id
	}
	if f.reply >= 0 && f.kind != "reaction" {
		m.reply = f.ids[f.reply%len(f.ids)]
	}
	if d.of(8) {
		m.del = f.at.Add(time.Duration(1+d.n(60)) * time.Minute)
	}
	v := voice{lang: languages()[f.with.lang], d: &d, name: f.with.first, agent: first(f.agent.name), org: f.with.firm.name}
	from := address(f.out, f.with.digits, f.with.name)
	switch f.kind {
	case "text":
		w.talk(&v, f)
		m.body, m.payload = v.take(), "{"+from+"}"
	case "template":
		v.say(f.with.firm.trade + ".template")
		m.body = v.take()
		m.payload = fmt.Sprintf(`{%s, "template": {"name": "%s_reminder", "language": "%s", "parameters": ["%s"]}}`,
			from, f.with.firm.trade, f.with.lang, f.with.first)
	case "media":
		v.say("caption")
		m.body = v.take()
		m.payload = fmt.Sprintf(`{%s, "media": {"id": "%d"}}`, from, d.next()>>12)
	case "reaction":
		m.body = pick(&d, emojis)
		m.payload = fmt.Sprintf(`{%s, "reaction": {"emoji": "%s", "message_id": "%s"}}`, from, m.body, f.wamids[f.reply%len(f.wamids)])
	case "location":
		m.payload = fmt.Sprintf(`{%s, "location": {"latitude": %.5f, "longitude": %.5f, "name": "%s"}}`,
			from, float64(d.n(140000)-60000)/1000, float64(d.n(300000)-150000)/1000, v.word("street"))
	case "contacts":
		name, phone := w.stranger(&d)
		m.payload = fmt.Sprintf(`{%s, "contacts": [{"name": "%s", "phones": ["%s"]}]}`, from, name, phone)
	case "interactive":
		m.body = "1"
		m.payload = fmt.Sprintf(`{%s, "button": {"id": "confirm", "title": "1"}}`, from)
	case "system":
		m.body = "conversation.assigned"
		m.payload = fmt.Sprintf(`{"event": "conversation.assigned", "user_id": %d}`, f.agent.id)
		m.wamid = ""
	}
	return m
}

var emojis = []string{"👍", "❤️", "🙏", "😂", "😮", "✅"}

// talk says what fits the turn: question, answer, detail, thanks, goodbye.
func (w *world) talk(v *voice, f *fact) {
	trade, turn := f.with.firm.trade, f.turn%f.length
	left := f.length - turn
	switch {
	case !f.out && turn <= 1:
		v.say("greet")
		v.say(trade + ".ask")
		if v.d.of(300) {
			v.say("extra")
		}
	case !f.out && left <= 2:
		v.say("thanks")
	case !f.out && v.d.of(40):
		v.person, v.phone = w.stranger(v.d)
		v.say("mention")
	case !f.out:
		v.say(trade + ".more")
		if v.d.of(150) {
			v.say("extra")
		}
	case turn <= 2:
		v.say("hello")
		v.say(trade + ".answer")
	case left <= 2:
		if v.d.of(500) {
			v.say(trade + ".done")
		}
		v.say("close")
	default:
		v.say(trade + pick(v.d, []string{".answer", ".done"}))
	}
}

// stranger is another generated contact, for mentions.
func (w *world) stranger(d *dice) (name, phone string) {
	c := w.customer(int64(d.next() >> 1 % uint64(w.contacts)))
	return c.name, "+" + c.digits
}

// address is the part of a payload that names the other side's number.
func address(out bool, digits, name string) string {
	if out {
		return `"to": "` + digits + `"`
	}
	return `"from": "` + digits + `", "profile": "` + name + `"`
}

func first(name string) string {
	for i, r := range name {
		if r == ' ' {
			return name[:i]
		}
	}
	return name
}
