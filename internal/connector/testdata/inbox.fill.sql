-- Neighbours, so many that the planner has a reason to use an index.
SET search_path = inbox;
INSERT INTO client (id, firm, phone, mail, nick, handle, attrs, raw)
SELECT 100000 + n, 'br', '55119' || (30000000 + n), 'p' || n || '@example.org', 'Person ' || n, 'person.' || n, jsonb_build_object('ref', 'BR.' || (10000000 + n), 'email', 'q' || n || '@example.org'),
       '{"contact": {"email": "r' || n || '@example.org"}}' FROM generate_series(1, 20000) n;
INSERT INTO field_value SELECT 100000 + n, 100000 + n, 1, '+55 11 9' || (40000000 + n) FROM generate_series(1, 20000) n;
INSERT INTO dialog SELECT 100000 + n, 'br', 100000 + n, 100000 + n % 7000, 'x' FROM generate_series(1, 20000) n;
INSERT INTO message SELECT 100000 + n, 'br', 100001 + n % 15000, 'client', 100001 + n, 'x', NULL FROM generate_series(1, 30000) n;
INSERT INTO upload SELECT 100000 + n, 100000 + n, 'x' FROM generate_series(1, 20000) n;
INSERT INTO cache SELECT 'client:' || (100000 + n) || ':card', 'x' FROM generate_series(1, 20000) n;
INSERT INTO mark SELECT 'Client_' || (100000 + n), 'x' FROM generate_series(1, 20000) n;
INSERT INTO dialog_cache SELECT 'd/' || (100000 + n) || '/x', 'x' FROM generate_series(1, 20000) n;
INSERT INTO hook SELECT gen_random_uuid(), 'br', convert_to('{"messages": [{"from": "55119' || (50000000 + n) || '"}]}', 'UTF8') FROM generate_series(1, 20000) n;
INSERT INTO outbox SELECT 100000 + n, 'br', jsonb_build_object('payload', '{"to": "55119' || (60000000 + n) || '"}') FROM generate_series(1, 20000) n;
INSERT INTO batch SELECT 100000 + n, 'br', '[{"phone": "55119' || (60000000 + n) || '"}]' FROM generate_series(1, 20000) n;
INSERT INTO segment SELECT 100000 + n, 'br', ARRAY['55119' || (60000000 + n), 'x'], ARRAY[100000 + n, n] FROM generate_series(1, 20000) n;
INSERT INTO wa SELECT 'w' || n, 'br', jsonb_build_object('remoteJid', '55119' || (70000000 + n) || '@s.whatsapp.net') FROM generate_series(1, 20000) n;
INSERT INTO room SELECT 100000 + n, 'br', jsonb_build_array(100000 + n, 'x' || n), jsonb_build_object('id', 200000 + n) FROM generate_series(1, 20000) n;
INSERT INTO poll SELECT 100000 + n, jsonb_build_array(100000 + n), jsonb_build_object('d', 100000 + n), ARRAY[100000 + n] FROM generate_series(1, 20000) n;
INSERT INTO pin SELECT 100000 + n, '[' || (100000 + n) || ']', ('{"who": {"id": ' || (100000 + n) || '}}')::json FROM generate_series(1, 20000) n;
INSERT INTO quote SELECT 100000 + n, 1, '[{"id": ' || (100000 + n) || '}]' FROM generate_series(1, 20000) n;
INSERT INTO robot SELECT 100000 + n, 'br', jsonb_build_array('55119' || (60000000 + n)) FROM generate_series(1, 20000) n;
RESET search_path;
