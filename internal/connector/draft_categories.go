package connector

// pairOf is a text in English and in German.
type pairOf [2]string

// draftCategories are the kinds of data that a draft knows, in the order in
// which a table's name is held against their words.
var draftCategories = []struct {
	id                                                         string
	words                                                      []string
	title, about, purpose, basis, recipient, retention, source pairOf
	content                                                    bool
}{
	{id: "billing", words: append([]string{"billing", "subscription", "card"}, keptWords...),
		title: pairOf{"Invoices and payment", "Rechnungen und Zahlung"}, about: pairOf{"What was billed and how it is paid.", "Was berechnet wurde und wie es bezahlt wird."},
		purpose: pairOf{"To bill the service and to keep the books.", "Um den Dienst abzurechnen und Bücher zu führen."}, basis: pairOf{"Contract and legal obligation, Art. 6(1)(b) and (c) GDPR.", "Vertrag und rechtliche Pflicht, Art. 6 Abs. 1 lit. b und c DSGVO."},
		recipient: pairOf{"Tax adviser and tax office", "Steuerberatung und Finanzamt"}, retention: pairOf{"As long as tax law requires.", "So lange, wie das Steuerrecht es verlangt."}, source: pairOf{"From the customer.", "Von der Kundschaft."}},
	{id: "consent", words: []string{"consent", "opt", "optout", "suppression", "unsubscribe", "unsubscription", "blocklist", "preference"},
		title: pairOf{"Consents and opt-outs", "Einwilligungen und Abmeldungen"}, about: pairOf{"What you agreed to and what you withdrew.", "Wozu Sie eingewilligt und was Sie widerrufen haben."},
		purpose: pairOf{"To honour your choice and to prove it.", "Um Ihre Wahl zu achten und sie zu belegen."}, basis: pairOf{"Legal obligation, Art. 6(1)(c) GDPR.", "Rechtliche Pflicht, Art. 6 Abs. 1 lit. c DSGVO."},
		recipient: pairOf{"The organization you wrote to", "Die Organisation, der Sie geschrieben haben"}, retention: pairOf{"As long as the choice holds.", "Solange die Wahl gilt."}, source: pairOf{"From you.", "Von Ihnen."}},
	{id: "files", words: []string{"attachment", "file", "upload", "media", "document", "image", "photo", "recording"}, content: true,
		title: pairOf{"Files", "Dateien"}, about: pairOf{"Files that were sent or stored.", "Dateien, die gesendet oder gespeichert wurden."},
		purpose: pairOf{"To carry and show what was sent.", "Um zu übermitteln und zu zeigen, was gesendet wurde."}, basis: pairOf{"Contract, Art. 6(1)(b) GDPR.", "Vertrag, Art. 6 Abs. 1 lit. b DSGVO."},
		recipient: pairOf{"The storage provider", "Der Speicheranbieter"}, retention: pairOf{"As long as the message.", "So lange wie die Nachricht."}, source: pairOf{"From you and from the organization.", "Von Ihnen und von der Organisation."}},
	{id: "delivery", words: []string{"delivery", "recipient", "event", "dispatch", "notification", "push", "webhook", "broadcast", "outbox"},
		title: pairOf{"Delivery records", "Zustelldaten"}, about: pairOf{"What was sent to you, and when it arrived.", "Was Ihnen gesendet wurde und wann es ankam."},
		purpose: pairOf{"To show whether a message arrived.", "Um zu zeigen, ob eine Nachricht ankam."}, basis: pairOf{"Contract, Art. 6(1)(b) GDPR.", "Vertrag, Art. 6 Abs. 1 lit. b DSGVO."},
		recipient: pairOf{"The messaging provider", "Der Nachrichtendienst"}, retention: pairOf{"As long as the message.", "So lange wie die Nachricht."}, source: pairOf{"From the messaging provider.", "Vom Nachrichtendienst."}},
	{id: "activity", words: []string{"session", "log", "audit", "ping", "position", "location", "history", "activity", "login", "device", "visit", "presence"},
		title: pairOf{"Sign-ins and activity", "Anmeldungen und Aktivität"}, about: pairOf{"Sessions, devices, and who did what.", "Sitzungen, Geräte, und wer was getan hat."},
		purpose: pairOf{"To keep accounts safe and to find misuse.", "Um Konten zu schützen und Missbrauch zu finden."}, basis: pairOf{"Legitimate interest in security, Art. 6(1)(f) GDPR.", "Berechtigtes Interesse an Sicherheit, Art. 6 Abs. 1 lit. f DSGVO."},
		recipient: pairOf{"Your organization", "Ihre Organisation"}, retention: pairOf{"One year.", "Ein Jahr."}, source: pairOf{"From the use of the service.", "Aus der Nutzung des Dienstes."}},
	{id: "messages", content: true, words: []string{"message", "conversation", "thread", "chat", "post", "comment", "note", "mail", "email", "sms", "reply", "reaction", "ticket", "remark", "dialog", "call", "archivedmessage", "usermessage", "transcript", "inbox", "answer", "rating", "feedback", "survey", "follower", "watcher"},
		title: pairOf{"Messages", "Nachrichten"}, about: pairOf{"What you wrote and what was written to you.", "Was Sie geschrieben haben und was Ihnen geschrieben wurde."},
		purpose: pairOf{"To carry and show the conversation.", "Um das Gespräch zu übermitteln und anzuzeigen."}, basis: pairOf{"Contract, Art. 6(1)(b) GDPR.", "Vertrag, Art. 6 Abs. 1 lit. b DSGVO."},
		recipient: pairOf{"The organization you wrote to", "Die Organisation, der Sie geschrieben haben"}, retention: pairOf{"Until the conversation is deleted.", "Bis das Gespräch gelöscht wird."}, source: pairOf{"From you and from the organization.", "Von Ihnen und von der Organisation."}},
	{id: "account", words: append([]string{"account", "credential", "token", "key", "permission", "role"}, staffWords...),
		title: pairOf{"User accounts", "Benutzerkonten"}, about: pairOf{"An account and what belongs to it.", "Ein Konto und was dazu gehört."},
		purpose: pairOf{"To sign you in and to run the service.", "Um Sie anzumelden und den Dienst zu betreiben."}, basis: pairOf{"Contract, Art. 6(1)(b) GDPR.", "Vertrag, Art. 6 Abs. 1 lit. b DSGVO."},
		recipient: pairOf{"Your organization", "Ihre Organisation"}, retention: pairOf{"As long as the account.", "So lange wie das Konto."}, source: pairOf{"From you or your administrator.", "Von Ihnen oder Ihrer Verwaltung."}},
	{id: "organization", words: append([]string{"campaign", "template", "setting", "channel", "plan", "settings"}, tenantWords...),
		title: pairOf{"Organization", "Organisation"}, about: pairOf{"An organization's own record and settings.", "Stammdaten und Einstellungen einer Organisation."},
		purpose: pairOf{"To run the service for the organization.", "Um den Dienst für die Organisation zu betreiben."}, basis: pairOf{"Contract, Art. 6(1)(b) GDPR.", "Vertrag, Art. 6 Abs. 1 lit. b DSGVO."},
		recipient: pairOf{"The organization itself", "Die Organisation selbst"}, retention: pairOf{"As long as the contract.", "So lange wie der Vertrag."}, source: pairOf{"From the organization.", "Von der Organisation."}},
	{id: "profile", words: append([]string{"tag", "badge", "identity", "identifier", "address", "attribute", "field"}, personWords...),
		title: pairOf{"Profiles", "Profile"}, about: pairOf{"Who you are to the organization.", "Wer Sie für die Organisation sind."},
		purpose: pairOf{"To know who writes and to answer.", "Um zu wissen, wer schreibt, und zu antworten."}, basis: pairOf{"Contract or legitimate interest, Art. 6(1)(b) and (f) GDPR.", "Vertrag oder berechtigtes Interesse, Art. 6 Abs. 1 lit. b und f DSGVO."},
		recipient: pairOf{"The organization you wrote to", "Die Organisation, der Sie geschrieben haben"}, retention: pairOf{"As long as the organization keeps it.", "Solange die Organisation es führt."}, source: pairOf{"From you or from the organization.", "Von Ihnen oder von der Organisation."}},
	{id: "other", title: pairOf{"Other data", "Weitere Daten"}, about: pairOf{"What belongs to no other kind.", "Was zu keiner anderen Art gehört."},
		purpose: pairOf{"To run the service.", "Um den Dienst zu betreiben."}, basis: pairOf{"Contract, Art. 6(1)(b) GDPR.", "Vertrag, Art. 6 Abs. 1 lit. b DSGVO."},
		recipient: pairOf{"Your organization", "Ihre Organisation"}, retention: pairOf{"As long as the account.", "So lange wie das Konto."}, source: pairOf{"From the use of the service.", "Aus der Nutzung des Dienstes."}},
}

type draftGround struct{ code, en, de, law, period string }

// draftGrounds are the reasons to keep a row that a draft knows.
var draftGrounds = []draftGround{
	{"tax", "It is kept because tax law requires it.", "Es wird aufbewahrt, weil das Steuerrecht es verlangt.", "§ 147 AO", "10y"},
	{"books", "It belongs to books that must be kept.", "Es gehört zu Büchern, die aufbewahrt werden müssen.", "Art. 17(3)(b) GDPR", ""},
	{"opt_out", "What recognises you stays, so that nobody writes to you again.", "Es bleibt, woran man Sie erkennt, damit niemand Ihnen wieder schreibt.", "Art. 21(3) GDPR", ""},
	{"record", "It belongs to the organization's record of its own work.", "Es gehört zu den Unterlagen der Organisation über ihre eigene Arbeit.", "Art. 6(1)(f) GDPR", ""},
	{"security", "Logs are kept for a year to find misuse.", "Protokolle werden ein Jahr aufbewahrt, um Missbrauch zu finden.", "Art. 6(1)(f), Art. 32 GDPR", "1y"},
	{"others", "It stands in another person's conversation.", "Es steht im Gespräch einer anderen Person.", "Art. 17(3)(e) GDPR", ""},
	{"contract", "The contract goes on; the record shows with whom.", "Der Vertrag besteht weiter; der Eintrag zeigt, mit wem.", "Art. 6(1)(b) GDPR", ""},
}
