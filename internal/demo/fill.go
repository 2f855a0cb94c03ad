package demo

import (
	"fmt"
	"net/netip"
	"time"
)

// Fillers for organizations, their staff, their contacts and their accounts.

func (w *world) fillOrganizations(r *rows) {
	for _, f := range w.firms {
		f.put(r)
	}
}

func (w *world) fillUsers(r *rows) {
	for _, f := range w.firms {
		for _, u := range f.staff {
			u.put(r)
		}
	}
}

func (w *world) fillContacts(r *rows) {
	for _, c := range w.story.contacts {
		c.put(r)
	}
	w.customers(r, func(_ int64, c *customer, _ *dice) { c.put(r) })
}

// customers goes through the generated contacts.
func (w *world) customers(r *rows, do func(i int64, c *customer, d *dice)) {
	for i := range w.contacts {
		if r.err != nil {
			return
		}
		c := w.customer(i)
		d := throw(w.seed, onExtra, 1<<40+i)
		do(i, &c, &d)
	}
}

func (w *world) fillNotes(r *rows) {
	for _, n := range w.story.notes {
		n.put(r)
	}
	id := int64(FixedIDs)
	w.customers(r, func(_ int64, c *customer, d *dice) {
		if !d.of(100) {
			return
		}
		id++
		author := pick(d, c.firm.staff)
		v := voice{lang: languages()[c.firm.lang], d: d, name: c.first, agent: first(author.name), org: c.firm.name}
		v.say("note")
		note{id: id, org: c.org, contact: c.id, author: author.id, body: v.take(), at: after(d, c.created, 200)}.put(r)
	})
}

func (w *world) fillConsents(r *rows) {
	for _, c := range w.story.consents {
		c.put(r)
	}
	id := int64(FixedIDs)
	w.customers(r, func(_ int64, c *customer, d *dice) {
		for _, purpose := range []string{"service", "marketing", "reminders"} {
			if purpose != "service" && !d.of(250) {
				continue
			}
			id++
			x := consent{id: id, org: c.org, contact: c.id, purpose: purpose, channel: "whatsapp", status: "granted",
				source: pick(d, []string{"webform", "counter", "chat", "import"}), at: after(d, c.created, 30)}
			if x.source == "webform" {
				x.ip = address4(d)
				x.evidence = fmt.Sprintf(`{"form": "newsletter-%d", "text_version": %d}`, 1+d.n(4), 1+d.n(9))
			}
			if purpose == "marketing" && d.of(200) {
				x.status = "withdrawn"
			}
			x.put(r)
		}
	})
}

func (w *world) fillOptOuts(r *rows) {
	for _, o := range w.story.optOuts {
		o.put(r)
	}
	id := int64(FixedIDs)
	w.customers(r, func(_ int64, c *customer, d *dice) {
		if !d.of(30) {
			return
		}
		id++
		optOut{id: id, org: c.org, channel: "whatsapp", number: c.digits, keyword: stopWords[c.lang], at: after(d, c.created, 400)}.put(r)
	})
}

var stopWords = map[string]string{"en": "STOP", "de": "STOPP", "pt": "SAIR", "es": "BAJA", "fr": "STOP", "ar": "إيقاف", "sw": "ACHA", "ru": "СТОП"}

// Campaigns go to two hundred people each.
const perCampaign = 200

// addressed is how many recipients the generated campaigns have together.
func (w *world) addressed() int64 { return w.messages * 12 / 100 }

func (w *world) campaign(i int64) (campaign, *firm) {
	d := throw(w.seed, onExtra, 1<<41+i)
	f := w.firms[d.n(len(w.firms))]
	v := voice{lang: languages()[f.lang], d: &d, name: "{{1}}", org: f.name}
	v.say("campaign")
	name := v.take()
	v.say(f.trade + ".template")
	c := campaign{id: FixedIDs + 1 + i, org: f.id, creator: pick(&d, f.staff).id, name: name, template: v.take(),
		recipients: min(perCampaign, w.addressed()-i*perCampaign), at: after(&d, opened, 1000)}
	return c, f
}

func (w *world) fillCampaigns(r *rows) {
	for _, c := range w.story.campaigns {
		c.put(r)
	}
	for i := range (w.addressed() + perCampaign - 1) / perCampaign {
		c, _ := w.campaign(i)
		c.put(r)
	}
}

func (w *world) fillRecipients(r *rows) {
	for _, c := range w.story.recipients {
		c.put(r)
	}
	var (
		c campaign
		f *firm
	)
	for i := range w.addressed() {
		if r.err != nil {
			return
		}
		if i%perCampaign == 0 {
			c, f = w.campaign(i / perCampaign)
		}
		d := throw(w.seed, onExtra, 1<<42+i)
		// An uploaded list: whoever it names need not be a contact of this
		// organization, and may be written in yet another way.
		who := w.customer(int64(d.next() >> 1 % uint64(w.contacts)))
		x := recipient{id: FixedIDs + 1 + i, campaign: c.id, phone: who.phone,
			status: pick(&d, []string{"sent", "delivered", "delivered", "read", "read", "failed", "skipped"})}
		x.variables = fmt.Sprintf(`{"1": "%s", "code": "%s", "list": "%s-%d.csv"}`, who.first, orderCode(&d), f.slug, c.id)
		if x.status != "skipped" {
			x.wamid, x.at = wamid(who.digits, &d), c.at.Add(time.Duration(d.n(3600))*time.Second)
		}
		x.put(r)
	}
}

func (w *world) fillInvoices(r *rows) {
	for _, i := range w.story.invoices {
		i.put(r)
	}
	id := int64(FixedIDs)
	for _, f := range w.firms {
		d := throw(w.seed, onExtra, 1<<43+f.id)
		v := voice{lang: languages()[f.lang], d: &d}
		address := v.word("street") + ", " + v.word("city")
		for month := range 12 {
			id++
			net := int64(2900 + 100*d.n(400))
			issued := time.Date(2025, time.November, 3, 9, 0, 0, 0, time.UTC).AddDate(0, month, 0)
			x := invoice{id: id, org: f.id, number: fmt.Sprintf("CS-%d-%06d", issued.Year(), id), name: f.name,
				email: "billing@" + f.slug + ".example", address: address, country: f.country, currency: currency(f.country),
				net: net, tax: net * 19 / 100, issued: issued,
				lines: fmt.Sprintf(`[{"item": "plan %s", "cents": %d}, {"item": "messages", "count": %d}]`, f.plan, net, 100+d.n(90000))}
			if month < 11 {
				x.paid = after(&d, issued, 20)
			}
			x.put(r)
		}
	}
}

func currency(country string) string {
	switch country {
	case "BR":
		return "BRL"
	case "GB":
		return "GBP"
	case "KE", "TZ", "US", "AE", "EG", "RU", "MX":
		return "USD"
	}
	return "EUR"
}

func (w *world) fillPaymentMethods(r *rows) {
	id := int64(0)
	for _, f := range w.firms {
		d := throw(w.seed, onExtra, 1<<44+f.id)
		for range 1 + d.n(5)/4 {
			id++
			paymentMethod{id: id, org: f.id, holder: f.name, brand: pick(&d, []string{"visa", "mastercard", "sepa_debit"}),
				token: fmt.Sprintf("pm_%016x", d.next()), last4: fmt.Sprintf("%04d", d.n(10000)),
				month: int64(1 + d.n(12)), year: int64(2027 + d.n(5)), at: after(&d, f.created, 30)}.put(r)
		}
	}
}

var devices = []struct{ name, agent string }{
	{"Windows PC", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"},
	{"MacBook", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"},
	{"Android phone", "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"},
	{"iPad", "Mozilla/5.0 (iPad; CPU OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile Safari/604.1"},
}

func (w *world) fillSessions(r *rows) {
	for _, s := range w.story.sessions {
		s.put(r)
	}
	for _, f := range w.firms {
		for _, u := range f.staff {
			if u.id < FixedIDs {
				continue
			}
			d := throw(w.seed, onExtra, 1<<45+u.id)
			for range 1 + d.n(5) {
				on := pick(&d, devices)
				created := after(&d, closed.AddDate(0, -3, 0), 85)
				session{id: uuidOf(&d), user: u.id, token: fmt.Sprintf("%016x%016x", d.next(), d.next()), ip: address4(&d),
					agent: on.agent, device: on.name, created: created, seen: created.Add(time.Duration(d.n(80)) * time.Hour),
					expire: created.AddDate(0, 1, 0)}.put(r)
			}
		}
	}
}

// fillActivity comes last and brings the total to what was asked for.
func (w *world) fillActivity(r *rows) {
	for _, a := range w.story.activities {
		a.put(r)
	}
	actions := []string{"user.signed_in", "user.signed_in", "conversation.closed", "contact.updated", "campaign.sent", "export.downloaded", "settings.changed"}
	for i := int64(0); w.rows+r.n-w.heavyRows < w.budget && r.err == nil; i++ {
		d := throw(w.seed, onExtra, 1<<46+i)
		on := pick(&d, devices)
		x := activity{id: FixedIDs + 1 + i, action: pick(&d, actions), ip: address4(&d), device: on.name, at: after(&d, opened, 1040)}
		switch x.action {
		case "contact.updated":
			c := w.customer(int64(d.next() >> 1 % uint64(w.contacts)))
			x.org, x.contact, x.user = c.org, c.id, pick(&d, c.firm.staff).id
			x.detail = fmt.Sprintf(`{"changed": ["phone"], "phone": {"old": "%s", "new": "%s"}}`, c.digits, c.phone)
		default:
			f := w.firms[d.n(len(w.firms))]
			x.org, x.user = f.id, pick(&d, f.staff).id
			x.detail = fmt.Sprintf(`{"session": %d, "ok": true}`, d.n(100000))
		}
		x.put(r)
	}
}

// after is a moment within so many days of t, never after the demo's last day.
func after(d *dice, t time.Time, days int) time.Time {
	at := t.Add(time.Duration(d.n(days*24*60)) * time.Minute)
	if at.After(closed) {
		return closed
	}
	return at
}

// address4 comes from the range that is reserved for benchmarks.
func address4(d *dice) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 18 + byte(d.n(2)), byte(d.n(256)), byte(d.n(256))})
}

func uuidOf(d *dice) string {
	a, b := d.next(), d.next()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}
