package jobs_test

import (
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// The name of a file leaves twice, in a column and as the file's own: both go by
// the same review.
func TestTheNamesOfFilesAreWhatTheReviewSays(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	for old, name := range map[string]string{"bolo-da-maricota.png": "Festa com Johanna Schmidt.png", "orcamento-PE-7731-QX.pdf": "livia@padaria-estrela.example", "pedido-exame.txt": "Exame de.Lívia Rezende"} {
		if _, err := w.store.Exec(t.Context(), "UPDATE attachments SET filename = $2 WHERE filename = $1", old, name); err != nil {
			t.Fatal(err)
		}
	}
	w.start(t)
	d := w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	files := w.unpacked(t, c.Proposal.Package)
	for _, s := range []string{"Lívia Rezende", "LÍVIA", "livia@padaria-estrela"} {
		if names := tells(files, s); len(names) > 0 {
			t.Errorf("%s tell %q", names, s)
		}
	}
	talk, x, v := marked(t, w.read(t, c), "Johanna Schmidt")
	c = w.finish(t, d.officer, w.rule(t, d.officer, c, about(talk, x, v, privacy.ActHide)))
	files = w.unpacked(t, c.Proposal.Package)
	for name := range files {
		if strings.Contains(name, "Johanna") {
			t.Errorf("the file %s has the name that staff hid", name)
		}
	}
	if names := tells(files, "Johanna"); len(names) > 0 {
		t.Errorf("%s tell the name that staff hid", names)
	}
	if _, ok := files["1/attachments/Festa com █████.png"]; !ok {
		t.Error("the person's own file is missing, or has lost what it is")
	}
}

// What programs write for a letter hides nobody.
func TestWhatIsWrittenWithEscapesIsHiddenToo(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	for i, body := range []string{
		`{"text": "Fale com a L\u00edvia Rezende, \u002b55 11 97777\u002d1234"}`, `<p>Fale com a L&iacute;via&nbsp;Rezende, &#43;55&nbsp;11&nbsp;97777&#45;1234</p>`,
		`https://padaria-estrela.example/?quem=L%C3%ADvia%20Rezende&fone=%2B5511977771234`, "Fale com a L=C3=ADvia Reze=\r\nnde",
	} {
		if _, err := w.store.Exec(t.Context(), `INSERT INTO messages (id, organization_id, conversation_id, direction, kind, body, payload, created_at)
			VALUES ($1, 1, 1, 'out', 'text', $2, jsonb_build_object('raw', $2::text), '2026-05-07 11:00+00')`, 800+i, body); err != nil {
			t.Fatal(err)
		}
	}
	w.start(t)
	d := w.desk(t)
	files := w.unpacked(t, w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1).Proposal.Package)
	for _, s := range []string{"Rezende", "via&nbsp;", "edvia", "iacute;via", "%ADvia", "=ADvia", "Reze=", "97777", "7771234"} {
		if names := tells(files, s); len(names) > 0 {
			t.Errorf("%s tell %q", names, s)
		}
	}
}

// Who signs with somebody else's name does not get to see it.
func TestANameThatWasTypedUncoversNobody(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	w.start(t)
	d := w.desk(t)
	liar := demo.Marina
	liar.Name = "Caio Lívia Teixeira Rezende"
	files := w.unpacked(t, w.review(t, d.officer, w.requested(t, liar, privacy.Recipient, privacy.Access, d.agent), 1).Proposal.Package)
	for _, s := range []string{"Caio Teixeira", "Lívia Rezende"} {
		if names := tells(files, s); len(names) > 0 {
			t.Errorf("%s tell %q", names, s)
		}
	}
}

// A value that is no text of people names nobody either: those whom the store
// knows, and those whom staff hid wherever they stand.
func TestOthersAreHiddenInColumnsThatAreNoText(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.gossip(t)
	for _, sql := range []string{
		`UPDATE consents SET source = 'indicada por Lívia Rezende e Johanna' WHERE contact_id = 1`,
		`UPDATE contacts SET tags = tags || '{amiga da Lívia Rezende,festa da Johanna}', profile = profile || '{"quem": {"Johanna": "Lívia Rezende"}}' WHERE id = 1`,
		`UPDATE attachments SET sha256 = 'de Lívia Rezende'`,
		`INSERT INTO messages (id, organization_id, conversation_id, direction, kind, body, created_at) VALUES (810, 1, 1, 'in', 'text', 'A Johanna vem também', '2026-05-07 11:00+00')`,
	} {
		if _, err := w.store.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	w.start(t)
	d := w.desk(t)
	c := w.review(t, d.officer, w.marina(t, privacy.Access, d.agent), 1)
	if names := tells(w.unpacked(t, c.Proposal.Package), "Rezende"); len(names) > 0 {
		t.Errorf("%s tell the name of somebody whom the store knows", names)
	}
	c = w.finish(t, d.officer, w.rule(t, d.officer, c, w.words(t, c, "johanna", "name")))
	if names := tells(w.unpacked(t, c.Proposal.Package), "Johanna"); len(names) > 0 {
		t.Errorf("%s tell what staff hid everywhere", names)
	}
}
