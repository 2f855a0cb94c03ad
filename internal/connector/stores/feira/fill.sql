-- The neighbours: {{scale}} contacts, ten messages each.
INSERT INTO "Account" VALUES (1, 'Banca da Lapa', 'BR'), (2, 'Banca do Centro', 'BR'), (3, 'Puesto Norte', 'AR'), (4, 'Puesto Sur', 'MX');
INSERT INTO "Staff" VALUES (1, 1, 'rita@lapa.example', 'Rita Lapa', 'pt'), (2, 2, 'nuno@centro.example', 'Nuno Centro', 'pt');
INSERT INTO "Contact" (id, "accountId", phone, email, "fullName", profile, "createdAt")
  SELECT i, 1 + i % 2, '552197' || lpad(i::text, 7, '0'), 'cliente' || i || '@example.com', 'Cliente ' || i, '{"restricted": false}', timestamp '2024-02-01' + i * interval '1 second' FROM generate_series(1, {{scale}}) i;
INSERT INTO conversation (id, account_id, contact_id, subject, message_count, last_ms, last_text, participants, opened_at)
  SELECT i, 1 + i % 2, i, 'pedido ' || i, 10, 1709251200000 + i * 600000::bigint, 'recado 10 de ' || i, jsonb_build_array('552197' || lpad(i::text, 7, '0')), '2024-02-01' FROM generate_series(1, {{scale}}) i;
INSERT INTO message (id, conversation_id, account_id, sender_type, sender_id, content, processed, wamid, sent_ms)
  SELECT (i - 1) * 10 + j, i, 1 + i % 2, CASE WHEN j % 2 = 0 THEN 'Contact' ELSE 'Staff' END, CASE WHEN j % 2 = 0 THEN i ELSE 1 + i % 2 END,
         'recado ' || j || ' de ' || i, 'recado ' || j || ' de ' || i, 'wamid.' || encode(convert_to('HB552197' || lpad(i::text, 7, '0') || 'FQ', 'UTF8'), 'base64'), 1709251200000 + ((i - 1) * 10 + j) * 60000::bigint
  FROM generate_series(1, {{scale}}) i, generate_series(1, 10) j;
UPDATE conversation SET last_message_id = id * 10 WHERE id % 3 = 0;
INSERT INTO tagging SELECT i, 1, CASE WHEN i % 2 = 0 THEN 'Contact' ELSE 'Conversation' END, i FROM generate_series(1, {{scale}}) i;
INSERT INTO label VALUES (1, 1, 'freguês'), (2, 1, 'atraso'), (3, 2, 'novo');
INSERT INTO read_mark SELECT 'Contact/' || i, '', i FROM generate_series(1, {{scale}}) i;
INSERT INTO delivery SELECT i, 1 + i % 2, '552197' || lpad(i::text, 7, '0'), 'wamid.' || encode(convert_to('HB552197' || lpad(i::text, 7, '0') || 'FQ', 'UTF8'), 'base64'), NULL, '2026-03-01' FROM generate_series(1, {{scale}}) i;
INSERT INTO event SELECT i, timestamptz '2025-06-01' + i % 500 * interval '1 day', 1 + i % 2, 'Contact', i, '{"what": "opened"}' FROM generate_series(1, {{scale}}) i;
INSERT INTO settings VALUES ('theme', 'green');
