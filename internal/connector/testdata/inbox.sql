-- An inbox in which people stand everywhere but in a column of their own: in
-- attributes, in JSON of every kind and in text that only looks like JSON, in
-- lists, in arrays, and inside of keys.
CREATE SCHEMA inbox;
SET search_path = inbox;

CREATE TYPE kind AS ENUM ('client', 'clerk', 'robot');
CREATE TABLE firm (code text PRIMARY KEY, land text);
CREATE TABLE client (id bigint PRIMARY KEY, firm text REFERENCES firm, phone text, mail text, nick text, handle text, attrs jsonb, raw text, gone timestamptz);
CREATE TABLE field (id integer PRIMARY KEY, name text);
CREATE TABLE field_value (id bigint PRIMARY KEY, client bigint REFERENCES client, field integer REFERENCES field, value text);
CREATE TABLE dialog (id bigint PRIMARY KEY, firm text, client bigint REFERENCES client, guest bigint, topic text);
CREATE TABLE message (id bigint PRIMARY KEY, firm text, dialog bigint REFERENCES dialog, by_kind kind NOT NULL, by_id bigint, words text, staff_note text);
CREATE TABLE upload (id bigint PRIMARY KEY, message bigint REFERENCES message, name text);
CREATE TABLE cache (key text PRIMARY KEY, body text);
CREATE TABLE mark (reader text, device text, PRIMARY KEY (reader, device));
CREATE TABLE dialog_cache (key text PRIMARY KEY, body text);
CREATE TABLE hook (id uuid PRIMARY KEY, firm text, payload bytea);
CREATE TABLE outbox (id bigint PRIMARY KEY, firm text, envelope jsonb);
CREATE TABLE batch (id bigint PRIMARY KEY, firm text, lines text);
CREATE TABLE segment (id bigint PRIMARY KEY, firm text, numbers text[], ids bigint[]);
CREATE TABLE wa (id text PRIMARY KEY, firm text, "key" jsonb);
CREATE TABLE room (id bigint PRIMARY KEY, firm text, members jsonb, owner jsonb);
CREATE TABLE poll (id bigint PRIMARY KEY, dialogs jsonb, best jsonb, pinned bigint[]);
CREATE TABLE pin (id bigint PRIMARY KEY, refs text, log json);
CREATE TABLE quote (id bigint, part integer, refs varchar(200), PRIMARY KEY (id, part));
CREATE TABLE robot (id integer PRIMARY KEY, firm text, left_out jsonb);

INSERT INTO firm VALUES ('br', 'BR'), ('de', 'DE');
INSERT INTO field VALUES (1, 'Phone number'), (2, 'Mentor');
INSERT INTO client (id, firm, phone, mail, nick, handle, attrs, raw) VALUES
  (1001, 'br', '5511912340000', NULL, 'Lúcia Prado', NULL, '{"ref": "BR.13491208655302741918", "email": "Lucia@Example.com"}', '{"contact": {"email": "x@example.com"}}'),
  (1002, 'br', NULL, 'LUCIA@example.com ', 'Lu', NULL, '{"token": "s3cret"}', NULL),
  (1003, 'br', NULL, NULL, 'No column at all', NULL, NULL, '{"contact": {"email": "lucia@example.com"}}'),
  (1004, 'br', NULL, NULL, 'In a field', NULL, NULL, 'no JSON lucia@example.com'),
  (1005, 'de', '5511912340000', 'lucia@example.com', 'Other firm', NULL, '{"email": "lucia@example.com"}', NULL),
  (1010, 'br', '551112340000', NULL, 'Before the nine', NULL, NULL, '{"contact": {"email": "lucia@example.com"'),
  (1011, 'br', NULL, NULL, 'Somebody', 'lucia.prado', NULL, '"lucia@example.com"'),
  (1012, 'br', '55119123400001', 'xlucia@example.com', 'Off', NULL, '{"email": "lucia@example.com.br"}', '{"contact": {"email": "xlucia@example.com"}}'),
  (1013, 'br', '5511912340001', 'lucia@example.co', 'Off too', NULL, '{"email": ["lucia@example.com"]}', '{"other": {"email": "lucia@example.com"}, "contact": {"email": 7}}'),
  (10010, 'br', NULL, NULL, 'Longer key', NULL, NULL, NULL);
INSERT INTO field_value VALUES (1, 1004, 1, '(11) 91234-0000'), (2, 1012, 1, '+55 11 91234-00001'), (3, 1013, 2, '+5511912340000'), (4, 1005, 1, '+5511912340000'), (5, 1001, 2, '[1012]');
INSERT INTO dialog VALUES (501, 'br', 1001, NULL, 'hers'), (502, 'br', 1012, 1001, 'she is a guest'), (503, 'br', 1012, NULL, 'not hers'), (505, 'de', 1005, NULL, 'other firm'), (5010, 'br', 1012, NULL, 'longer'),
  (504, 'br', 1001, 1001, 'hers, and she is her own guest'), (507, 'de', 1001, NULL, 'hers, at the other firm'), (508, NULL, 1001, NULL, 'hers, and nothing says where');
INSERT INTO message VALUES (1, 'br', 501, 'client', 1001, 'mine', 'kind'), (2, 'br', 501, 'clerk', 1001, 'of a clerk with her id', NULL), (3, 'br', 502, 'client', 1001, 'as a guest', NULL),
  (4, 'br', 502, 'client', 1012, 'the host', NULL), (5, 'br', 503, 'robot', 1001, 'Lúcia Prado called, +55 (11) 91234-0000', NULL), (6, 'br', 503, 'client', 1012, 'lucia prado 55119123400001', NULL),
  (7, 'de', 505, 'client', 1005, 'lucia@example.com', NULL), (8, 'br', 501, 'client', 1012, 'somebody else in hers', NULL), (9, 'br', 503, 'client', 1012, '<a data-id="1001">x</a> xlucia@example.com', NULL);
INSERT INTO upload VALUES (1, 1, 'own'), (2, 3, 'as a guest'), (3, 8, 'somebody else''s in hers'), (4, 4, 'the host''s');
INSERT INTO cache VALUES ('client:1001:card', ''), ('client:1001:orders:9', ''), ('client:10010:card', ''), ('xclient:1001:card', ''), ('client:1001', ''), ('clerk:1001:card', ''), ('client::card', ''), ('client:1002:%', '');
INSERT INTO mark VALUES ('Client_1001', ''), ('Client_1001', 'phone'), ('ClientX1001', ''), ('Client_10010', ''), ('Clerk_1001', '');
INSERT INTO dialog_cache VALUES ('d/501/x', ''), ('d/501', ''), ('x/501/x', ''), ('d/5010/x', ''), ('d/503/501/x', ''), ('d/502/', ''), ('d//x', ''), ('xd/501/', '');
INSERT INTO hook VALUES
  ('00000000-0000-4000-8000-000000000001', 'br', convert_to('{"messages": [{"from": "x"}, {"from": "5511912340000"}]}', 'UTF8')),
  ('00000000-0000-4000-8000-000000000002', 'br', '\x00ff5c5511912340000a'),
  ('00000000-0000-4000-8000-000000000003', 'br', convert_to('{"messages": [{"to": "5511912340000", "from": "5511912340001"}]}', 'UTF8')),
  ('00000000-0000-4000-8000-000000000004', 'de', convert_to('{"messages": [{"from": "+5511912340000"}]}', 'UTF8')),
  ('00000000-0000-4000-8000-000000000005', 'br', convert_to('{"messages": [{"from": 5511912340000}]}', 'UTF8')),
  ('00000000-0000-4000-8000-000000000006', 'br', convert_to('{"messages": [{"from": "\u002b55\u00a011\u00a091234\u20110000"}], "x": "Übergröße \ud83d\ude00"}', 'UTF8')),
  ('00000000-0000-4000-8000-000000000007', 'br', convert_to('{"messages": [{"from": "5511912340000"}]', 'UTF8')),
  ('00000000-0000-4000-8000-000000000008', 'br', NULL);
INSERT INTO outbox VALUES (1, 'br', '{"payload": "{\"to\": \"+55 11 91234-0000\"}"}'), (2, 'br', '{"payload": "{\"to\": \"5511912340001\"}"}'), (3, 'br', '{"payload": "not json 5511912340000"}'),
  (4, 'br', '{"payload": {"to": "5511912340000"}}'), (5, 'de', '{"payload": "{\"to\": \"+5511912340000\"}"}'), (6, 'br', '{"payload": "{\"to\": [\"5511912340000\"]}"}'), (7, 'br', '"{"');
INSERT INTO batch VALUES (1, 'br', '[{"phone": "5511912340001"},  {"phone": "(11) 91234-0000", "n": 1.50}]'), (2, 'br', '[{"phone": "5511912340000"'), (3, 'br', ''), (4, 'br', NULL),
  (5, 'br', '[{"phone": "55119123400001"}]'), (6, 'br', '{"phone": "5511912340000"}'), (7, 'br', '[{"name": "5511912340000"}]'), (8, 'br', '[{"phone": "5511912340000"}] [{"phone": "5511912340000"}]');
INSERT INTO segment VALUES (1, 'br', '{5511912340001,"+55 (11) 91234-0000"}', '{5}'), (2, 'br', '{55119123400001,551191234000}', '{1001,7}'), (3, 'de', '{+5511912340000}', NULL), (4, 'br', NULL, '{10010}'), (5, 'br', '{}', '{NULL}'), (6, 'de', '{"+55 (11) 91234-0000"}', NULL);
INSERT INTO wa VALUES ('a', 'br', '{"remoteJid": "5511912340000@s.whatsapp.net"}'), ('b', 'br', '{"remoteJid": "55119123400001@s.whatsapp.net"}'), ('c', 'de', '{"remoteJid": "+5511912340000@s.whatsapp.net"}'),
  ('d', 'br', '{"participant": "5511912340000@s.whatsapp.net"}'), ('e', 'br', '"5511912340000@s.whatsapp.net"'), ('f', 'br', 'null');
INSERT INTO room VALUES (1, 'br', '[7, 1001]', '{"id": "1001"}'), (2, 'br', '["1001"]', '{"id": 10010}'), (3, 'br', '[10010, 100, "x1001"]', '{"id": [1001]}'), (4, 'br', '{"a": 1001}', NULL), (5, 'br', '1001', '{"id": 1001}'), (6, 'br', '[[1001]]', '1001');
INSERT INTO poll VALUES (1, '[501]', '{"d": 5010}', '{}'), (2, '["501", 3]', '{"d": "501"}', '{5010}'), (3, '[5010, 50, 503]', '{"d": 502}', '{501,2}'), (4, NULL, NULL, NULL);
INSERT INTO pin VALUES (1, '[7, 1001]', '{"who": "\u0000", "id": 5}'), (2, '[10010]', '{"who": {"id": 1001}}'), (3, '[1001', '{"who": {"id": "10010"}}'), (4, 'rubbish 1001', NULL), (5, '["1001"]', '{"who": {"id": "1001"}, "x": "\ud83d"}'), (6, NULL, '[]'), (7, '{"1001": 2}', '"1001"');
INSERT INTO quote VALUES (1, 1, '[{"id": 501}]'), (1, 2, '[{"id": 5010}]'), (2, 1, '[{"id": 501'), (2, 2, '[{"no": 501}, {"id": "x"}]'), (3, 1, '[{"id": "7"}, {"id": "504"}]');
INSERT INTO robot VALUES (1, 'br', '["5511912340000", "55"]'), (2, 'br', '[5511912340000]'), (3, 'de', '["+5511912340000"]'), (4, 'br', '["55119123400001", "551191234"]'), (5, 'br', '["+55 11 91234-0000"]'), (6, 'br', '"5511912340000"'), (7, 'br', '[["5511912340000"], {"a": "5511912340000"}]');
RESET search_path;
