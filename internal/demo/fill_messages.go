package demo

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Fillers for the tables around messages. Each goes through all facts again:
// making a fact anew is cheaper than keeping twenty million of them.

func (w *world) fillConversations(r *rows) {
	for _, c := range w.story.conversations {
		c.put(r)
	}
	for f := range w.facts() {
		if r.err != nil {
			return
		}
		if !f.last {
			continue
		}
		c := conversation{id: f.dialogue.id, org: f.with.firm.id, contact: f.with.id, assigned: f.agent.id,
			channel: f.channel, status: "closed", preview: preview(w.compose(f)), last: f.at, created: f.begun}
		switch v := f.dialogue.id - FixedIDs - 1; {
		case v >= 0 && v < w.contacts && v%archEvery == 0:
			c.created = w.archivedAt(v, 0)
		case v%9 == 4:
			c.assigned = 0
		}
		if closed.Sub(f.at) < 30*24*time.Hour {
			c.status = []string{"open", "pending"}[f.id%2]
		}
		c.put(r)
		w.heavyRow(f)
	}
}

// preview is the derived copy that conversation lists show.
func preview(m message) string {
	if m.body == "" || m.kind == "system" {
		return "[" + m.kind + "]"
	}
	const most = 60
	if utf8.RuneCountInString(m.body) <= most {
		return m.body
	}
	return string([]rune(m.body)[:most-1]) + "…"
}

func (w *world) heavyRow(f *fact) {
	if f.heavy {
		w.heavyRows++
	}
}

func (w *world) fillMessages(r *rows) {
	for _, m := range w.story.messages {
		m.put(r)
	}
	for f := range w.facts() {
		if r.err != nil {
			return
		}
		w.compose(f).put(r)
		w.heavyRow(f)
	}
}

// fillArchive gives one conversation in twelve a past before its first
// message that is still live.
func (w *world) fillArchive(r *rows) {
	for _, m := range w.story.archived {
		m.put(r)
	}
	for k := range w.archived / perArch {
		dlg := w.dialogue(k*archEvery, perArch)
		for turn := range perArch {
			f := w.fact(dlg, FixedIDs+1+k*perArch+int64(turn), turn, 0)
			f.at = w.archivedAt(k*archEvery, turn)
			m := w.compose(&f)
			m.archived = f.at.AddDate(1, 0, 0)
			m.put(r)
		}
		if r.err != nil {
			return
		}
	}
}

func (w *world) fillEvents(r *rows) {
	for _, e := range w.story.events {
		e.put(r)
	}
	id := int64(FixedIDs)
	for f := range w.facts() {
		if r.err != nil {
			return
		}
		if !f.out || f.kind == "system" {
			continue
		}
		for _, e := range delivery(f.preset, f.id, f.wamid, f.with.digits, f.at) {
			id++
			e.id = id
			e.put(r)
			w.heavyRow(f)
		}
	}
}

// delivery is the trail of one message that went out.
func delivery(d dice, message int64, wamid, digits string, at time.Time) []event {
	trail := make([]event, 0, 3)
	add := func(status, more string) {
		raw := `{"id": "` + wamid + `", "status": "` + status + `", "timestamp": "` + fmt.Sprint(at.Unix()) +
			`", "recipient_id": "` + digits + `"` + more + `}`
		trail = append(trail, event{message: message, status: status, recipient: digits, raw: raw, at: at})
		at = at.Add(time.Duration(800+d.n(90_000)) * time.Millisecond)
	}
	at = at.Add(time.Duration(200+d.n(1800)) * time.Millisecond)
	add("sent", `, "pricing": {"category": "service", "billable": false}`)
	if d.of(20) {
		add("failed", `, "errors": [{"code": 131026, "title": "Message undeliverable"}]`)
		return trail
	}
	add("delivered", "")
	if d.of(800) {
		add("read", "")
	}
	return trail
}

func (w *world) fillReactions(r *rows) {
	for _, x := range w.story.reactions {
		x.put(r)
	}
	id := int64(FixedIDs)
	for f := range w.facts() {
		if r.err != nil {
			return
		}
		d := f.preset
		d.next() // apart from the events' dice
		if f.kind == "system" || f.kind == "reaction" || !d.of(45) {
			continue
		}
		id++
		x := reaction{id: id, message: f.id, contact: f.with.id, emoji: pick(&d, emojis), at: f.at.Add(time.Duration(1+d.n(50)) * time.Minute)}
		if !f.out {
			x.contact, x.user = 0, f.agent.id
		}
		x.put(r)
		w.heavyRow(f)
	}
}

func (w *world) fillAttachments(r *rows) {
	for _, a := range w.story.attachments {
		w.putAttachment(r, a)
	}
	id := int64(FixedIDs)
	for f := range w.facts() {
		if r.err != nil {
			return
		}
		if f.kind != "media" {
			continue
		}
		d := f.preset
		for range 1 + d.n(10)/9 { // one in ten sends two
			id++
			w.putAttachment(r, w.attached(&d, f, id))
			w.heavyRow(f)
		}
	}
}

func (w *world) attached(d *dice, f *fact, id int64) attachment {
	content := pick(d, w.files)
	return attachment{
		id: id, org: f.with.firm.id, message: f.id, file: content, at: f.at,
		key:  fmt.Sprintf("%d/%s/%08x-%d.%s", f.with.firm.id, f.at.Format("2006/01"), d.next()>>32, id, content.ext),
		name: strings.ReplaceAll(pick(d, filenames[content.ext]), "#", fmt.Sprint(1000+d.n(9000))),
	}
}

func (w *world) putAttachment(r *rows, a attachment) {
	a.put(r)
	if w.objects == "" {
		return
	}
	if err := a.file.store(w.objects, a.key); err != nil && r.err == nil {
		r.err = err
	}
	w.written++
}

var filenames = map[string][]string{
	"png": {"IMG_#.png", "photo-#.png", "Screenshot #.png"},
	"pdf": {"receipt-#.pdf", "Rechnung_#.pdf", "pedido-#.pdf"},
	"ogg": {"PTT-#.ogg", "voice-#.ogg"},
	"txt": {"list-#.txt", "order #.txt"},
}
