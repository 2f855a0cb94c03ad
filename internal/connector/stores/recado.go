package stores

import (
	"context"
	"crypto/md5"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Recado is a gateway between shops and WhatsApp. Keys are UUIDs; everything is
// soft-deleted and still there; the number stands in five tables; a blast's
// target knows nothing but a number, and its shop only through the blast; two
// foreign keys have no index.
var Recado = Store{
	Name: "recado", Schema: "public",
	Objects: map[string]string{"documents/lucia-0001.pdf": "file-of-recado-id", "images/vecino.jpg": "file-of-recado-neighbour"},
	Case: Case{
		Who: lucia,
		Probes: []Probe{
			{Name: "by number, at one shop", Who: lucia, Match: Rows{"peer": peers("1", "2")}, Candidates: Rows{"peer": peers("5")}},
			{Name: "by the id that only the channel knows", Who: Who{Keys: map[string]string{"wa_user_id": "CO.20817344905526613077"}, Tenants: []string{alba}}, Match: Rows{"peer": peers("5")}},
			{Name: "by the number at the other shop", Who: Who{Phone: "+573105550182", Tenants: []string{sur}}, Match: Rows{"peer": peers("3")}},
			{Name: "a number off by one", Who: Who{Phone: "+573105550183", Tenants: []string{alba}}, Match: Rows{"peer": peers("4")}},
			{Name: "a wildcard", Who: Who{Phone: "%", Tenants: []string{alba}}},
		},
		Exported: map[string]int{"peer": 2, "entry": 7, "blast_target": 2, "dialogue": 1, "dialogue_turn": 2, "handover": 1},
		Appear: []string{"arepa-luna-01", "brisa-mora-02", "cacao-rio-03", "hoja-trigo-08", "isla-coral-09", "jade-pino-10", "lirio-mar-11", "menta-rayo-12", "nogal-viento-13", "oro-tarde-14",
			"rosa-cumbre-17", "teja-valle-19", "uva-sendero-20", "zafiro-monte-22"},
		Review:  []string{"barro-nieve-24"},
		Hidden:  []string{"dalia-sol-04", "eco-palma-05", "faro-nube-06", "gota-lago-07", "perla-duna-15", "quinoa-roble-16", "sal-bahia-18", "vela-oasis-21", "abeto-playa-23", "Inés Alba", "token-of-alba"},
		Files:   []string{"file-of-recado-id"},
		Foreign: []string{"file-of-recado-neighbour"},
		Deleted: Rows{
			"peer": peers("1", "2"), "entry": entries("1", "2", "3", "4", "5", "6", "7"), "dialogue": {"b4000000-0000-4000-8000-000000000001"},
			"dialogue_turn": series("b5000000-0000-4000-8000-00000000000", "1", "2"), "handover": {"b6000000-0000-4000-8000-000000000001"}, "blast_target": {"b3000000-0000-4000-8000-000000000003"},
		},
		Changed:  Rows{"blast_target": {"b3000000-0000-4000-8000-000000000001"}, "blast": {"a4000000-0000-4000-8000-000000000001"}},
		Reported: Rows{"entry": entries("9"), "robot_options": {"b7000000-0000-4000-8000-000000000001"}},
		Gone: []string{"arepa-luna-01", "brisa-mora-02", "cacao-rio-03", "hoja-trigo-08", "isla-coral-09", "jade-pino-10", "lirio-mar-11", "menta-rayo-12", "nogal-viento-13", "oro-tarde-14",
			"rosa-cumbre-17", "teja-valle-19", "uva-sendero-20", "zafiro-monte-22", "barro-nieve-24", "lucia.barrera@example.com"},
		Still: []string{"dalia-sol-04", "eco-palma-05", "faro-nube-06", "gota-lago-07", "perla-duna-15", "quinoa-roble-16", "sal-bahia-18", "vela-oasis-21", "abeto-playa-23"},
		Residue: []Residue{
			{`310\)?[ -]?555[ -]?0182([^0-9]|$)`, Rows{"peer": peers("3"), "entry": entries("9"), "blast_target": {"b3000000-0000-4000-8000-000000000002"},
				"robot_options": series("b7000000-0000-4000-8000-00000000000", "1", "2")}},
		},
		Zero: []Zero{
			{"a blast miscounts its targets", "SELECT count(*) FROM blast b WHERE target_count <> (SELECT count(*) FROM blast_target t WHERE t.blast_id = b.id)"},
			{"a blast miscounts its failures", "SELECT count(*) FROM blast b WHERE failed_count <> (SELECT count(*) FROM blast_target t WHERE t.blast_id = b.id AND t.status = 'failed')"},
			{"the opt-out did not survive", "SELECT 1 - count(*) FROM robot_options WHERE left_out = '[\"573105550182\", \"573000000002\"]'"},
		},
		Removed: []string{"documents/lucia-0001.pdf"},
		Kept:    []string{"images/vecino.jpg"},
	},
}

const (
	alba = "a1000000-0000-4000-8000-000000000001"
	sur  = "a1000000-0000-4000-8000-000000000002"
)

var lucia = Who{Phone: "+573105550182", Name: "Lucía Barrera", Tenants: []string{alba}}

func peers(ids ...string) []string   { return series("b1000000-0000-4000-8000-00000000000", ids...) }
func entries(ids ...string) []string { return series("b2000000-0000-4000-8000-00000000000", ids...) }

// Pile gives the person of Recado n more messages, every third of which answers
// the one before it, and the case as it is then: for deletions that take long.
func Pile(ctx context.Context, db *pgxpool.Pool, n int) (Case, error) {
	c := Recado.Case
	if _, err := db.Exec(ctx, `
		INSERT INTO entry (id, created_at, shop_id, line_name, peer_id, wamid, direction, kind, body, status, answers_id)
		SELECT md5('pile' || i)::uuid, timestamptz '2026-01-01' + i * interval '1 second', $2, 'alba-1', $3, 'wamid.p' || i, 'in', 'text', 'montón ' || i, 'read',
		       CASE WHEN i % 3 = 0 THEN md5('pile' || i - 1)::uuid END
		FROM generate_series(1, $1::int) i`, n, alba, c.Deleted["peer"][0]); err != nil {
		return c, fmt.Errorf("pile up messages: %w", err)
	}
	if _, err := db.Exec(ctx, "ANALYZE entry"); err != nil {
		return c, fmt.Errorf("pile up messages: %w", err)
	}
	c.Deleted, c.Exported = maps.Clone(c.Deleted), maps.Clone(c.Exported)
	c.Deleted["entry"] = slices.Grow(slices.Clone(c.Deleted["entry"]), n)
	for i := range n {
		c.Deleted["entry"] = append(c.Deleted["entry"], uuid.UUID(md5.Sum(fmt.Appendf(nil, "pile%d", i+1))).String())
	}
	c.Exported["entry"] += n
	return c, nil
}
