package jobs

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/redact"
)

// What a store may keep of somebody else is hidden in whatever form it keeps it,
// and what is the person's own, or nobody's, stays.
func TestOthersAreHiddenInEveryFormOfAValue(t *testing.T) {
	t.Parallel()
	rules, err := privacy.NewRulebook(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := newVeil(connector.People{
		Subject: connector.Person{Names: []string{"Marina Oliveira Costa"}, Numbers: []string{"+5511987654321"}}, Regions: []string{"BR"},
		Others: []connector.Person{{Table: "users", Key: "3", Names: []string{"José da Silva"}, Numbers: []string{"+5521966664321"}, Emails: []string{"jose@padaria.example"}}},
	}, rules, []byte("secret"), "request", func(int) string { return "Contact" })
	if err := v.begin(io.Discard); err != nil {
		t.Fatal(err)
	}
	of := func(number string) string {
		return "wamid." + base64.StdEncoding.EncodeToString([]byte("\x1c\x18\x0d"+number+"\x15\x02\x00\x11\x18\x123EB0A1B2C3D4E5F60718"))
	}
	wamid, own := of("5521966664321"), of("5511987654321")
	hexed := func(s string) string { return `\x` + hex.EncodeToString([]byte(s)) }
	for name, tt := range map[string]struct {
		value  string
		kind   connector.Kind
		group  datamap.Group
		free   bool
		hidden bool
	}{
		"a number as a key":                {"5521966664321", connector.KindNumber, datamap.Link, false, true},
		"the person's number as a key":     {"5511987654321", connector.KindNumber, datamap.Link, false, false},
		"a key like a card":                {"4111111111111111", connector.KindNumber, datamap.Link, false, false},
		"a name in a file's key":           {"uploads/org1/Jose_da_Silva_2024.png", connector.KindText, datamap.Link, false, true},
		"a number in a file's key":         {"Anexos/Cliente-21-96666-4321/Foto1.png", connector.KindText, datamap.Link, false, true},
		"a key of nobody":                  {"AKIAIOSFODNN7EXAMPLEabcdefGH01", connector.KindText, datamap.Link, false, false},
		"a message's id in a text":         {"raw id=" + wamid + ", sent", connector.KindText, datamap.Data, true, true},
		"a message's id in JSON as text":   {`{"id":"` + wamid + `"}`, connector.KindText, datamap.Data, false, true},
		"the person's own message's id":    {"raw id=" + own + ", sent", connector.KindText, datamap.Data, true, false},
		"a tax number":                     {"52998224725", connector.KindText, datamap.Data, false, true},
		"a tax number that is a number":    {"52998224725", connector.KindNumber, datamap.Data, false, true},
		"a moment":                         {"1763999999", connector.KindNumber, datamap.Data, false, false},
		"a number in bytes":                {hexed("to +55 21 96666-4321"), connector.KindText, datamap.Data, false, true},
		"a name in bytes that people see":  {hexed("Fale com José da Silva"), connector.KindText, datamap.Data, true, true},
		"a name in bytes that are no text": {hexed("\x12\xff\x0eJosé da Silva\x1a\x8f"), connector.KindText, datamap.Data, false, true},
		"bytes of nobody":                  {hexed("\x89PNG\r\n\x1a\n\x00\xff"), connector.KindText, datamap.Data, false, false},
		"a name in an array":               {`{"amigo do José da Silva",x}`, connector.KindText, datamap.Data, false, true},
		"a name as a key of JSON":          {`{"José da Silva": 1}`, connector.KindJSON, datamap.Data, false, true},
		"a header of mail":                 {"=?UTF-8?B?Sm9zw6kgZGEgU2lsdmE=?=", connector.KindText, datamap.Data, true, true},
	} {
		table := connector.TableRows{Name: "t", Columns: []connector.Column{{Name: "c", Kind: tt.kind, Group: tt.group, Free: tt.free}},
			Key: func() []string { return []string{"+5521966664321"} }, Talk: func() connector.Talk { return connector.Talk{Conversation: "t.phone/+5521966664321"} }}
		row := export.Row{[]byte(tt.value)}
		note := v.over(&table)(row)
		if hidden := string(row[0]) != tt.value; hidden != tt.hidden {
			t.Errorf("%s: %q leaves as %q", name, tt.value, row[0])
		}
		if strings.Contains(string(row[0]), hex.EncodeToString([]byte("da Silva"))) {
			t.Errorf("%s: %q leaves as %q", name, tt.value, row[0])
		}
		// What the review names a place by is kept for as long as the case.
		if !tt.free {
			continue
		}
		if strings.Contains(string(note), "966664321") {
			t.Errorf("%s: a place in the review is named by somebody's number: %q", name, note)
		}
	}
}

// What an organization is called is nobody's, unless it is called like somebody;
// and what a person typed as their name uncovers nobody.
func TestANameThatIsShownIsNobodyElses(t *testing.T) {
	t.Parallel()
	rules, err := privacy.NewRulebook(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	people := connector.People{
		Subject: connector.Person{Names: []string{"Marina Costa"}}, Firm: connector.Person{Names: []string{"Padaria Estrela", "Caio Teixeira Advogados", "Rezende"}}, Regions: []string{"BR"}, Claimed: "Marina Oliveira",
		Others: []connector.Person{{Table: "users", Key: "3", Names: []string{"Caio Teixeira"}}, {Table: "users", Key: "4", Names: []string{"Lívia Rezende"}}, {Table: "users", Key: "5", Names: []string{"Estrela Souza"}}},
	}
	for _, claimed := range []string{"Marina Oliveira", "Lívia Rezende", "Caio Lívia Teixeira Rezende", ""} {
		people.Claimed = claimed
		v := newVeil(people, rules, []byte("secret"), "request", func(int) string { return "Contact" })
		for text, hidden := range map[string]bool{"Fale com Caio Teixeira": true, "Fale com Lívia Rezende": true, "Fale com Estrela Souza": true, "A Padaria Estrela abre": false, "Sou Marina Oliveira": false} {
			var sure bool
			for _, m := range v.marks(text, redact.Other) {
				sure = sure || m.Sure
			}
			if sure != hidden {
				t.Errorf("claimed %q: %q is hidden: %v", claimed, text, sure)
			}
		}
	}
}
