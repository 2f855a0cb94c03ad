package jobs

import (
	"fmt"
	"io"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// BenchmarkVeil is what a row of a conversation costs beside being packed: one
// in a hundred speaks of somebody else.
func BenchmarkVeil(b *testing.B) {
	rules, err := privacy.NewRulebook(nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	people := connector.People{Subject: connector.Person{Names: []string{"Marina Oliveira Costa"}, Numbers: []string{"+5511987654321"}}, Regions: []string{"BR"}}
	for i := range 50 {
		people.Others = append(people.Others, connector.Person{Table: "users", Key: fmt.Sprint(i), Names: []string{fmt.Sprintf("Caio Teixeira %c", 'A'+i)}, Emails: []string{fmt.Sprintf("caio%d@example.com", i)}})
	}
	v := newVeil(people, rules, []byte("secret"), "request", func(n int) string { return fmt.Sprint("Contact ", n) })
	var columns []connector.Column
	for _, c := range []struct {
		name string
		kind connector.Kind
		free bool
	}{{"id", connector.KindNumber, false}, {"conversation_id", connector.KindNumber, false}, {"direction", connector.KindText, false}, {"kind", connector.KindText, false},
		{"body", connector.KindText, true}, {"payload", connector.KindJSON, true}, {"provider_message_id", connector.KindText, false}, {"created_at", connector.KindTime, false}} {
		columns = append(columns, connector.Column{Name: c.name, Title: datamap.Text{"en": c.name}, Kind: c.kind, Group: datamap.Data, Free: c.free})
	}
	key := []string{"1"}
	t := connector.TableRows{Name: "messages", Columns: columns, Key: func() []string { return key },
		Talk: func() connector.Talk {
			return connector.Talk{Conversation: "conversations.id/1", At: "2026-05-06 10:04:00+00", Author: connector.AuthorSubject}
		}}
	if err := v.begin(io.Discard); err != nil {
		b.Fatal(err)
	}
	hide := v.over(&t)
	plain, speaks := []byte("Preciso de um bolo de fubá para doze pessoas, no sábado. Pode ser? O pedido é PE-7731-QX."), []byte("Liguem para a minha irmã no +55 21 96666-4321, por favor, ou para o Caio Teixeira A.")
	row := make(export.Row, len(columns))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body := plain
		if i%100 == 0 {
			body = speaks
		}
		for j, cell := range []string{"123456", "701", "in", "text", "", `{"from": "5511987654321", "profile": "Marina Oliveira Costa"}`, "wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjVFNEUxMkMxQzA4RDk2RjMA", "2026-05-06 10:04:00+00"} {
			row[j] = []byte(cell)
		}
		row[4] = body
		if note := hide(row); note != nil {
			if err := v.noted(note); err != nil {
				b.Fatal(err)
			}
		}
	}
}
