package datamap

import "maps"

// Spare is a category that a request leaves as it is, because that part of it was
// refused: it is in no package, and a deletion keeps it.
type Spare struct {
	Category string `json:"category"`
	Ground   string `json:"ground"` // code of the refusal
	Words    Text   `json:"words"`  // the ground in words
}

// Keeping gives the map under which a deletion keeps every row of the spared
// categories. Everything else that the map says still goes for them. The hash is
// the whole map's.
func (m *Map) Keeping(spares []Spare) *Map {
	ground := map[string]string{} // category → code
	out := *m
	out.Tables, out.byName, out.Grounds = nil, map[string]*Table{}, map[string]Ground{}
	maps.Copy(out.Grounds, m.Grounds)
	for _, s := range spares {
		ground[s.Category] = s.Ground
		out.Grounds[s.Ground] = Ground{Code: s.Ground, Words: s.Words}
	}
	for _, t := range m.Tables {
		if code, ok := ground[t.Category]; ok {
			kept := *t
			kept.Rules = map[Role]Rule{}
			for role, u := range t.Rules {
				kept.Rules[role] = Rule{Do: Keep, Ground: code, Line: u.Line}
			}
			t = &kept
		}
		out.Tables, out.byName[t.Name] = append(out.Tables, t), t
	}
	return &out
}
