package connector_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestTheTrapsOfTheForeignStoresBite takes one construct at a time out of a map.
// Each has a row in the store that is then lost, or taken from somebody else: a
// construct that no row needs would be proved by nothing.
func TestTheTrapsOfTheForeignStoresBite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		store    *stores.Store
		from, to string
	}{
		{"the profile field's name", &stores.Kontor, ", when: {field_id: {of: profile_field.id, when: {name: Telephone}}}}", "}"},
		{"the audience's kind", &stores.Kontor, "via: [{table: audience, in: kind_ref, out: id, when: {kind: 1}}]", "via: [{table: audience, in: kind_ref, out: id}]"},
		{"which column is the address", &stores.Kontor, "{by: email, at: contact_address}", "{by: email, at: address}"},
		{"that case does not count", &stores.Kontor, "email: {kind: email}", "email: {kind: exact}"},
		{"the flag that a note has a file", &stores.Kontor, "    repair:\n      - {column: has_file, exists: upload_note, on: {note_id: id}}\n", ""},
		{"who is counted as a member", &stores.Kontor, ", account_id: {of: account.id, when: {active: \"true\"}}}}", "}}"},
		{"the small pictures", &stores.Kontor, "    objects: [{key: \"thumbnail/{path}/{sizes[].width}x{sizes[].height}.webp\"}]\n", ""},
		{"the earlier versions", &stores.Kontor, "history: null, ", ""},
		{"the search vector", &stores.Kontor, "words: {value: \"\"}, ", ""},
		{"how numbers are written", &stores.Recado, "phone: {kind: e164, region: tenant, strip_prefixes: [\"whatsapp:\"]}", "phone: {kind: e164, region: DE}"},
		{"whose shop a target is", &stores.Recado, "tenant: {from: blast.id, to: blast_id}", "tenant: {from: entry.id, to: entry_id}"},
		{"that an answer refers to a message", &stores.Recado, "    self: [answers_id]\n", ""},
		{"the numbers left out", &stores.Recado, "erase: {named: {do: keep, ground: opt_out}, tenant: delete}", "erase: delete"},
		{"who wrote a message", &stores.Feira, "{as: author, from: Contact.id, to: sender_id, when: {sender_type: Contact}}", "{as: author, from: Contact.id, to: sender_id}"},
		{"what a label is on", &stores.Feira, "{as: owner, from: Contact.id, to: subject_id, when: {subject_type: Contact}}", "{as: owner, from: Contact.id, to: subject_id}"},
		{"where a key in a text ends", &stores.Feira, `form: "contact:{}:*"`, `form: "contact:{}*"`},
		{"that a path ends at somebody else's row", &stores.Feira, "when: {sender_type: [Staff, Bot]}, through: [thread]}", "when: {sender_type: [Staff, Bot]}, through: [thread, named]}"},
		{"that a container is shared", &stores.Feira, "          by: message.conversation_id\n", "          by: message_archive.conversation_id\n"},
		{"the cycle", &stores.Feira, "    detach: [last_message_id]\n", ""},
		{"that a receipt encodes the number", &stores.Feira, "wamid: {title: Receipt, encoded: base64}", "wamid: {title: Receipt}"},
		{"that an invoice is open", &stores.Feira, "while: {paid_at: null}, ", ""},
		{"that a number counts milliseconds", &stores.Feira, "columns: {caller: Number, started_ms: {title: When, epoch: ms}", "columns: {caller: Number, started_ms: {title: When, epoch: s}"},
		{"which storage a file is in", &stores.Feira, "is: {bucket: media, folder: local}", "is: {bucket: local, folder: media}"},
		{"the address inside a profile", &stores.Feira, "        - {by: email, at: profile, json: email}\n", ""},
		{"what is learnt", &stores.Feira, "        - {by: email, at: email}\nretention", "retention"},
		{"the JSON inside JSON", &stores.Feira, `json: "payload!.to"`, `json: "payload.to"`},
		{"what a conversation ends with", &stores.Feira, "      - {column: last_text, latest: message, of: content, by: sent_ms, on: {conversation_id: id}}\n", ""},
		{"the view", &stores.Feira, "refresh: true", "refresh: false"},
		{"a list in plain text", &stores.Feira, "          cc: {remove: {by: email, separator: \",\"}}\n    repair", "    repair"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(tt.store.Map()), tt.from) {
				t.Fatalf("the map does not say %q any more", tt.from)
			}
			if wrong := verdict(t, tt.store, tt.from, tt.to); len(wrong) == 0 {
				t.Error("nothing went wrong without it")
			}
		})
	}
}

// verdict runs the acceptance of a store with an edited map and gives all that
// is not as it should be, refusals included.
func verdict(t *testing.T, s *stores.Store, edit ...string) (wrong []string) {
	src := strings.NewReplacer(edit...).Replace(string(s.Map()))
	if _, err := datamap.Parse("edited.yaml", []byte(src)); err != nil {
		return []string{err.Error()}
	}
	p := openFixture(t, s, connector.Options{}, edit...)
	ctx, who, op := t.Context(), subject(s.Case.Who), uuid.New()
	refused := func(err error) []string { return append(wrong, err.Error()) }
	f, err := p.engine.Find(ctx, who)
	if err != nil {
		return refused(err)
	}
	matches, withheld := stores.Rows{}, map[string]int{}
	for _, m := range f.Matches {
		matches[m.Table] = append(matches[m.Table], m.Key)
	}
	for _, found := range f.Tables {
		if found.Withheld {
			withheld[found.Table] += int(found.Rows)
		}
	}
	if diff := cmp.Diff(sorted(s.Case.Probes[0].Match), sorted(matches)); diff != "" {
		wrong = append(wrong, "matches: "+diff)
	}
	for table, keys := range s.Case.Withheld {
		if withheld[table] != len(keys) {
			wrong = append(wrong, fmt.Sprintf("%s: %d rows withheld", table, withheld[table]))
		}
	}
	before := p.take(t)
	plan, err := p.engine.Plan(ctx, f, connector.Ask{Kind: "deletion"})
	if err != nil {
		return refused(err)
	}
	if plan, err = p.engine.Freeze(ctx, op, f, connector.Ask{Kind: "deletion"}, plan); err != nil {
		return refused(err)
	}
	if err := p.engine.Execute(ctx, op, plan, func(datamap.Outcome) error { return nil }); err != nil {
		return refused(err)
	}
	left, err := p.engine.Recheck(ctx, op, who)
	if err != nil {
		return refused(err)
	}
	if !left.Empty() {
		wrong = append(wrong, fmt.Sprintf("left: %+v", left))
	}
	more, err := s.Erased(ctx, p.db, before, p.dir)
	if err != nil {
		return refused(err)
	}
	return append(wrong, more...)
}
