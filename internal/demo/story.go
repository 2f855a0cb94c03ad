package demo

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// story holds the rows of the fixed people and organizations.
type story struct {
	w             *world
	d             dice
	organizations []organization
	users         []user
	contacts      []contact
	notes         []note
	conversations []conversation
	messages      []message
	archived      []message
	events        []event
	reactions     []reaction
	attachments   []attachment
	consents      []consent
	optOuts       []optOut
	campaigns     []campaign
	recipients    []recipient
	invoices      []invoice
	sessions      []session
	activities    []activity
}

// tell writes the story down. It does not depend on the size of a load.
func tell(w *world) *story {
	s := &story{w: w, d: throw(w.seed, onFile, 1<<40)}
	s.firms()
	s.staff()
	s.people()
	s.lookalikes()
	s.marina()
	s.lukas()
	s.amina()
	s.tomas()
	return s
}

// day is a moment of the story, in 2026.
func day(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
}

func (s *story) firms() {
	add := func(o Organization, slug, region, locale, number, plan string) {
		s.organizations = append(s.organizations, organization{id: o.ID, name: o.Name, slug: slug, country: o.Country,
			region: region, locale: locale, number: number, email: o.Email, plan: plan,
			settings: `{"retention_days": 1095, "opening_hours": "7-19"}`, created: time.Date(2021, 3, int(o.ID), 9, 0, 0, 0, time.UTC)})
	}
	add(PadariaEstrela, "padaria-estrela", "BR", "pt", "+551130304040", "team")
	add(Baobab, "baobab-deliveries", "KE", "en", "+254709000100", "business")
	add(AugenblickOptik, "augenblick-optik", "DE", "de", "+493023125080", "team")
	add(ClinicaIpe, "clinica-ipe", "BR", "pt", "+551130305050", "business")
	add(ThamesParcels, "thames-parcels", "GB", "en", "+442079460321", "team")
}

func (s *story) staff() {
	add := func(id, org int64, name, email, role string) {
		s.users = append(s.users, user{id: id, org: org, name: name, email: email, role: role, hash: passwordHash(&s.d),
			preferences: `{"theme": "system", "sound": true}`, created: time.Date(2022, 1, int(id), 8, 30, 0, 0, time.UTC),
			seen: day(time.November, 19, 16, int(id))})
	}
	add(Ines.UserID, Ines.OrganizationID, Ines.Name, Ines.Email, Ines.Role)
	add(Tomas.UserID, Tomas.OrganizationID, Tomas.Name, Tomas.Email, Tomas.Role)
	add(3, PadariaEstrela.ID, "Caio Teixeira", "caio@padaria-estrela.example", "agent")
	add(4, Baobab.ID, "Wanjiru Kamau", "wanjiru@baobab.example", "owner")
	add(5, AugenblickOptik.ID, "Friederike Vogt", "f.vogt@augenblick-optik.example", "owner")
	add(6, ClinicaIpe.ID, "Helena Prates", "helena@clinica-ipe.example", "owner")
	add(7, ClinicaIpe.ID, "Rui Sampaio", "rui@clinica-ipe.example", "agent")
	add(8, ThamesParcels.ID, "Geoffrey Hale", "g.hale@thames-parcels.example", "admin")
	add(9, PadariaEstrela.ID, "Lívia Rezende", "livia@padaria-estrela.example", "admin")
	s.users[8].del = day(time.August, 3, 12, 0)

	s.login(Ines.UserID, "198.51.100.14", 0, 10)
	s.login(4, "198.51.100.77", 1, 12)
	s.act(Ines.UserID, Ines.OrganizationID, 0, "user.signed_in", "198.51.100.14", "Windows PC", `{"ok": true}`, day(time.November, 10, 8, 2))
	s.act(Ines.UserID, Ines.OrganizationID, 0, "campaign.sent", "198.51.100.14", "Windows PC", `{"campaign": 1}`, day(time.October, 2, 9, 30))
	s.act(3, PadariaEstrela.ID, Marina.Contacts[0].ID, "contact.updated", "198.51.100.15", "Android phone",
		fmt.Sprintf(`{"changed": ["phone"], "name": "%s", "phone": {"old": "%s", "new": "%s"}}`, Marina.Name, Marina.Contacts[0].WaID, Marina.Contacts[0].Phone),
		day(time.May, 6, 10, 12))
}

func (s *story) login(user int64, ip string, device, dayOfMonth int) {
	on, at := devices[device], day(time.November, dayOfMonth, 8, 0)
	s.sessions = append(s.sessions, session{id: uuidOf(&s.d), user: user, token: fmt.Sprintf("%016x%016x", s.d.next(), s.d.next()),
		ip: netip.MustParseAddr(ip), agent: on.agent, device: on.name, created: at, seen: at.Add(9 * time.Hour), expire: at.AddDate(0, 1, 0)})
}

func (s *story) act(user, org, contact int64, action, ip, device, detail string, at time.Time) {
	s.activities = append(s.activities, activity{id: int64(len(s.activities) + 1), org: org, user: user, contact: contact,
		action: action, ip: netip.MustParseAddr(ip), device: device, detail: detail, at: at})
}

// people writes down the fixed people as their organizations did.
func (s *story) people() {
	for _, p := range People() {
		for _, c := range p.Contacts {
			s.contacts = append(s.contacts, contact{id: c.ID, org: c.OrganizationID, name: p.Name, phone: c.Phone, wa: c.WaID,
				email: c.Email, lang: p.Language, created: time.Date(2023, 2, int(c.ID), 11, 0, 0, 0, time.UTC)})
		}
	}
	set := func(id int64, profile string, tags ...string) {
		for i := range s.contacts {
			if s.contacts[i].id == id {
				s.contacts[i].profile, s.contacts[i].tags = profile, tags
			}
		}
	}
	set(1, `{"nickname": "Maricota", "address": "Rua das Jabuticabeiras 418", "birthday": "1988-04-17", "custom": {"favourite": "bolo de fubá", "card": "zeferina-7731"}}`, "vip", "newsletter")
	set(2, `{"source": "import", "insurance": {"plan": "familiar", "holder": "Marina Oliveira Costa"}}`, "regular")
	set(3, `{"address": "Kastanienallee 73a", "frame": "titan"}`, "regular")
	set(4, `{"source": "qr-code"}`, "wholesale")
	set(5, `{"source": "webform", "locker": "Paddington 4"}`, "new")
}

// lookalikes are other people whom a careless search would take for a fixed
// one: they differ in one digit, one letter, or the country.
func (s *story) lookalikes() {
	add := func(id, org int64, name, phone, wa, email, lang string) {
		s.contacts = append(s.contacts, contact{id: id, org: org, name: name, phone: phone, wa: wa, email: email, lang: lang,
			created: time.Date(2024, 6, int(id-10), 15, 0, 0, 0, time.UTC)})
	}
	add(11, 1, "Marina Souza", "+55 11 98765-4322", "5511987654322", "marina.souza@example.com", "pt")
	add(12, 1, "Otávio Lemos", "+55 11 98765-43210", "55119876543210", "xmarina.costa@example.com", "pt")
	add(13, 4, "Marina Lacerda", "(11) 8765-4321", "", "marina.costa2@example.com", "pt")
	add(14, 4, "Mario Olivares", "(21) 98765-4321", "5521987654321", "", "pt")
	add(15, 3, "Lukas Brandtner", "0171 3920042", "491713920042", "lukas.brandtner@example.de", "de")
	add(16, 2, "Aminata Okafor", "0722 000381", "254722000381", "aminata.okafor@example.com", "en")
	add(17, 5, "Marina Oliver", "(011) 98765-432", "4411987654320", "", "en")

	for i, c := range s.contacts[len(s.contacts)-7:] {
		at := day(time.July, 3+i, 9, 15)
		agent := s.agentOf(c.org)
		words := map[string][2]string{
			"pt": {"Oi, aqui é outra pessoa: meu pedido ainda não chegou.", "Já verifico, um momento."},
			"de": {"Guten Tag, meine Brille drückt am Ohr.", "Kommen Sie gern vorbei, wir richten sie."},
			"en": {"Hello, my parcel has the wrong name on it.", "Thanks, we will check the label."},
		}[c.lang]
		s.talk(conversation{id: 10 + int64(i), org: c.org, contact: c.id, assigned: agent, channel: "whatsapp", status: "closed", created: at},
			number(c), c.name, line{body: words[0]}, line{by: agent, body: words[1]})
		s.consents = append(s.consents, consent{id: 100 + int64(i), org: c.org, contact: c.id, purpose: "service", channel: "whatsapp",
			status: "granted", source: "chat", at: at})
	}
	s.optOuts = append(s.optOuts, optOut{id: 11, org: 1, channel: "whatsapp", number: "5511987654322", keyword: "SAIR", at: day(time.July, 9, 10, 0)})
}

func (s *story) agentOf(org int64) int64 {
	for i := len(s.users) - 1; i >= 0; i-- {
		if s.users[i].org == org && s.users[i].del.IsZero() {
			return s.users[i].id
		}
	}
	return 0
}

func number(c contact) string {
	if c.wa != "" {
		return c.wa
	}
	return "55" + strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, c.phone)
}

// line is one message of a told conversation.
type line struct {
	by    int64  // the user who wrote it; 0 is the contact
	auto  bool   // sent by the organization, by nobody in person
	kind  string // "" is text
	body  string
	more  string // JSON members for the payload
	reply int    // 1 answers the first line, 0 none
	emoji string // the other side's reaction
	file  *file
	name  string // of the file
	gone  bool   // deleted in the product
}

// talk tells a conversation: messages two minutes apart, with the events,
// reactions, files and the preview that belong to them.
func (s *story) talk(c conversation, digits, name string, lines ...line) {
	base := int64(len(s.messages))
	at := c.created
	for i, l := range lines {
		m := message{id: base + int64(i) + 1, org: c.org, conv: c.id, out: l.by != 0 || l.auto, sender: l.by, kind: l.kind, body: l.body,
			wamid: wamid(digits, &s.d), at: at}
		if m.kind == "" {
			m.kind = "text"
		}
		members := []string{address(m.out, digits, name)}
		if l.more != "" {
			members = append(members, l.more)
		}
		if l.reply > 0 {
			m.reply = base + int64(l.reply)
			members = append(members, fmt.Sprintf(`"context": {"id": "%s"}`, s.messages[m.reply-1].wamid))
		}
		m.payload = "{" + strings.Join(members, ", ") + "}"
		if l.gone {
			m.del = at.Add(time.Hour)
		}
		s.messages = append(s.messages, m)
		s.hang(m, c, digits, l)
		c.last, c.preview = at, preview(m)
		at = at.Add(2 * time.Minute)
	}
	s.conversations = append(s.conversations, c)
}

// hang adds what belongs to a message.
func (s *story) hang(m message, c conversation, digits string, l line) {
	if m.out && m.kind != "system" {
		for _, e := range delivery(throw(s.w.seed, onEvent, m.id), m.id, m.wamid, digits, m.at) {
			e.id = int64(len(s.events) + 1)
			s.events = append(s.events, e)
		}
	}
	if l.emoji != "" {
		x := reaction{id: int64(len(s.reactions) + 1), message: m.id, emoji: l.emoji, at: m.at.Add(time.Minute)}
		if m.out {
			x.contact = c.contact
		} else {
			x.user = c.assigned
		}
		s.reactions = append(s.reactions, x)
	}
	if l.file != nil {
		s.attachments = append(s.attachments, attachment{id: int64(len(s.attachments) + 1), org: m.org, message: m.id, file: l.file, name: l.name,
			key: fmt.Sprintf("%d/story/%02d/%s", m.org, m.id, l.name), at: m.at})
	}
}
