package stores

// Kontor is a team chat in rooms and topics. Every reference is a real foreign
// key that forbids deletion, so that accounts become tombstones; a note has a
// rendered copy, a search vector and an edit history; what it goes to is
// polymorphic; the column called address is a stand-in.
var Kontor = Store{
	Name: "kontor", Schema: "public",
	Objects: map[string]string{
		"11/4f/q7A1/permit.pdf":                        "file-of-kontor-permit",
		"thumbnail/11/4f/q7A1/permit.pdf/800x600.webp": "small permit",
		"thumbnail/11/4f/q7A1/permit.pdf/300x225.webp": "smaller permit",
		"11/8c/q7A2/boat.png":                          "file-of-kontor-boat",
		"thumbnail/11/8c/q7A2/boat.png/800x600.webp":   "small boat",
		"11/2b/q7A3/harbour.pdf":                       "file-of-kontor-harbour",
		"11/6d/q7A4/early-cv.pdf":                      "file-of-kontor-cv",
		"faces/11/a7700001-1.png":                      "file-of-kontor-face",
		"faces/11/a7700004-1.png":                      "face of joost",
	},
	Case: Case{
		Who: sanne,
		Probes: []Probe{
			{Name: "by address and number, at one workspace", Who: sanne, Match: Rows{"account": {"7700001", "7700002"}}},
			{Name: "by address in other case", Who: Who{Email: "SANNE.DEWIT@EXAMPLE.NET", Tenants: []string{"11"}}, Match: Rows{"account": {"7700001"}}},
			{Name: "by number in the national form, which stands in a profile field", Who: Who{Phone: "+31655504821", Tenants: []string{"11"}}, Match: Rows{"account": {"7700001", "7700002"}}},
			{Name: "at the other workspace", Who: Who{Email: "sanne.dewit@example.net", Tenants: []string{"12"}}, Match: Rows{"account": {"7700003"}}},
			{Name: "the stand-in address is no key", Who: Who{Email: "a7700001@stand-in.kontor.example", Tenants: []string{"11"}}},
			{Name: "a number with one digit more is another", Who: Who{Phone: "+316555048211", Tenants: []string{"11"}}},
			{Name: "a name proves nothing", Who: Who{Name: "Sanne de Wit", Tenants: []string{"11"}}},
		},
		Exported: map[string]int{"account": 2, "profile_value": 2, "membership": 3, "note": 6, "note_state": 4, "note_archived": 1, "applause": 1, "upload": 1, "upload_archived": 1,
			"draft": 1, "workspace_log": 3, "presence": 1, "usage_stat": 1, "watchword": 1, "mute": 1, "invitation": 2, "address_change": 1},
		Withheld: Rows{"note": {"7700403"}, "note_archived": {"7700453"}},
		Appear: []string{"velvet-heron-01", "velvet-heron-00", "walnut-otter-02", "crimson-stork-04", "copper-snipe-07", "silver-plover-08", "olive-wren-11", "hazel-teal-14", "hazel-teal-15",
			"indigo-swift-18", "jasper-tern-19", "lilac-gull-21", "mint-dunlin-22", "amber-knot-24", "sanne.jansen@example.net"},
		Review: []string{"quartz-rail-20"},
		Hidden: []string{"joost-amber-03", "joost-birch-05", "joost-cedar-06", "joost-elder-12", "joost-fir-13", "joost-ginkgo-16", "joost-holly-17", "marble-goose-09", "linen-crow-10",
			"niece@example.net", "token-of-sanne-now", "token-of-sanne-before", "argon$sanne"},
		Files:   []string{"file-of-kontor-permit", "file-of-kontor-cv", "file-of-kontor-face"},
		Foreign: []string{"file-of-kontor-boat", "file-of-kontor-harbour", "face of joost"},
		Deleted: Rows{
			"profile_value": {"7700201", "7700202"}, "membership": {"7700301", "7700302", "7700303"}, "note_state": {"7700501", "7700503", "7700505", "7700506"},
			"note_archived": {"7700451"}, "upload_archived": {"7700831"}, "upload_archived_note": {"7700841"}, "applause": {"7700701"}, "upload": {"7700801"},
			"upload_note": {"7700811", "7700812", "7700814"}, "picture": {"7700821"}, "draft": {"7700901"}, "workspace_log": {"7701002"}, "presence": {"7701101"}, "usage_stat": {"7701201"},
			"watchword": {"7701301"}, "mute": {"7701402"}, "invitation": {"7701501", "7701504"}, "address_change": {"7701601"},
		},
		Changed: Rows{
			"account": {"7700001", "7700002"}, "note": {"7700401", "7700402", "7700404", "7700407", "7700408", "7700411", "7700413"},
			"workspace_log": {"7701001"}, "room": {"1"},
		},
		MayChange: Rows{"workspace_log": {"7701003"}, "circle": {"7700100"}, "invitation": {"7701502"}},
		Reported:  Rows{"note": {"7700405"}, "watchword": {"7701302"}, "profile_value": {"7700203"}, "mute": {"7701401"}},
		Gone: []string{"velvet-heron-01", "velvet-heron-00", "walnut-otter-02", "crimson-stork-04", "copper-snipe-07", "silver-plover-08", "olive-wren-11", "hazel-teal-14", "hazel-teal-15",
			"indigo-swift-18", "jasper-tern-19", "quartz-rail-20", "lilac-gull-21", "mint-dunlin-22", "amber-knot-24", "sanne.jansen@example.net", "sanne.bakker@example.net",
			"token-of-sanne-now", "token-of-sanne-before", "argon$sanne", "argon$before"},
		Still: []string{"joost-amber-03", "joost-birch-05", "joost-cedar-06", "joost-elder-12", "joost-fir-13", "joost-ginkgo-16", "joost-holly-17", "marble-goose-09", "linen-crow-10",
			"niece@example.net", "token-of-sanne-zuid"},
		Residue: []Residue{
			{`(^|[^a-z0-9.])sanne\.dewit@example\.net`, Rows{"account": {"7700003", "7700005"}, "invitation": {"7701503"}}},
			{`6[ -]?5550[ -]?4821([^0-9]|$)`, Rows{"profile_value": {"7700205"}}},
		},
		Zero: []Zero{
			{"the search vector finds her words", "SELECT count(*) FROM note WHERE author_id IN (7700001, 7700002) AND (words @@ to_tsquery('english', 'permit|heron|otter|stork|snipe|plover|wren') OR words <> '')"},
			{"a note claims a file that it lost", "SELECT count(*) FROM note n WHERE has_file AND NOT EXISTS (SELECT FROM upload_note u WHERE u.note_id = n.id)"},
			{"a room miscounts its members", "SELECT count(*) FROM room r WHERE member_count <> (SELECT count(*) FROM membership m JOIN account a ON a.id = m.account_id WHERE m.audience_id = r.audience_id AND m.active AND a.active)"},
			{"a tombstone tells who it was", "SELECT count(*) FROM account WHERE id IN (7700001, 7700002) AND (contact_address || address || display_name || passphrase || api_token ~* 'sanne|argon' OR active OR zone <> '')"},
			{"a note of hers still says something", "SELECT count(*) FROM note WHERE author_id IN (7700001, 7700002) AND (coalesce(body_html, '') <> '' OR coalesce(history, '') <> '' OR topic <> '')"},
			{"the rest of a scrubbed log entry is gone", "SELECT count(*) FROM workspace_log WHERE id = 7701001 AND extra->>'kind' IS DISTINCT FROM '7'"},
		},
		Removed: []string{"11/4f/q7A1/permit.pdf", "thumbnail/11/4f/q7A1/permit.pdf/800x600.webp", "thumbnail/11/4f/q7A1/permit.pdf/300x225.webp", "11/6d/q7A4/early-cv.pdf", "faces/11/a7700001-1.png"},
		Kept:    []string{"11/8c/q7A2/boat.png", "thumbnail/11/8c/q7A2/boat.png/800x600.webp", "11/2b/q7A3/harbour.pdf", "faces/11/a7700004-1.png"},
	},
}

var sanne = Who{Email: "sanne.dewit@example.net", Phone: "+31655504821", Name: "Sanne de Wit", Tenants: []string{"11"}}
