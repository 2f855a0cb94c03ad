package connector

import (
	"slices"
	"strings"
	"unicode"
)

// What names say. Only whole words count: "emailed_at" is no address.
var (
	emailWords     = []string{"email", "mail", "emails"}
	phoneWords     = []string{"phone", "tel", "telephone", "mobile", "cell", "msisdn", "whatsapp", "telefon", "handy", "cellphone", "wa", "phonenumber"}
	notValueWords  = []string{"template", "subject", "body", "count", "total", "verified", "status", "type", "kind", "sent", "at", "enabled", "account", "text", "message", "name", "username"}
	nameWords      = []string{"name", "username", "login", "nickname", "handle", "fullname", "firstname", "lastname", "surname", "holder", "nick", "alias", "address", "street", "birthday", "birthdate", "dob"}
	secretWords    = []string{"password", "passwd", "pwd", "passphrase", "secret", "token", "otp", "totp", "salt", "credential", "credentials", "apikey", "pin", "cvv", "cookie"}
	textWords      = []string{"body", "text", "content", "note", "notes", "message", "comment", "description", "words", "subject", "topic", "summary", "preview", "detail", "details", "remark", "reason", "bio", "about"}
	authorWords    = []string{"author", "sender", "submitter", "commenter", "creator", "created", "by", "writer", "posted", "uploaded", "sent", "agent", "acting", "actor", "performer"}
	namedWords     = []string{"assigned", "assignee", "mentioned", "reviewer", "approver", "muted", "referred", "transferred", "resumed"}
	addresseeWords = []string{"recipient", "addressee", "receiver", "to"}
	regionWords    = []string{"region", "country", "land", "territory"}
	deviceWords    = []string{"ip", "device", "agent", "browser", "useragent"}
	tenantWords    = []string{"organization", "organisation", "tenant", "workspace", "company", "firm", "realm", "team", "business", "merchant", "shop", "org"}
	personWords    = []string{"contact", "customer", "person", "subscriber", "client", "guest", "lead", "patient", "visitor", "buyer", "recipientprofile", "kunde", "people", "enduser", "participant", "profile"}
	staffWords     = []string{"user", "agent", "staff", "employee", "operator", "admin", "member", "userprofile"}
	objectWords    = []string{"object", "thumbnail", "csv", "export", "import", "picture", "photo", "preview", "recording", "storage", "file", "media", "s3", "blob", "attachment", "upload", "avatar", "image"}
	keptWords      = []string{"invoice", "bill", "payment", "charge", "transaction", "receipt", "refund", "booking", "ledger", "order"}
	paidWords      = []string{"agent", "staff", "employee", "operator", "admin"}
	optOutWords    = []string{"suppression", "suppressed", "optout", "unsubscribe", "unsubscribed", "unsubscription", "blocklist", "blacklist", "dnc"}
	heldWords      = []string{"number", "digits", "address", "recipient", "msisdn", "value", "identifier"}
	pointerWords   = []string{"last", "latest", "newest", "first", "primary", "default", "current", "main", "active", "pinned", "cover", "head", "best"}
	archiveWords   = []string{"archive", "archived", "archives", "history", "old", "backup", "cold", "trash"}
	renderedWords  = []string{"rendered", "html", "formatted", "processed", "plain", "stripped", "cached", "preview", "excerpt", "snippet", "cooked", "normalized", "search", "fts"}
	partWords      = []string{"revision", "version", "edit", "translation", "body", "content", "part"}
	manyWords      = []string{"import", "export", "csv", "backup", "dump", "report"}
	dateWords      = []string{"issued", "invoiced", "booked", "date", "due", "paid", "created"}
)

// tokens splits a name into its words, in lower case.
func tokens(name string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
		}
		word = nil
	}
	runes := []rune(name)
	for i, c := range runes {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			end()
			continue
		}
		if unicode.IsUpper(c) && i > 0 && unicode.IsLower(runes[i-1]) {
			end()
		}
		word = append(word, c)
	}
	end()
	return out
}

// singular takes the plural off the last word.
func singular(words []string) []string {
	out := slices.Clone(words)
	if len(out) == 0 {
		return out
	}
	out[len(out)-1] = single(out[len(out)-1])
	return out
}

func single(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && len(w) > 3:
		return w[:len(w)-1]
	}
	return w
}

func endsWith(words, end []string) bool {
	return len(end) > 0 && len(words) >= len(end) && slices.Equal(words[len(words)-len(end):], end)
}

func says(name string, vocabulary []string) bool {
	return slices.ContainsFunc(tokens(name), func(w string) bool { return slices.Contains(vocabulary, w) })
}

// about is says for a table's name, whose words may be plurals.
func about(name string, vocabulary []string) bool {
	return slices.ContainsFunc(tokens(name), func(w string) bool {
		return slices.Contains(vocabulary, w) || slices.Contains(vocabulary, single(w))
	})
}

// isA says that a table's rows are one of these things: its last word is.
func isA(name string, vocabulary []string) bool {
	w := singular(tokens(name))
	return len(w) > 0 && (slices.Contains(vocabulary, w[len(w)-1]) || slices.Contains(vocabulary, strings.Join(w, "")))
}

// staffed says that a table's rows are the organizations' own people by its
// name: users are, unless they are said to be end users.
func staffed(name string) bool {
	return isA(name, staffWords) && !slices.Contains(personWords, strings.Join(singular(tokens(name)), ""))
}

// writings are the ways in which a discriminator writes a table's name.
func writings(table string) []string {
	one := singular(tokens(table))
	camel := ""
	for _, w := range one {
		camel += strings.ToUpper(w[:1]) + w[1:]
	}
	snake := strings.Join(one, "_")
	return []string{snake, camel, table, strings.ToUpper(snake), strings.ToLower(camel), `App\Models\` + camel}
}

// housekeeping are tables of migration tools.
func housekeeping(name string) bool {
	return slices.Contains([]string{"schema_migrations", "goose_db_version", "ar_internal_metadata", "django_migrations", "flyway_schema_history",
		"databasechangelog", "databasechangeloglock", "alembic_version", "_prisma_migrations", "knex_migrations", "knex_migrations_lock", "migrations", "atlas_schema_revisions"},
		strings.ToLower(name))
}

// secretive says that a column's name is that of something that opens doors.
func secretive(name string) bool {
	w := tokens(name)
	if slices.Contains(w, "key") && (slices.Contains(w, "api") || slices.Contains(w, "private") || slices.Contains(w, "access")) {
		return true
	}
	return says(name, secretWords) && !slices.Contains(w, "count") && !slices.Contains(w, "at")
}

// prosaic says that a column's name is that of text in sentences, not of what
// kind or which text it is.
func prosaic(name string) bool {
	w := tokens(name)
	return says(name, textWords) && !slices.Contains([]string{"id", "type", "kind", "name", "count", "status", "at", "key"}, w[len(w)-1])
}

// title makes a heading of a name: in both languages where the words are known.
func title(name string) (en, de string) {
	words := tokens(name)
	if len(words) == 0 {
		return name, ""
	}
	en = strings.Join(words, " ")
	first := []rune(en)
	first[0] = unicode.ToUpper(first[0])
	de = germanTitles[strings.Join(words, "_")]
	return string(first), de
}

var germanTitles = map[string]string{
	"name": "Name", "email": "E-Mail-Adresse", "mail": "E-Mail-Adresse", "phone": "Telefonnummer", "phone_number": "Telefonnummer", "tel_no": "Telefonnummer",
	"number": "Nummer", "nr": "Nummer", "language": "Sprache", "locale": "Sprache", "profile": "Profil", "tags": "Schlagwörter", "role": "Rolle", "country": "Land",
	"created_at": "Angelegt", "updated_at": "Geändert", "deleted_at": "Gelöscht", "sent_at": "Gesendet", "read_at": "Gelesen", "delivered_at": "Zugestellt",
	"body": "Text", "text": "Text", "content": "Inhalt", "words": "Text", "message": "Nachricht", "note": "Notiz", "notes": "Notizen", "topic": "Betreff", "subject": "Betreff",
	"status": "Stand", "channel": "Kanal", "direction": "Richtung", "kind": "Art", "type": "Art", "details": "Einzelheiten", "detail": "Einzelheiten", "payload": "Einzelheiten",
	"ip": "Netzwerkadresse", "device": "Gerät", "user_agent": "Browser", "filename": "Dateiname", "size": "Größe in Byte", "mime": "Typ", "settings": "Einstellungen", "preferences": "Einstellungen",
	"purpose": "Zweck", "source": "Woher", "evidence": "Nachweis", "recipient": "Empfänger", "to": "An", "at": "Wann", "due": "Fällig", "holder": "Inhaber", "label": "Bezeichnung",
	"billing_name": "Rechnung an", "billing_email": "E-Mail-Adresse", "billing_address": "Anschrift", "address": "Anschrift", "currency": "Währung", "last_seen_at": "Zuletzt gesehen",
	"seen": "Gesehen", "expires_at": "Endet", "action": "Was getan wurde", "emoji": "Reaktion", "metadata": "Weitere Angaben", "full_name": "Name", "paid_at": "Bezahlt", "plan": "Tarif",
	"organizations": "Organisationen", "users": "Benutzerkonten", "contacts": "Kontakte", "customers": "Kundschaft", "customer": "Kundschaft", "conversations": "Gespräche", "messages": "Nachrichten",
	"attachments": "Dateien", "uploads": "Dateien", "upload": "Dateien", "invoices": "Rechnungen", "bill": "Rechnungen", "sessions": "Anmeldungen", "consents": "Einwilligungen", "opt_outs": "Abmeldungen",
	"campaigns": "Kampagnen", "reactions": "Reaktionen", "payment_methods": "Zahlungsmittel", "activity_logs": "Aktivität", "sms": "Textnachrichten", "contact_notes": "Notizen", "thread": "Gespräche", "post": "Beiträge",
}
