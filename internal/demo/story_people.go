package demo

import (
	"fmt"
	"net/netip"
	"time"
)

// marina writes to a bakery and to a clinic. Every kind of row that the store
// has for an end-user exists for her at least once.
func (s *story) marina() {
	const caio, ines, rui = 3, 1, 7
	id, clinic := Marina.Contacts[0].ID, Marina.Contacts[1].ID
	digits := Marina.Phone[1:]
	d := throw(s.w.seed, onFile, 1<<41)

	s.talk(conversation{id: 1, org: 1, contact: id, assigned: caio, channel: "whatsapp", status: "closed", created: day(time.May, 6, 10, 4)}, digits, Marina.Name,
		line{body: "Oi, bom dia! Aqui é a Marina Oliveira Costa, a Maricota da esquina 😊"},
		line{by: caio, body: "Bom dia, Marina! Que bom ter você de volta. O que vai ser hoje?"},
		line{body: "Preciso de um bolo de fubá para doze pessoas, no sábado. Pode ser?", more: `"order": {"code": "PE-7731-QX", "items": 1}`},
		line{by: caio, body: "Pode sim. O pedido é PE-7731-QX e fica em 96,00.", reply: 3, emoji: "❤️"},
		line{kind: "media", body: "Quero assim, ó", file: picture(&d), name: "bolo-da-maricota.png", more: `"media": {"id": "771030211"}`},
		line{kind: "media", body: "", file: voiceNote(&d), name: "PTT-20260506.ogg", more: `"media": {"id": "771030212", "voice": true}`},
		line{by: caio, kind: "media", body: "Segue o orçamento.", file: document(&d, "Orcamento PE-7731-QX"), name: "orcamento-PE-7731-QX.pdf", more: `"media": {"id": "771030213"}`},
		line{body: "Entreguem na Rua das Jabuticabeiras 418, por favor.", reply: 4},
		line{kind: "location", more: `"location": {"latitude": -23.55892, "longitude": -46.66118, "name": "Rua das Jabuticabeiras 418"}`},
		line{body: "Se eu não atender, liguem para +55 11 98765-4321 ou escrevam para marina.costa@example.com"},
		line{by: caio, body: "Combinado! Ligamos no (11) 98765-4321 se precisar."},
		line{kind: "reaction", body: "🙏", reply: 11, more: `"reaction": {"emoji": "🙏"}`},
		line{body: "Até sábado! Beijo, Maricota"},
	)
	s.talk(conversation{id: 2, org: 1, contact: id, assigned: ines, channel: "whatsapp", status: "closed", created: day(time.October, 2, 9, 31)}, digits, Marina.Name,
		line{auto: true, kind: "template", body: "Olá Marina! Esta semana: panetone de frutas. Responda SAIR para não receber mais.",
			more: `"template": {"name": "bakery_reminder", "language": "pt", "parameters": ["Marina", "zeferina-7731"]}`},
		line{kind: "interactive", body: "Quero um", more: `"button": {"id": "order", "title": "Quero um", "card": "zeferina-7731"}`},
		line{by: ines, body: "Anotado, Maricota. Igual ao PE-7731-QX, sem nozes?"},
		line{body: "Isso. E esqueça o que mandei antes, era para outra pessoa.", gone: true},
		line{body: "SAIR"},
		line{auto: true, kind: "system", body: "opt_out.recorded", more: `"event": "opt_out.recorded"`},
	)
	s.talk(conversation{id: 3, org: 4, contact: clinic, assigned: rui, channel: "sms", status: "open", created: day(time.November, 12, 14, 20)}, digits, Marina.Name,
		line{auto: true, kind: "template", body: "Clínica Ipê: consulta de Marina Oliveira Costa na quinta às 15:30. Responda 1 para confirmar.",
			more: `"template": {"name": "clinic_reminder", "language": "pt", "parameters": ["Marina Oliveira Costa", "15:30"]}`},
		line{body: "1"},
		line{by: rui, body: "Obrigado! O exame pode ser retirado na recepção, o telefone do cadastro é (11) 98765-4321, certo?"},
		line{body: "Certo. Mandem o resultado para marina.costa@example.com também."},
		line{by: rui, kind: "media", body: "Segue o pedido do exame.", file: plain(&d), name: "pedido-exame.txt", more: `"media": {"id": "771030299"}`},
	)

	past := time.Date(2023, 4, 12, 16, 0, 0, 0, time.UTC)
	for i, body := range []string{"Boa tarde, vocês fazem bolo de fubá? Maricota aqui.", "Fazemos sim!", "Ótimo, passo aí. Meu número novo é 11987654321, com código +5511987654321."} {
		m := message{id: int64(900 + i), org: 1, conv: 1, kind: "text", body: body, out: i == 1, wamid: wamid(digits, &s.d),
			at: past.Add(time.Duration(i) * time.Minute), archived: past.AddDate(1, 0, 0)}
		m.payload = "{" + address(m.out, digits, Marina.Name) + "}"
		if m.out {
			m.sender = caio
		}
		s.archived = append(s.archived, m)
	}
	s.notes = append(s.notes,
		note{id: 1, org: 1, contact: id, author: caio, body: "Cliente antiga, chamam de Maricota. Entregar na Rua das Jabuticabeiras 418, portão verde.", at: day(time.May, 6, 10, 40)},
		note{id: 2, org: 4, contact: clinic, author: rui, body: "Marina Oliveira Costa prefere SMS. Remarcou duas vezes.", at: day(time.November, 12, 14, 50)})
	s.consents = append(s.consents,
		consent{id: 1, org: 1, contact: id, purpose: "service", channel: "whatsapp", status: "granted", source: "chat", at: day(time.May, 6, 10, 4)},
		consent{id: 2, org: 1, contact: id, purpose: "marketing", channel: "whatsapp", status: "granted", source: "webform", ip: netip.MustParseAddr("203.0.113.77"),
			evidence: `{"form": "newsletter-2", "email": "marina.costa@example.com", "text_version": 3}`, at: day(time.May, 7, 18, 22)},
		consent{id: 3, org: 1, contact: id, purpose: "marketing", channel: "whatsapp", status: "withdrawn", source: "chat", evidence: `{"keyword": "SAIR", "number": "5511987654321"}`, at: day(time.October, 2, 9, 39)},
		consent{id: 4, org: 4, contact: clinic, purpose: "reminders", channel: "sms", status: "granted", source: "counter", evidence: `{"signed_as": "Marina Oliveira Costa"}`, at: day(time.January, 15, 11, 0)})
	s.optOuts = append(s.optOuts, optOut{id: 1, org: 1, channel: "whatsapp", number: digits, keyword: "SAIR", at: day(time.October, 2, 9, 39)})
	s.campaigns = append(s.campaigns,
		campaign{id: 1, org: 1, creator: ines, name: "Panetone", template: "Olá {{1}}! Esta semana: panetone de frutas.", recipients: 3, at: day(time.October, 2, 9, 30)},
		campaign{id: 2, org: 4, creator: 6, name: "Vacina", template: "Olá {{1}}, a vacina da gripe chegou.", recipients: 2, at: day(time.April, 20, 8, 0)})
	s.recipients = append(s.recipients,
		recipient{id: 1, campaign: 1, phone: "+55 11 98765-4321", status: "read", wamid: wamid(digits, &s.d), at: day(time.October, 2, 9, 31),
			variables: `{"1": "Marina", "code": "PE-7731-QX", "list": "clientes-outubro.csv"}`},
		recipient{id: 2, campaign: 1, phone: "+55 11 98765-4322", status: "delivered", wamid: wamid("5511987654322", &s.d), at: day(time.October, 2, 9, 31),
			variables: `{"1": "Marina", "list": "clientes-outubro.csv"}`},
		recipient{id: 3, campaign: 1, phone: Heavy.Contacts[0].Phone, status: "sent", wamid: wamid(Heavy.Phone[1:], &s.d), at: day(time.October, 2, 9, 31),
			variables: `{"1": "Beatriz", "list": "clientes-outubro.csv"}`},
		recipient{id: 4, campaign: 2, phone: "11987654321", status: "delivered", wamid: wamid(digits, &s.d), at: day(time.April, 20, 8, 2),
			variables: `{"1": "Marina Oliveira Costa", "list": "pacientes.csv"}`},
		recipient{id: 5, campaign: 2, phone: "11 8765-4321", status: "failed", at: day(time.April, 20, 8, 2), variables: `{"1": "Marina", "list": "pacientes.csv"}`})
}

func (s *story) lukas() {
	const vogt = 5
	d := throw(s.w.seed, onFile, 1<<42)
	s.talk(conversation{id: 4, org: 3, contact: 3, assigned: vogt, channel: "whatsapp", status: "closed", created: day(time.August, 18, 9, 10)}, Lukas.Phone[1:], Lukas.Name,
		line{body: "Guten Morgen, ist meine Brille AO-2204-LB schon fertig?"},
		line{by: vogt, body: "Guten Morgen, Herr Brandt. Ja, Sie können sie ab 14 Uhr abholen."},
		line{kind: "media", body: "Das ist das alte Rezept.", file: picture(&d), name: "rezept-alt.png", more: `"media": {"id": "80112"}`},
		line{body: "Bitte die Rechnung an Kastanienallee 73a, danke.", emoji: "👍"},
		line{by: vogt, kind: "media", body: "Hier ist sie.", file: document(&d, "Rechnung AO-2204-LB"), name: "Rechnung-AO-2204-LB.pdf", reply: 4, more: `"media": {"id": "80113"}`},
	)
	s.consents = append(s.consents, consent{id: 5, org: 3, contact: 3, purpose: "reminders", channel: "whatsapp", status: "granted", source: "counter", at: day(time.March, 2, 10, 0)})
	s.notes = append(s.notes, note{id: 3, org: 3, contact: 3, author: vogt, body: "Titanfassung, Nickelallergie. Ruft nach 18 Uhr zurück.", at: day(time.August, 18, 9, 40)})
}

// amina names other people in her own words: theirs stay when she goes, and
// hers are only mentions when they ask.
func (s *story) amina() {
	tomas, hale := Tomas.UserID, int64(8)
	d := throw(s.w.seed, onFile, 1<<43)
	s.talk(conversation{id: 5, org: 2, contact: 4, assigned: tomas, channel: "whatsapp", status: "closed", created: day(time.September, 7, 7, 50)}, "254722000318", Amina.Name,
		line{body: "Good morning, this is Amina Okafor about BD-5560-AK."},
		line{by: tomas, body: "Good morning! The rider is in Westlands, about twenty minutes away."},
		line{body: "I am travelling. Please hand it to Lukas Brandt, his number is +49 171 3920041."},
		line{kind: "contacts", more: `"contacts": [{"name": "Lukas Brandt", "phones": ["+491713920041"]}]`},
		line{by: tomas, body: "Noted, we will call Lukas Brandt first.", emoji: "✅"},
		line{body: "My colleague Marina recommended you, by the way. Asante sana!"},
		line{kind: "media", body: "The gate looks like this.", file: picture(&d), name: "gate.png", more: `"media": {"id": "90551"}`},
	)
	s.talk(conversation{id: 6, org: 5, contact: 5, assigned: hale, channel: "webchat", status: "open", created: day(time.November, 17, 13, 5)}, "447700900318", Amina.Name,
		line{body: "Hello, can BD-5560-AK be sent on to London? Otherwise write to amina.okafor@example.com."},
		line{by: hale, body: "Hello Amina, yes: it would be at your locker on Friday."},
		line{body: "Perfect. Geoffrey, you are a star."},
	)
	s.consents = append(s.consents,
		consent{id: 6, org: 2, contact: 4, purpose: "service", channel: "whatsapp", status: "granted", source: "chat", at: day(time.September, 7, 7, 50)},
		consent{id: 7, org: 5, contact: 5, purpose: "marketing", channel: "webchat", status: "granted", source: "webform", ip: netip.MustParseAddr("203.0.113.140"), at: day(time.November, 17, 13, 1)})
	s.optOuts = append(s.optOuts, optOut{id: 2, org: 2, channel: "sms", number: "254722000318", keyword: "STOP", at: day(time.September, 9, 6, 30)})
}

// tomas works: sessions, a trail of what he did, messages to customers (some
// of them are in Amina's conversation).
func (s *story) tomas() {
	u := Tomas.UserID
	s.login(u, "198.51.100.201", 2, 18)
	s.login(u, "198.51.100.201", 0, 19)
	s.sessions[len(s.sessions)-2].device = "Tomás's Pixel 8"
	for i, action := range []string{"user.signed_in", "conversation.assigned", "contact.updated", "export.downloaded", "user.signed_out"} {
		var about int64
		detail := fmt.Sprintf(`{"ok": true, "n": %d}`, i)
		if action == "contact.updated" {
			about, detail = 4, `{"changed": ["tags"], "tags": {"old": [], "new": ["wholesale"]}}`
		}
		s.act(u, Tomas.OrganizationID, about, action, "198.51.100.201", "Tomás's Pixel 8", detail, day(time.November, 18, 8, 5*i))
	}
	s.act(u, Tomas.OrganizationID, 0, "profile.updated", "198.51.100.201", "Windows PC",
		`{"changed": ["email"], "email": {"new": "tomas@baobab.example"}}`, day(time.June, 2, 9, 0))

	c := contact{}
	for _, x := range s.contacts {
		if x.name == "Aminata Okafor" {
			c = x
		}
	}
	s.talk(conversation{id: 7, org: 2, contact: c.id, assigned: u, channel: "whatsapp", status: "closed", created: day(time.November, 18, 8, 20)}, number(c), c.name,
		line{body: "Hi, is the Mombasa depot open today?"},
		line{by: u, body: "Yes, until six. Shall I keep your box at the counter?"},
		line{body: "Please do."},
		line{by: u, body: "Done. Ask for locker 12.", reply: 3},
	)
}
