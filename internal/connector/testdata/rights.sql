-- A club's store: JSON kept as text beside jsonb, flags of three types, an
-- opt-out list of rows and one of JSON, lines that hang in talks.
CREATE TABLE firm (id bigint PRIMARY KEY, name text NOT NULL, land text NOT NULL, left_out jsonb);
CREATE TABLE member (
    id bigint PRIMARY KEY, firm bigint NOT NULL REFERENCES firm, name text NOT NULL, phone text, mail text, nick varchar(12), speaks text, born date, fee numeric(8,2),
    status text NOT NULL DEFAULT 'active', news boolean, profile json, extra jsonb NOT NULL DEFAULT '{}', notes text
);
CREATE TABLE talk (id bigint PRIMARY KEY, firm bigint NOT NULL REFERENCES firm, member bigint NOT NULL REFERENCES member, topic text, begun timestamptz NOT NULL);
CREATE TABLE line (id bigint PRIMARY KEY, talk bigint NOT NULL REFERENCES talk, body text, said timestamptz NOT NULL, held boolean NOT NULL DEFAULT false);
CREATE TABLE clip (id bigint PRIMARY KEY, line bigint NOT NULL REFERENCES line, label text);
CREATE TABLE hush (id bigserial PRIMARY KEY, firm bigint NOT NULL, nr text, channel text NOT NULL, since timestamp NOT NULL, hashed text);
CREATE TABLE mailing (id bigint PRIMARY KEY, firm bigint NOT NULL, nr text, sent timestamptz);
CREATE TABLE pair (one bigint, two text, member bigint NOT NULL REFERENCES member, label text, PRIMARY KEY (one, two));

CREATE INDEX ON member (firm);
CREATE INDEX ON member (regexp_replace(phone, '[^0-9]', '', 'g'));
CREATE INDEX ON member (lower(mail));
CREATE INDEX ON talk (member);
CREATE INDEX ON talk (firm);
CREATE INDEX ON line (talk);
CREATE INDEX ON clip (line);
CREATE INDEX ON hush (nr);
CREATE INDEX ON hush (firm);
CREATE INDEX ON mailing (firm);
CREATE INDEX ON mailing (regexp_replace(nr, '[^0-9]', '', 'g'));
CREATE INDEX ON pair (member);

INSERT INTO firm VALUES (1, 'North', 'DE', NULL), (2, 'South', 'BR', '[ "5511900000000",  5511900000001 ]'), (3, 'East', 'DE', '[]');
INSERT INTO member VALUES
    (1, 1, 'Ida Blum', 'whatsapp:+491713920041', 'Ida@Example.com', 'ida', 'de', '1990-04-01', 12.50, 'active', true, '{ "city":"Ulm",  "age": 34 }', '{"tier": 1}', 'asked for Ida Blum'),
    (2, 2, 'Ida B.', '491713920041', NULL, 'IDA', 'pt', NULL, NULL, 'trial', NULL, NULL, '{}', NULL),
    (3, 1, 'Otto Blum', '01713920042', 'otto@example.com', 'Ötto', 'de', NULL, NULL, 'active', true, '{"city": "Ulm"}', '{}', NULL),
    (4, 2, 'Nina', '+5511987650001', 'ida.x@example.com', 'nina', 'pt', NULL, NULL, 'active', false, NULL, '{}', NULL);
INSERT INTO talk VALUES (1, 1, 1, 'Ida Blum', '2026-01-01'), (2, 2, 2, 'other', '2026-01-01'), (3, 1, 3, 'Otto', '2026-01-01'), (4, 1, 1, 'old', '2026-01-01');
INSERT INTO line VALUES
    (1, 1, 'old', '2026-09-01 10:00+00'), (2, 1, 'on the day', '2026-10-27 10:00+00'), (3, 1, 'the day before', '2026-10-26 10:00+00'), (4, 1, 'new, says Ida Blum', '2026-11-25 10:00+00'),
    (5, 2, 'old in the south', '2026-09-01 10:00+00'), (6, 3, 'old, of Otto', '2026-09-01 10:00+00'), (7, 4, 'old', '2026-09-01 10:00+00');
INSERT INTO clip VALUES (1, 1, 'a'), (2, 4, 'b'), (3, 6, 'c'), (4, 7, 'd');
INSERT INTO hush (firm, nr, channel, since) VALUES (1, '491713920042', 'all', '2026-01-01');
INSERT INTO mailing VALUES (1, 1, '0171 392 00 41', '2026-01-01'), (2, 3, '+49 171 3920041', '2026-01-01'), (3, 1, '01713920042', '2026-01-01');
INSERT INTO pair VALUES (1, '', 1, 'x'), (1, 'a"b', 1, 'y'), (2, 'a', 3, 'z');
ANALYZE;
