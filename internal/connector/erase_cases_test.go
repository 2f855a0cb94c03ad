package connector_test

// smalls are the stores of TestEachConstructOfADeletion.
var smalls = []small{
	{
		name: "live, expired and open rows of one table",
		sql: `CREATE TABLE bill (id bigint PRIMARY KEY, person_id bigint, due date, paid date, note text);
			CREATE INDEX ON bill (person_id);
			INSERT INTO bill VALUES (1, 1, '2026-01-01', '2026-01-02', 'for Lu Example'), (2, 1, '2020-01-01', '2020-01-02', 'old'), (3, 1, '2020-01-01', NULL, 'open, Lu Example'),
			(4, 1, NULL, '2020-01-02', 'no date'), (100, 2, '2020-01-01', '2020-01-02', 'Jo')`,
		tables: `
  bill:
    title: B
    category: c
    controller: operator
    reach: [{as: about, from: person.id, to: person_id}]
    erase: {about: {do: redact, ground: books, from: due, after: delete, while: {paid: null}, set: {note: scrub}}}
    columns: {due: D, paid: P, note: {title: N, mentions: true}}
    none: [id]
    link: [person_id]`,
		plan: []string{"redact bill 3", "delete bill 1"},
		want: []result{{"SELECT id || ' ' || note FROM bill ORDER BY id", []string{"1 for [erased]", "3 open, [erased]", "4 no date", "100 Jo"}}},
	},
	{
		name: "text scrubbed wherever it stands",
		sql: `CREATE TABLE note (id bigint PRIMARY KEY, person_id bigint, body varchar(80), doc json, bin jsonb, loose text, raw bytea, list text[], wamid text);
			CREATE INDEX ON note (person_id);
			INSERT INTO note VALUES
			(1, 1, 'call (0171) 392-0041 or Example, Lu', '{"a" :  "LU@example.com", "\u006bept": [1, 2.50], "in":"{\"x\": \"+491713920041\", \"y\":1 }"}', '{"n": 491713920041, "m": "LU EXAMPLE!"}',
			 'not JSON {lu@example.com', convert_to('{"to" : "0049 171 3920041"}', 'UTF8'), ARRAY['a', 'lu@example.com', NULL, 'with "quotes"'], 'wamid.HBgN' || encode('x491713920041y', 'base64')),
			(2, 1, 'call 01713920042 and xlu@example.com', '"plain"', NULL, '{"ok": 1}', '\x00ff', '{}', 'wamid.' || encode('491713920042', 'base64')),
			(100, 2, 'lu@example.com', '{}', '{}', '', '', '{}', '')`,
		tables: `
  note:
    title: N
    category: c
    controller: operator
    reach: [{as: about, from: person.id, to: person_id}]
    erase: {about: {do: redact, set: {body: scrub, doc: scrub, bin: scrub, loose: scrub, raw: scrub, list: scrub, wamid: scrub}}}
    columns: {body: {title: B, mentions: true}, doc: {title: D, json: true}, bin: {title: D, json: true}, loose: {title: L, json: true}, raw: {title: R, json: true}, list: L, wamid: {title: W, encoded: base64}}
    none: [id]
    link: [person_id]`,
		plan: []string{"redact note 2"},
		want: []result{
			{"SELECT body FROM note WHERE id < 100 ORDER BY id", []string{"call [erased] or [erased]", "call 01713920042 and xlu@example.com"}},
			{"SELECT doc::text FROM note WHERE id < 100 ORDER BY id", []string{`{"a" :  "[erased]", "\u006bept": [1, 2.50], "in":"{\"x\": \"[erased]\", \"y\":1 }"}`, `"plain"`}},
			{"SELECT bin::text FROM note WHERE id = 1", []string{`{"m": "[erased]!", "n": "[erased]"}`}},
			{"SELECT loose FROM note WHERE id < 100 ORDER BY id", []string{"not JSON {[erased]", `{"ok": 1}`}},
			{"SELECT encode(raw, 'escape') FROM note WHERE id < 100 ORDER BY id", []string{`{"to" : "[erased]"}`, `\000\377`}},
			{"SELECT list::text FROM note WHERE id < 100 ORDER BY id", []string{`{a,[erased],NULL,"with \"quotes\""}`, "{}"}},
			{"SELECT left(wamid, 14) FROM note WHERE id < 100 ORDER BY id", []string{"wamid.[erased]", "wamid.NDkxNzEz"}},
		},
	},
	{
		name: "leaves of JSON and elements of lists",
		sql: `CREATE TABLE list (id bigint PRIMARY KEY, person_id bigint, doc text, phones jsonb, people json, tags text[], cc text);
			CREATE INDEX ON list (person_id);
			INSERT INTO list VALUES (1, 1, '{ "keep":1.0, "gone" : {"x":1}, "nil":"x","inner":"{\"deep\": [ \"a\", 2 ]}", "set": false }',
			 '["0171 3920041", "+491713920042"]', '[ {"who": {"tel": "+491713920041"}, "n": 1}, {"who": {"tel": "+491713920042"}} ]', ARRAY['x@example.com', 'Lu <LU@example.com>'], 'lu@example.com, a@example.com,b@example.com'),
			(100, 2, '{}', '["+491713920042"]', '[]', '{}', '')`,
		tables: `
  list:
    title: L
    category: c
    controller: operator
    reach: [{as: named, from: person.id, to: person_id}]
    erase:
      named: {do: redact, set: {doc: {json: {gone: drop, nil: null, "inner!.deep[]": {value: 7}, set: {value: true}}}, phones: {remove: {by: phone}}, people: {remove: {by: phone, json: "[].who.tel"}}, tags: {remove: {by: email}}, cc: {remove: {by: email, separator: ","}}}}
    columns: {doc: {title: D, json: true}, phones: {title: P, json: true}, people: {title: P, json: true}, tags: T, cc: C}
    none: [id]
    link: [person_id]`,
		plan: []string{"redact list 1"},
		want: []result{
			{"SELECT doc FROM list WHERE id = 1", []string{`{ "keep":1.0, "nil":null,"inner":"{\"deep\": [ 7, 7 ]}", "set": true }`}},
			{"SELECT phones::text FROM list WHERE id = 1", []string{`["+491713920042"]`}},
			{"SELECT people::text FROM list WHERE id = 1", []string{`[ {"who": {"tel": "+491713920042"}} ]`}},
			{"SELECT tags::text || cc FROM list WHERE id = 1", []string{`{x@example.com}a@example.com,b@example.com`}},
		},
	},
	{
		name: "a container that somebody else is in",
		sql: `CREATE TABLE room (id bigint PRIMARY KEY, person_id bigint, topic text);
			CREATE TABLE post (id bigint PRIMARY KEY, room_id bigint REFERENCES room, author_id bigint, body text);
			CREATE INDEX ON room (person_id); CREATE INDEX ON post (room_id); CREATE INDEX ON post (author_id);
			INSERT INTO room VALUES (1, 1, 'mine alone'), (2, 1, 'with Jo'), (100, 2, 'of Jo');
			INSERT INTO post VALUES (1, 1, 1, 'a'), (2, 2, 1, 'b'), (101, 2, 2, 'from Jo'), (3, 100, 1, 'at Jo''s')`,
		tables: `
  room:
    title: R
    category: c
    controller: operator
    reach: [{as: thread, from: person.id, to: person_id}]
    erase: {thread: {do: delete, shared: {by: post.room_id, do: anonymise, set: {topic: {value: "[removed]"}, person_id: null}}}}
    columns: {topic: T}
    none: [id]
    link: [person_id]
  post:
    title: P
    category: c
    controller: operator
    reach: [{as: author, from: person.id, to: author_id}]
    erase: {author: delete}
    columns: {body: B}
    none: [id]
    link: [room_id, author_id]`,
		plan: []string{"delete post 3", "delete room 1", "anonymise room 1"},
		want: []result{
			{"SELECT id || ' ' || topic || ' ' || coalesce(person_id, 0) FROM room ORDER BY id", []string{"2 [removed] 0", "100 of Jo 2"}},
			{"SELECT id::text FROM post", []string{"101"}},
		},
	},
	{
		name: "a circle of references, and one to itself",
		sql: `CREATE TABLE talk (id bigint PRIMARY KEY, person_id bigint, last_id bigint, pinned_id bigint);
			CREATE TABLE line (id bigint PRIMARY KEY, talk_id bigint NOT NULL REFERENCES talk, author_id bigint, answers bigint REFERENCES line);
			ALTER TABLE talk ADD FOREIGN KEY (last_id) REFERENCES line, ADD FOREIGN KEY (pinned_id) REFERENCES line;
			CREATE INDEX ON talk (person_id); CREATE INDEX ON talk (last_id); CREATE INDEX ON talk (pinned_id); CREATE INDEX ON line (talk_id); CREATE INDEX ON line (author_id); CREATE INDEX ON line (answers);
			INSERT INTO talk (id, person_id) VALUES (1, 1), (100, 2), (101, 2);
			INSERT INTO line VALUES (1, 1, 1, NULL), (2, 1, 2, 1), (3, 1, 1, 2), (4, 100, 1, NULL), (100, 100, 2, 4), (101, 101, 2, NULL);
			UPDATE talk SET last_id = 3 WHERE id = 1; UPDATE talk SET last_id = 4, pinned_id = 100 WHERE id = 100; UPDATE talk SET last_id = 101 WHERE id = 101`,
		tables: `
  talk:
    title: T
    category: c
    controller: operator
    reach: [{as: thread, from: person.id, to: person_id}]
    erase: delete
    detach: [last_id, pinned_id]
    none: [id]
    link: [person_id, last_id, pinned_id]
  line:
    title: L
    category: c
    controller: operator
    reach: [{as: thread, from: talk.id, to: talk_id, through: [thread]}, {as: author, from: person.id, to: author_id}]
    erase: delete
    self: [answers]
    none: [id]
    link: [talk_id, author_id, answers]`,
		plan:  []string{"detach line 1", "detach talk 1", "delete line 3", "delete line 1", "delete talk 1"},
		other: []string{"talk 100", "line 100"},
		want: []result{
			{"SELECT id || ' ' || coalesce(last_id, 0) || ' ' || coalesce(pinned_id, 0) FROM talk ORDER BY id", []string{"100 0 100", "101 101 0"}},
			{"SELECT id || ' ' || coalesce(answers, 0) FROM line ORDER BY id", []string{"100 0", "101 0"}},
		},
	},
	{
		name:   "counters and flags",
		person: `erase: {owner: {do: tombstone, set: {mail: null, phone: null, name: {value: gone}, token: null, active: {value: "false"}}}}`,
		sql: `CREATE TABLE channel (id bigint PRIMARY KEY, members int, best numeric, total bigint, newest text, busy boolean, wrong int);
			CREATE TABLE member (id bigint PRIMARY KEY, channel_id bigint, person_id bigint, on_list boolean);
			CREATE TABLE vote (id bigint PRIMARY KEY, channel_id bigint, person_id bigint, score int, said text, at timestamptz);
			CREATE INDEX ON member (channel_id); CREATE INDEX ON member (person_id); CREATE INDEX ON vote (channel_id); CREATE INDEX ON vote (person_id);
			INSERT INTO channel VALUES (100, 9, 7, 12, 'mine', true, 5), (101, 1, NULL, 0, NULL, false, 5), (102, 1, 3, 3, 'mine', true, 5);
			INSERT INTO member VALUES (1, 100, 1, true), (100, 100, 2, true), (101, 101, 2, true), (2, 102, 1, true);
			INSERT INTO vote VALUES (1, 100, 1, 7, 'mine', '2026-02-02'), (100, 100, 2, 5, 'Jo''s', '2026-02-01'), (2, 102, 1, 3, 'mine', now())`,
		tables: `
  channel:
    title: C
    category: c
    controller: operator
    repair:
      - {column: members, count: member, on: {channel_id: id}, when: {on_list: true, person_id: {of: person.id, when: {active: true}}}}
      - {column: best, max: vote, of: score, on: {channel_id: id}}
      - {column: total, sum: vote, of: score, on: {channel_id: id}}
      - {column: newest, latest: vote, of: said, by: at, on: {channel_id: id}}
      - {column: busy, exists: vote, on: {channel_id: id}}
    none: [id, members, best, total, newest, busy, wrong]
  member:
    title: M
    category: c
    controller: operator
    none: [id, on_list]
    link: [channel_id, person_id]
  vote:
    title: V
    category: c
    controller: operator
    reach: [{as: owner, from: person.id, to: person_id}]
    erase: delete
    columns: {score: S, said: W, at: T}
    none: [id]
    link: [channel_id, person_id]`,
		plan:  []string{"delete vote 2", "repair channel 2", "repair channel 2", "repair channel 2", "repair channel 2", "repair channel 2"},
		other: []string{"channel 100", "channel 102"},
		want: []result{
			{"SELECT concat_ws(' ', id, members, best, total, newest, busy, wrong) FROM channel ORDER BY id", []string{"100 1 5 5 Jo's t 5", "101 1 0 f 5", "102 0 0 f 5"}},
		},
	},
	{
		name: "files by template and in several places",
		sql: `CREATE TABLE file (id uuid PRIMARY KEY, person_id bigint, path text, sizes text, place text, kind text);
			CREATE INDEX ON file (person_id); CREATE INDEX ON file (path);
			INSERT INTO file VALUES ('11111111-0000-4000-8000-000000000001', 1, 'a.png', '[{"w":1,"h":2},{"w":3,"h":4},{"w":5}]', 'x', 'own'),
			 ('21111111-0000-4000-8000-000000000002', 1, 'kept-by-Jo.png', NULL, 'y', 'import'), ('31111111-0000-4000-8000-000000000003', 2, 'kept-by-Jo.png', NULL, 'x', 'own')`,
		tables: `
  file:
    title: F
    category: c
    controller: operator
    reach: [{as: owner, from: person.id, to: person_id}]
    erase: delete
    objects:
      - {key: "{path}"}
      - {key: "thumbs/{path}/{sizes[].w}x{sizes[].h}.webp"}
      - {key: "e/{id:0:2}/{id}/*", store: {by: place, is: {x: one, y: two}}}
      - {key: "lists/{id:0:2}.csv", when: {kind: import}, many: true}
    columns: {path: P, sizes: {title: S, json: true}}
    none: [id, place, kind]
    link: [person_id]`,
		files: []string{"a.png", "kept-by-Jo.png", "thumbs/a.png/1x2.webp", "thumbs/a.png/3x4.webp", "thumbs/a.png/5x.kept",
			"one/e/11/11111111-0000-4000-8000-000000000001/1", "one/e/11/11111111-0000-4000-8000-000000000001/b/2", "two/e/21/21111111-0000-4000-8000-000000000002/3",
			"two/e/11/11111111-0000-4000-8000-000000000001/kept", "one/e/11/11111111-0000-4000-8000-0000000000011/kept", "lists/21.csv.kept"},
		plan:  []string{"delete file 2"},
		other: []string{"file 11111111-0000-4000-8000-000000000001", "file 21111111-0000-4000-8000-000000000002"},
		want:  []result{{"SELECT object_key || ' ' || outcome FROM dsar.object WHERE outcome <> 'removed' ORDER BY 1", []string{"kept-by-Jo.png shared", "lists/21.csv flagged"}}},
	},
	{
		name: "a view that keeps copies",
		sql:  `CREATE MATERIALIZED VIEW book AS SELECT id, mail, name FROM person; CREATE UNIQUE INDEX ON book (id)`,
		more: `views: {book: {refresh: true, search: [mail]}}`,
		want: []result{{"SELECT id::text FROM book", []string{"2"}}},
	},
}
