-- A help desk that shares nothing with the demo: another schema, mixed case and
-- blanks in names, keys of two columns, authors told apart by a type beside an
-- id that collides, moments as milliseconds and without a zone, an enum.
CREATE SCHEMA "Help Desk";
SET search_path = "Help Desk";

CREATE TYPE author AS ENUM ('customer', 'agent');
CREATE TABLE "Firm" (code text PRIMARY KEY, land text);
CREATE TABLE agent (id bigint PRIMARY KEY, firm text REFERENCES "Firm", login text);
CREATE TABLE customer (id bigint PRIMARY KEY, firm text REFERENCES "Firm", "Tel. no" varchar(30), mail text, api_key text);
CREATE TABLE thread (id uuid PRIMARY KEY, firm text REFERENCES "Firm", topic text, opener author, opener_id bigint);
CREATE TABLE post (
    thread uuid REFERENCES thread, no integer, by_type author, by_id bigint, "text" text, at_ms bigint,
    PRIMARY KEY (thread, no)
);
CREATE TABLE reader (thread uuid REFERENCES thread, customer bigint REFERENCES customer, seen timestamp, PRIMARY KEY (thread, customer));
CREATE TABLE badge (id bigint PRIMARY KEY, reader_thread uuid, reader_customer bigint, label text,
    FOREIGN KEY (reader_thread, reader_customer) REFERENCES reader);
CREATE TABLE mail_log (seq bigserial PRIMARY KEY, firm text, "to" text, at timestamp, details jsonb);
CREATE TABLE bill (id bigint PRIMARY KEY, customer bigint, holder varchar(12), due date);
CREATE TABLE remark (id bigint PRIMARY KEY, customer bigint REFERENCES customer, answers bigint REFERENCES remark, words text);
CREATE TABLE upload (path text PRIMARY KEY, thread uuid, no integer);
CREATE TABLE sms (id bigint PRIMARY KEY, firm text, nr text, words text);
CREATE TABLE settings (name text PRIMARY KEY);

CREATE INDEX ON customer (regexp_replace("Tel. no", '[^0-9]', '', 'g'));
CREATE INDEX ON customer (lower(mail));
CREATE INDEX ON thread (opener_id);
CREATE INDEX ON post (by_id);
CREATE INDEX ON reader (customer);
CREATE INDEX ON badge (reader_thread, reader_customer);
CREATE INDEX ON badge (reader_customer);
CREATE INDEX ON mail_log (lower("to"));
CREATE INDEX ON bill (customer);
CREATE INDEX ON remark (customer);
CREATE INDEX ON remark (answers);
CREATE INDEX ON upload (thread);
CREATE INDEX ON sms (regexp_replace(nr, '[^0-9]', '', 'g'));

INSERT INTO "Firm" VALUES ('de', 'DE'), ('br', 'BR'), ('??', 'Atlantis');
INSERT INTO customer VALUES
    (1, 'de', '0171 3920041',      'Lu@Example.com',   'k-1'), -- the person
    (2, 'br', '+49 171 3920041',   NULL,               'k-2'), -- the same number elsewhere, learnt
    (3, 'de', '0171 3920042',      'xlu@example.com',  'k-3'), -- off by one; one letter longer
    (4, 'de', '0171 39200411',     'lu@example.com.x', 'k-4'), -- one digit longer
    (5, 'de', '',                  '',                 'k-5'),
    (6, 'de', '%',                 '%',                'k-6'),
    (7, '??', NULL,                ' LU@example.com ', 'k-7'), -- the same address, badly typed
    (8, 'br', '0171 3920041',      NULL,               'k-8'); -- the same digits, another country
INSERT INTO agent VALUES (1, 'de', 'a.one'), (2, 'de', 'a.two');
INSERT INTO thread VALUES
    ('00000000-0000-4000-8000-00000000000a', 'de', 'own', 'customer', 1),
    ('00000000-0000-4000-8000-00000000000b', 'de', 'of an agent with the same id', 'agent', 1),
    ('00000000-0000-4000-8000-00000000000c', 'de', 'of another customer', 'customer', 3);
INSERT INTO post VALUES
    ('00000000-0000-4000-8000-00000000000a', 1, 'customer', 1, 'mine, apricot', 1700000000000),
    ('00000000-0000-4000-8000-00000000000a', 2, 'agent', 1, 'answer in my thread', 1700000001000),
    ('00000000-0000-4000-8000-00000000000b', 1, 'agent', 1, 'agent of the same id', 1700000002000),
    ('00000000-0000-4000-8000-00000000000c', 1, 'customer', 3, 'somebody else', 1700000003000),
    ('00000000-0000-4000-8000-00000000000c', 2, 'customer', 1, 'my word in a foreign thread, quince', 1700000004000),
    ('00000000-0000-4000-8000-00000000000c', 3, 'customer', 3, 'call Lu: (0171) 392-0041', 1700000005000);
INSERT INTO reader VALUES
    ('00000000-0000-4000-8000-00000000000a', 1, '2025-01-01 10:00'), ('00000000-0000-4000-8000-00000000000c', 1, NULL),
    ('00000000-0000-4000-8000-00000000000c', 3, '2025-01-02 10:00');
INSERT INTO badge VALUES (1, '00000000-0000-4000-8000-00000000000c', 1, 'mine'), (2, '00000000-0000-4000-8000-00000000000c', 3, 'not mine');
INSERT INTO mail_log (firm, "to", at, details) VALUES
    ('de', 'lu@example.com', '2025-06-01 12:00', '{"code": 7}'), ('de', 'LU@EXAMPLE.COM ', '2025-06-02 12:00', '{}'), ('de', 'xlu@example.com', '2025-06-03', '{}');
INSERT INTO bill VALUES (1, 1, 'Lu Example', '2024-05-05'), (2, 1, 'Lu Example', '2010-05-05'), (3, 3, 'Other', '2010-05-05'), (4, 1, 'Lu', NULL);
INSERT INTO remark VALUES (1, 1, NULL, 'first'), (2, 3, 1, 'answers mine'), (3, 1, 2, 'mine again'), (4, 3, 2, 'other');
INSERT INTO upload VALUES ('a/own.pdf', '00000000-0000-4000-8000-00000000000a', 1), ('c/other.pdf', '00000000-0000-4000-8000-00000000000c', 1);
INSERT INTO sms VALUES (1, 'de', '0171 3920041', 'mine'), (2, 'br', '0171 3920041', 'the same digits, another country'), (3, 'de', '0171 3920042', 'off by one'),
    (4, 'br', '+491713920041', 'mine, from abroad'), (5, NULL, '0171 3920041', 'of no firm: the store''s own country counts');
