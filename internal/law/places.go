package law

// Place is where a person lives, as the form asks. Catalogue: "place.<code>".
type Place struct {
	Code string // ISO 3166: a country, or a state where states have laws of their own
	Law  string // code of the regime
}

// Places lists all places by code.
func Places() []Place { return places }

var places = []Place{{"DE", "EU-DE"}, {"GB", "UK"}, {"US-CA", "US-CA"}}

var lawOf = func() map[string]string {
	m := make(map[string]string, len(places))
	for _, p := range places {
		m[p.Code] = p.Law
	}
	return m
}()
