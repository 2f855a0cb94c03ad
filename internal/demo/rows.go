package demo

import (
	"net/netip"
	"time"
)

// One struct per table, and how its row is written. A zero reference, an empty
// optional text and a zero time are NULL. The order of the fields in put is the
// order of the columns in tables (load.go).

type organization struct {
	id                          int64
	name, slug, country, region string
	locale, number, email, plan string
	settings                    string
	created                     time.Time
}

func (o organization) put(r *rows) {
	r.int(o.id)
	for _, s := range []string{o.name, o.slug, o.country, o.region, o.locale, o.number, o.email, o.plan} {
		r.text(s)
	}
	r.json(o.settings)
	r.time(o.created)
	r.end()
}

type user struct {
	id, org            int64
	email, name, role  string
	hash, preferences  string
	created, seen, del time.Time
}

func (u user) put(r *rows) {
	r.int(u.id)
	r.int(u.org)
	r.text(u.email)
	r.text(u.name)
	r.text(u.role)
	r.text(u.hash)
	r.json(u.preferences)
	r.time(u.created)
	r.time(u.seen)
	r.time(u.del)
	r.end()
}

type contact struct {
	id, org                int64
	name, phone, wa, email string
	lang, profile          string
	tags                   []string
	created, del           time.Time
}

func (c contact) put(r *rows) {
	r.int(c.id)
	r.int(c.org)
	r.text(c.name)
	r.text(c.phone)
	r.opt(c.wa)
	r.opt(c.email)
	r.text(c.lang)
	r.json(c.profile)
	r.array(c.tags)
	r.time(c.created)
	r.time(c.del)
	r.end()
}

type note struct {
	id, org, contact, author int64
	body                     string
	at                       time.Time
}

func (n note) put(r *rows) {
	r.int(n.id)
	r.int(n.org)
	r.int(n.contact)
	r.ref(n.author)
	r.text(n.body)
	r.time(n.at)
	r.end()
}

type conversation struct {
	id, org, contact, assigned int64
	channel, status, preview   string
	last, created              time.Time
}

func (c conversation) put(r *rows) {
	r.int(c.id)
	r.int(c.org)
	r.int(c.contact)
	r.ref(c.assigned)
	r.text(c.channel)
	r.text(c.status)
	r.opt(c.preview)
	r.time(c.last)
	r.time(c.created)
	r.end()
}

type message struct {
	id, org, conv       int64
	out                 bool
	sender              int64
	kind, body, payload string
	reply               int64
	wamid               string
	at, del, archived   time.Time
}

// put serves messages and, with a time of archiving, the archive twin.
func (m message) put(r *rows) {
	r.int(m.id)
	r.int(m.org)
	r.int(m.conv)
	if m.out {
		r.text("out")
	} else {
		r.text("in")
	}
	r.ref(m.sender)
	r.text(m.kind)
	r.opt(m.body)
	r.json(m.payload)
	r.ref(m.reply)
	r.opt(m.wamid)
	r.time(m.at)
	r.time(m.del)
	if !m.archived.IsZero() {
		r.time(m.archived)
	}
	r.end()
}

type event struct {
	id, message            int64
	status, recipient, raw string
	at                     time.Time
}

func (e event) put(r *rows) {
	r.int(e.id)
	r.int(e.message)
	r.text(e.status)
	r.text(e.recipient)
	r.json(e.raw)
	r.time(e.at)
	r.end()
}

type reaction struct {
	id, message, contact, user int64
	emoji                      string
	at                         time.Time
}

func (x reaction) put(r *rows) {
	r.int(x.id)
	r.int(x.message)
	r.ref(x.contact)
	r.ref(x.user)
	r.text(x.emoji)
	r.time(x.at)
	r.end()
}

type attachment struct {
	id, org, message int64
	key, name        string
	file             *file
	at               time.Time
}

func (a attachment) put(r *rows) {
	r.int(a.id)
	r.int(a.org)
	r.int(a.message)
	r.text(a.key)
	r.text(a.name)
	r.text(a.file.mime)
	r.int(int64(len(a.file.data)))
	r.text(a.file.sum)
	r.time(a.at)
	r.end()
}

type consent struct {
	id, org, contact                 int64
	purpose, channel, status, source string
	ip                               netip.Addr
	evidence                         string
	at                               time.Time
}

func (c consent) put(r *rows) {
	r.int(c.id)
	r.int(c.org)
	r.int(c.contact)
	r.text(c.purpose)
	r.text(c.channel)
	r.text(c.status)
	r.text(c.source)
	r.ip(c.ip)
	r.json(c.evidence)
	r.time(c.at)
	r.end()
}

type optOut struct {
	id, org                  int64
	channel, number, keyword string
	at                       time.Time
}

func (o optOut) put(r *rows) {
	r.int(o.id)
	r.int(o.org)
	r.text(o.channel)
	r.text(o.number)
	r.opt(o.keyword)
	r.time(o.at)
	r.end()
}

type campaign struct {
	id, org, creator int64
	name, template   string
	recipients       int64
	at               time.Time
}

func (c campaign) put(r *rows) {
	r.int(c.id)
	r.int(c.org)
	r.ref(c.creator)
	r.text(c.name)
	r.text(c.template)
	r.int(c.recipients)
	r.time(c.at)
	r.end()
}

type recipient struct {
	id, campaign     int64
	phone, variables string
	status, wamid    string
	at               time.Time
}

func (c recipient) put(r *rows) {
	r.int(c.id)
	r.int(c.campaign)
	r.text(c.phone)
	r.json(c.variables)
	r.text(c.status)
	r.opt(c.wamid)
	r.time(c.at)
	r.end()
}

type invoice struct {
	id, org                                         int64
	number, name, email, address, country, currency string
	net, tax                                        int64
	lines                                           string
	issued, paid                                    time.Time
}

func (i invoice) put(r *rows) {
	r.int(i.id)
	r.int(i.org)
	for _, s := range []string{i.number, i.name, i.email, i.address, i.country, i.currency} {
		r.text(s)
	}
	r.int(i.net)
	r.int(i.tax)
	r.int(i.net + i.tax)
	r.text(i.lines)
	r.text(i.issued.Format(time.DateOnly))
	r.time(i.paid)
	r.end()
}

type paymentMethod struct {
	id, org                     int64
	holder, brand, token, last4 string
	month, year                 int64
	at                          time.Time
}

func (p paymentMethod) put(r *rows) {
	r.int(p.id)
	r.int(p.org)
	r.text(p.holder)
	r.text(p.brand)
	r.text(p.token)
	r.text(p.last4)
	r.int(p.month)
	r.int(p.year)
	r.time(p.at)
	r.end()
}

type session struct {
	id                    string
	user                  int64
	token                 string
	ip                    netip.Addr
	agent, device         string
	created, seen, expire time.Time
}

func (s session) put(r *rows) {
	r.text(s.id)
	r.int(s.user)
	r.text(s.token)
	r.ip(s.ip)
	r.text(s.agent)
	r.text(s.device)
	r.time(s.created)
	r.time(s.seen)
	r.time(s.expire)
	r.end()
}

type activity struct {
	id, org, user, contact int64
	action                 string
	ip                     netip.Addr
	device, detail         string
	at                     time.Time
}

func (a activity) put(r *rows) {
	r.int(a.id)
	r.int(a.org)
	r.ref(a.user)
	r.ref(a.contact)
	r.text(a.action)
	r.ip(a.ip)
	r.opt(a.device)
	r.json(a.detail)
	r.time(a.at)
	r.end()
}
