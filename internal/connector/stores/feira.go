package stores

// Feira is an inbox with the constructs of many stores in one: ids that collide
// across polymorphic types, composite and textual keys with an empty part, ids
// inside text keys, values in JSON, in JSON inside JSON, in bytes and in arrays,
// containers shared by two people, lists of people, kept rows that encode the
// number, a cycle of foreign keys, cascades, a materialised view.
var Feira = Store{
	Name: "feira", Schema: "Feira",
	// The first part of a key is the object store.
	Objects: map[string]string{
		"media/feira/rg.jpg": "file-of-feira-rg", "media/feira/rg_small.jpg": "small rg", "local/recibos/302.pdf": "file-of-feira-receipt", "media/feira/mapa.png": "file-of-feira-map",
		"media/feira/menu.jpg": "file-of-feira-menu", "local/feira/rg.jpg": "another file of that name", "local/imports/2026/lista.csv": "many people",
		"media/fotos/bruna.jpg": "file-of-feira-photo", "media/fotos/ninguem.jpg": "nobody's photo",
		"media/calls/d1/d1000000-0000-4000-8000-000000000001/0.ogg": "file-of-feira-call", "media/calls/d1/d1000000-0000-4000-8000-000000000001/1.ogg": "the call's end",
		"media/calls/d2/d2000000-0000-4000-8000-000000000002/0.ogg": "an early call", "media/calls/d3/d3000000-0000-4000-8000-000000000003/0.ogg": "call of caio",
	},
	Case: Case{
		Who: bruna,
		Probes: []Probe{
			{Name: "by number, and by the address that it leads to, also in JSON", Who: bruna, Match: Rows{"Contact": {"8000001", "8000002", "8000008"}}, Candidates: Rows{"Contact": {"8000003", "8000006", "8000007"}}},
			{Name: "by address", Who: Who{Email: "bruna.teixeira@example.com", Tenants: []string{"1"}}, Match: Rows{"Contact": {"8000001", "8000002", "8000008"}}, Candidates: Rows{"Contact": {"8000003"}}},
			{Name: "at the other account", Who: Who{Phone: "+5521987654321", Tenants: []string{"2"}}, Match: Rows{"Contact": {"8000004"}}},
			{Name: "a number that was typed and not proved", Who: Who{Claimed: map[string]string{"phone": "+5521987654321"}, Tenants: []string{"1"}}, Candidates: Rows{"Contact": {"8000001", "8000003"}}},
			{Name: "Argentina's nine", Who: Who{Phone: "+5491155550123", Tenants: []string{"3"}}, Candidates: Rows{"Contact": {"8000021"}}},
			{Name: "a number with one digit more", Who: Who{Phone: "+55219876543211", Tenants: []string{"1"}}},
			{Name: "a part of an address", Who: Who{Email: "teixeira@example.com", Tenants: []string{"1"}}},
			{Name: "an address that goes on", Who: Who{Email: "bruna.teixeira@example.co", Tenants: []string{"1"}}},
		},
		Exported: map[string]int{"Contact": 3, "conversation": 4, "message": 8, "message_archive": 2, "attachment": 4, "tagging": 3, "read_mark": 3, "cache_entry": 2, "webhook_log": 1, "outbox": 1,
			"import_batch": 1, "segment": 1, "invoice": 3, "delivery": 4, "call_log": 2, "survey_answer": 1, "consent": 2, "opt_out": 1, "WaMessage": 2, "event": 3, "audit": 2, "contact_note": 1},
		Withheld: Rows{"message": {"8000205", "8000210"}},
		Appear: []string{"abacate-01", "caju-03", "inhame-09", "gentil", "nabo-14", "quiabo-17", "vagem-22", "açaí-25", "banana-26", "cacau-27", "dendê-28", "fubá-30", "hibisco-32", "jambo-34",
			"kino-35", "laranja-36", "oliva-39", "seriguela-43", "tamarindo-44", "valsa-46", "xale-47", "zinco-48", "amora-49", "brejo-50", "floresta-54", "ilha-57", "praia-63", "rocha-65", "serra-66",
			"embu-29", "vento-69", "xote-70", "cabra-74", "doninha-75", "ema-76", "harpia-79", "iguana-80"},
		Review: []string{"lobo-82"},
		Hidden: []string{"segredo-da-bruna", "Davi Lapa", "damasco-04", "erva-05", "figo-06", "goiaba-07", "hortela-08", "jaca-10", "kiwi-11", "tomate-20", "uva-21", "xaxim-23", "zimbro-24",
			"guaraná-31", "ingá-33", "maçã-37", "nêspera-38", "pitanga-40", "quixaba-41", "repolho-42", "umbu-45", "cedro-51", "duna-52", "eira-53", "granito-55", "harpa-56", "jardim-58", "lagoa-59",
			"mato-60", "onda-62", "quilha-64", "trigo-67", "usina-68", "zebra-71", "abelha-72", "bode-73", "foca-77", "gato-78", "jacu-81", "mico-83", "caio@example.com"},
		Files:   []string{"file-of-feira-rg", "file-of-feira-receipt", "file-of-feira-map", "file-of-feira-menu", "file-of-feira-call", "file-of-feira-photo"},
		Foreign: []string{"another file of that name", "many people", "call of caio"},
		Deleted: Rows{
			"Contact": {"8000001", "8000002", "8000008"}, "conversation": {"8000101", "8000104"}, "message": {"8000201", "8000202", "8000203", "8000204", "8000206", "8000211", "8000214"},
			"message_archive": {"8000251"}, "attachment": {"8000301", "8000302", "8000303", "8000305"}, "tagging": {"8000401", "8000402", "8000405"},
			"read_mark": {"Contact/8000001|", "Contact/8000001|phone", "Contact/8000002|"}, "cache_entry": {"contact:8000001:card", "contact:8000001:orders:2026"},
			"webhook_log": {"c1000000-0000-4000-8000-000000000001"}, "outbox": {"8000501"}, "invoice": {"821"}, "delivery": {"8000602"}, "call_log": {"d2000000-0000-4000-8000-000000000002"},
			"survey_answer": {"8000701"}, "consent": {"8000001|news", "8000001|terms"}, "WaMessage": {"3EB0A1", "3EB0A2"},
			"event": {"8000801|2026-03-01 00:00:00+00", "8000802|2025-03-01 00:00:00+00", "8000803|2026-03-01 00:00:00+00"}, "audit": {"8000902"}, "contact_note": {"8001001"},
		},
		Changed: Rows{
			"conversation": {"8000102", "8000103"}, "message": {"8000207", "8000210"}, "message_archive": {"8000252"}, "import_batch": {"801"}, "segment": {"811"},
			"invoice": {"822", "823"}, "delivery": {"8000601", "8000605", "8000606"}, "call_log": {"d1000000-0000-4000-8000-000000000001"}, "audit": {"8000901"},
		},
		Reported: Rows{"message": {"8000213"}, "contact_note": {"8001002"}, "WaMessage": {"3EB0A3"}},
		Gone: []string{"segredo-da-bruna", "abacate-01", "bolo-02", "caju-03", "inhame-09", "nabo-14", "ostra-15", "pera-16", "quiabo-17", "romã-18", "salsa-19", "vagem-22", "açaí-25", "banana-26", "cacau-27",
			"dendê-28", "embu-29", "fubá-30", "hibisco-32", "jambo-34", "kino-35", "laranja-36", "oliva-39", "seriguela-43", "tamarindo-44", "valsa-46", "xale-47", "zinco-48", "amora-49", "brejo-50",
			"floresta-54", "ilha-57", "neblina-61", "praia-63", "rocha-65", "serra-66", "vento-69", "xote-70", "cabra-74", "doninha-75", "ema-76", "bruna.velha@example.com", "harpia-79", "iguana-80", "lobo-82", "jiló-84"},
		Still: []string{"damasco-04", "erva-05", "figo-06", "goiaba-07", "hortela-08", "jaca-10", "kiwi-11", "limon-12", "mango-13", "tomate-20", "uva-21", "xaxim-23", "zimbro-24", "guaraná-31", "ingá-33", "maçã-37",
			"nêspera-38", "pitanga-40", "quixaba-41", "repolho-42", "umbu-45", "cedro-51", "duna-52", "eira-53", "granito-55", "harpa-56", "jardim-58", "lagoa-59", "mato-60", "onda-62", "quilha-64", "trigo-67",
			"usina-68", "zebra-71", "abelha-72", "bode-73", "foca-77", "gato-78", "jacu-81", "mico-83"},
		Residue: []Residue{
			{`(^|[^0-9])(55)? ?\(?21\)? ?98765-?4321([^0-9]|$)`, Rows{"Contact": {"8000004"}, "conversation": {"8000105"}, "message": {"8000213"}, "webhook_log": {"c1000000-0000-4000-8000-000000000003"},
				"outbox": {"8000504"}, "segment": {"812"}, "delivery": {"8000603"}, "opt_out": {"1|5521987654321|mail", "2|5521987654321|mail"}, "WaMessage": {"3EB0A5"}, "contact_stats": {"8000004"}}},
			{`(^|[^a-z0-9.])bruna\.teixeira@example\.com([^a-z.]|$)`, Rows{"Contact": {"8000004"}}},
		},
		Zero: []Zero{
			{"a receipt still encodes the number", `SELECT count(*) FROM "Feira".delivery WHERE id IN (8000601, 8000605, 8000606)
				AND CASE WHEN wamid ~ '^wamid\.([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' THEN position('21987654321' IN encode(decode(substr(wamid, 7), 'base64'), 'escape')) > 0 END`},
			{"the view still shows her", `SELECT count(*) FROM "Feira".contact_stats WHERE contact_id IN (8000001, 8000002, 8000008)`},
			{"a conversation miscounts its messages", `SELECT count(*) FROM "Feira".conversation c WHERE message_count <> (SELECT count(*) FROM "Feira".message m WHERE m.conversation_id = c.id)`},
			{"a conversation ends with words that are gone", `SELECT count(*) FROM "Feira".conversation c WHERE (last_ms, last_text) IS DISTINCT FROM
				(SELECT ROW(m.sent_ms, m.content) FROM "Feira".message m WHERE m.conversation_id = c.id ORDER BY m.sent_ms DESC LIMIT 1)`},
			{"an import lost others", `SELECT count(*) FROM "Feira".import_batch WHERE lines::jsonb <> '[{"phone": "5521987652222", "name": "mato-60"}, {"phone": "5521987654399", "name": "onda-62"}]'`},
			{"the segment lost others", `SELECT count(*) FROM "Feira".segment WHERE id = 811 AND numbers <> '{5521987652222,5521987654399}'`},
			{"the participants lost others", `SELECT count(*) FROM "Feira".conversation WHERE id = 8000103 AND (participants <> '["5521987652222", "5521987654399"]' OR cc !~ '^caio@example.com, ?eva@lapa.example$')`},
			{"the emptied conversation is still hers", `SELECT count(*) FROM "Feira".conversation WHERE id = 8000102 AND (contact_id IS NOT NULL OR participants <> '["5521987652222"]' OR cc IS DISTINCT FROM 'caio@example.com')`},
			{"a translation or a processed copy is left", `SELECT count(*) FROM "Feira".message WHERE id = 8000207 AND (translations IS NOT NULL OR processed IS NOT NULL)`},
			{"more of Caio's answer changed than what it refers to", `SELECT count(*) FROM "Feira".message WHERE id = 8000210 AND (content, processed, attrs::text, sender_id) <> ('boa ideia ingá-33', 'boa ideia ingá-33', '{}', 8000020)`},
			{"what is kept in the log lost its rest", `SELECT count(*) FROM "Feira".audit WHERE id = 8000901 AND (changes->'by', changes->'n') IS DISTINCT FROM ('8000002'::jsonb, '1.50'::jsonb)`},
		},
		Removed: []string{"media/feira/rg.jpg", "media/feira/rg_small.jpg", "local/recibos/302.pdf", "media/feira/mapa.png", "media/fotos/bruna.jpg",
			"media/calls/d2/d2000000-0000-4000-8000-000000000002/0.ogg"},
		Kept: []string{"media/feira/menu.jpg", "media/fotos/ninguem.jpg", "local/feira/rg.jpg", "local/imports/2026/lista.csv", "media/calls/d3/d3000000-0000-4000-8000-000000000003/0.ogg",
			"media/calls/d1/d1000000-0000-4000-8000-000000000001/0.ogg", "media/calls/d1/d1000000-0000-4000-8000-000000000001/1.ogg"},
	},
}

var bruna = Who{Phone: "+5521987654321", Name: "Bruna Teixeira", Tenants: []string{"1"}}
