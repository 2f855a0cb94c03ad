package demo

import (
	"slices"
	"strings"
)

// Person is one of the people that every load contains, whatever its size:
// tests, browser journeys and the printed sign-in hints count on them.
type Person struct {
	Name     string
	Email    string
	Phone    string // E.164; "" if the store knows none
	Language string
	Contacts []Contact // as an end-user of organizations

	// As a user of an organization; zero if the person is none.
	UserID         int64
	OrganizationID int64
	Role           string // owner, admin, agent

	// Planted strings stand in rows of this person only. After an erasure none
	// of them is left: a suppressed number may stay as a keyed hash.
	Planted []string
}

// Contact is a person as one organization wrote it down.
type Contact struct {
	ID             int64
	OrganizationID int64
	Phone          string // as written
	WaID           string
	Email          string
}

// Organization is one of those that every load contains.
type Organization struct {
	ID      int64
	Name    string
	Email   string
	Country string
	Trade   string
}

// Organizations of every load; generated ones have ids above FixedIDs.
var (
	PadariaEstrela  = Organization{1, "Padaria Estrela", "ola@padaria-estrela.example", "BR", "bakery"}
	Baobab          = Organization{2, "Baobab Deliveries", "hello@baobab.example", "KE", "delivery"}
	AugenblickOptik = Organization{3, "Augenblick Optik", "kontakt@augenblick-optik.example", "DE", "optician"}
	ClinicaIpe      = Organization{4, "Clínica Ipê", "contato@clinica-ipe.example", "BR", "clinic"}
	ThamesParcels   = Organization{5, "Thames Parcels", "help@thames-parcels.example", "GB", "delivery"}
)

// FixedIDs bounds the ids of rows that belong to fixed people and organizations.
const FixedIDs = 1000

// Marina is the person of the main story: contact of two organizations that
// wrote her number differently, one of them without her address.
var Marina = Person{
	Name: "Marina Oliveira Costa", Email: "marina.costa@example.com", Phone: "+5511987654321", Language: "pt",
	Contacts: []Contact{
		{ID: 1, OrganizationID: 1, Phone: "+55 11 98765-4321", WaID: "5511987654321", Email: "marina.costa@example.com"},
		{ID: 2, OrganizationID: 4, Phone: "(11) 98765-4321"},
	},
	Planted: []string{
		"Marina Oliveira Costa", "Oliveira Costa", "marina.costa@example.com",
		"+55 11 98765-4321", "(11) 98765-4321", "+5511987654321", "5511987654321", "11987654321",
		"PE-7731-QX",                 // an order, in bodies, payloads and campaign variables
		"Rua das Jabuticabeiras 418", // where she lives, in bodies, profile and a note
		"Maricota",                   // what she calls herself
		"zeferina-7731",              // a word in JSON only
		"203.0.113.77",               // where she consented from
		"bolo-da-maricota.png",       // a file's name
	},
}

// Lukas is a contact of one organization.
var Lukas = Person{
	Name: "Lukas Brandt", Email: "lukas.brandt@example.de", Phone: "+491713920041", Language: "de",
	Contacts: []Contact{
		{ID: 3, OrganizationID: 3, Phone: "0171 3920041", WaID: "491713920041", Email: "lukas.brandt@example.de"},
	},
	Planted: []string{"lukas.brandt@example.de", "AO-2204-LB", "Kastanienallee 73a"},
}

// Amina is a contact in two countries and speaks of others: of Lukas by name
// and number, of Marina by first name only.
var Amina = Person{
	Name: "Amina Okafor", Email: "amina.okafor@example.com", Phone: "+254722000318", Language: "en",
	Contacts: []Contact{
		{ID: 4, OrganizationID: 2, Phone: "0722 000318", WaID: "254722000318", Email: "Amina.Okafor@example.com"},
		{ID: 5, OrganizationID: 5, Phone: "+44 7700 900318", WaID: "447700900318", Email: "amina.okafor@example.com"},
	},
	Planted: []string{"amina.okafor@example.com", "Amina Okafor", "BD-5560-AK", "254722000318", "447700900318"},
}

// Ines owns an organization and may ask for its data.
var Ines = Person{
	Name: "Inês Almeida", Email: "ines@padaria-estrela.example", Language: "pt",
	UserID: 1, OrganizationID: 1, Role: "owner",
	Planted: []string{"ines@padaria-estrela.example", "Inês Almeida", "198.51.100.14"},
}

// Tomas works for an organization: sessions, activity, messages he wrote.
var Tomas = Person{
	Name: "Tomás Reyes", Email: "tomas@baobab.example", Language: "en",
	UserID: 2, OrganizationID: 2, Role: "agent",
	Planted: []string{"tomas@baobab.example", "198.51.100.201", "Tomás's Pixel 8"},
}

// Heavy is who Options.HeavySubject messages belong to.
var Heavy = Person{
	Name: "Beatriz Nakamura Prado", Email: "beatriz.nakamura@example.com", Phone: "+5511912340077", Language: "pt",
	Contacts: []Contact{
		{ID: 6, OrganizationID: 1, Phone: "+55 11 91234-0077", WaID: "5511912340077", Email: "beatriz.nakamura@example.com"},
	},
	Planted: []string{"beatriz.nakamura@example.com", "Nakamura Prado", "5511912340077", "+55 11 91234-0077"},
}

// Nobody has an address, and nothing in the store.
var Nobody = Person{Name: "Nobody", Email: "nobody@example.com", Language: "en"}

// People lists the fixed people.
func People() []Person { return []Person{Marina, Lukas, Amina, Ines, Tomas, Heavy, Nobody} }

// ContactIDs of a person.
func (p Person) ContactIDs() []int64 {
	ids := make([]int64, 0, len(p.Contacts))
	for _, c := range p.Contacts {
		ids = append(ids, c.ID)
	}
	return ids
}

// numbers under which the person is known, digits with the country code.
func (p Person) numbers() []string {
	var out []string
	add := func(digits string) {
		if digits != "" && !slices.Contains(out, digits) {
			out = append(out, digits)
		}
	}
	if p.Phone != "" {
		add(p.Phone[1:])
	}
	for _, c := range p.Contacts {
		add(c.WaID)
	}
	return out
}

func (p Person) firstName() string { return strings.Fields(p.Name)[0] }
