package connector

import (
	"fmt"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// TestTheRoughSearchLosesNothing holds the two searches against each other: the
// rough one must let through all that the pattern finds.
func TestTheRoughSearchLosesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	s := &Store{m: &datamap.Map{Normalisers: map[string]datamap.Normaliser{
		"email": {Kind: datamap.Email}, "phone": {Kind: datamap.E164}, "account": {Kind: datamap.Exact}}}}
	r := &roots{Values: map[string][]string{
		"email":   {"ana_maria.o'neil-souza@example.com", "josé@exämple.com"},
		"phone":   {"+5511987654321", "+4915112345678"},
		"account": {`AC-100%\7`}}}
	for _, tt := range []struct {
		text  string
		finds bool
	}{
		{"write to Ana_Maria.O'Neil-Souza@EXAMPLE.com.", true},
		{"JOSÉ@EXÄMPLE.COM", true},
		{`{"to": "5511987654321"}`, true},
		{"call +55 (11) 98765-4321 today", true},
		{"5 5 1 1 9 8 7 6 5 4 3 2 1", true},
		{"0151/12.34.56.78", true},
		{`account ac-100%\7 is closed`, true},
		{"anaXmaria.o'neil-souza@example.com", false},
		{"55119876543210", false},
		{`AC-100x\7`, false},
		{"", false},
	} {
		t.Run(fmt.Sprintf("%q", tt.text), func(t *testing.T) {
			var exact, rough bool
			sql := "SELECT t.a ~* $2, " + roughly([]string{"t.b", "t.a"}, "$3") + " FROM (SELECT $1::text AS a, NULL::text AS b) t"
			if err := db.QueryRow(t.Context(), sql, tt.text, s.pattern(r), s.rough(r)).Scan(&exact, &rough); err != nil {
				t.Fatal(err)
			}
			if exact != tt.finds {
				t.Errorf("the pattern finds it: %v", exact)
			}
			if exact && !rough {
				t.Error("the rough search loses it")
			}
		})
	}
}
