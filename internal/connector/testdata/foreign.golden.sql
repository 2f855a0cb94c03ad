-- remark as answers of remark: count
SELECT count(*) FROM (
SELECT "t"."id" AS gone FROM "Help Desk"."remark" t WHERE "t"."customer" = ANY ($4::text[]::bigint[])
) g JOIN "Help Desk"."remark" t ON "t"."answers" = g.gone WHERE (("t"."customer" = ANY ($4::text[]::bigint[]))) IS NOT TRUE;

-- remark as answers of remark: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."id" AS k1 FROM (
SELECT "t"."id" AS gone FROM "Help Desk"."remark" t WHERE "t"."customer" = ANY ($4::text[]::bigint[])
) g JOIN "Help Desk"."remark" t ON "t"."answers" = g.gone WHERE (("t"."customer" = ANY ($4::text[]::bigint[]))) IS NOT TRUE
) rows) numbered
GROUP BY 3;

-- badge as inherit: count
SELECT count(*) FROM "Help Desk"."badge" t WHERE ("t"."reader_customer", "t"."reader_thread") IN (SELECT "x1"."customer", "x1"."thread" FROM "Help Desk"."reader" "x1" WHERE "x1"."customer" = ANY ($4::text[]::bigint[]) UNION ALL SELECT "x1"."customer", "x1"."thread" FROM "Help Desk"."reader" "x1" WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x2" WHERE "x2"."id" = "x1"."thread" AND "x2"."opener_id" = ANY ($4::text[]::bigint[]) AND "x2"."opener" = ANY ($5::text[]::author[])));

-- badge as inherit: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."id" AS k1, hashtextextended(ROW("t"."reader_customer", "t"."reader_thread")::text, 0) AS print FROM "Help Desk"."badge" t WHERE ("t"."reader_customer", "t"."reader_thread") IN (SELECT "x1"."customer", "x1"."thread" FROM "Help Desk"."reader" "x1" WHERE "x1"."customer" = ANY ($4::text[]::bigint[]) UNION ALL SELECT "x1"."customer", "x1"."thread" FROM "Help Desk"."reader" "x1" WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x2" WHERE "x2"."id" = "x1"."thread" AND "x2"."opener_id" = ANY ($4::text[]::bigint[]) AND "x2"."opener" = ANY ($5::text[]::author[])))
) rows) numbered
GROUP BY 3;

-- badge as inherit: delete
DELETE FROM "Help Desk"."badge" t USING (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."id" = k.k1 AND k.print = hashtextextended(ROW("t"."reader_customer", "t"."reader_thread")::text, 0) AND EXISTS (SELECT FROM "Help Desk"."reader" "x1" WHERE "x1"."customer" = "t"."reader_customer" AND "x1"."thread" = "t"."reader_thread" AND ("x1"."customer" = ANY ($4::text[]::bigint[]) OR EXISTS (SELECT FROM "Help Desk"."thread" "x2" WHERE "x2"."id" = "x1"."thread" AND "x2"."opener_id" = ANY ($4::text[]::bigint[]) AND "x2"."opener" = ANY ($5::text[]::author[]) OFFSET 0)) OFFSET 0);

-- reader as owner: count
SELECT count(*) FROM "Help Desk"."reader" t WHERE "t"."customer" = ANY ($4::text[]::bigint[]);

-- reader as owner: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, k2, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(k2::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(quote_literal(k2::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, k2, print, row_number() OVER (ORDER BY k1, k2) AS n FROM (
SELECT "t"."thread" AS k1, "t"."customer" AS k2, hashtextextended(ROW("t"."thread", "t"."customer")::text, 0) AS print FROM "Help Desk"."reader" t WHERE "t"."customer" = ANY ($4::text[]::bigint[])
) rows) numbered
GROUP BY 3;

-- reader as owner: delete
DELETE FROM "Help Desk"."reader" t USING (SELECT u.k1::uuid AS k1, u.k2::bigint AS k2, u.print FROM dsar.target f, unnest(f.k1, f.k2, f.prints) u(k1, k2, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."thread" = k.k1 AND "t"."customer" = k.k2 AND k.print = hashtextextended(ROW("t"."thread", "t"."customer")::text, 0) AND "t"."customer" = ANY ($4::text[]::bigint[]);

-- reader as inherit: count
SELECT count(*) FROM "Help Desk"."reader" t WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($5::text[]::author[])) AND ("t"."customer" = ANY ($4::text[]::bigint[])) IS NOT TRUE;

-- reader as inherit: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, k2, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(k2::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(quote_literal(k2::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, k2, print, row_number() OVER (ORDER BY k1, k2) AS n FROM (
SELECT "t"."thread" AS k1, "t"."customer" AS k2, hashtextextended(ROW("t"."thread", "t"."customer")::text, 0) AS print FROM "Help Desk"."reader" t WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($5::text[]::author[])) AND ("t"."customer" = ANY ($4::text[]::bigint[])) IS NOT TRUE
) rows) numbered
GROUP BY 3;

-- reader as inherit: delete
DELETE FROM "Help Desk"."reader" t USING (SELECT u.k1::uuid AS k1, u.k2::bigint AS k2, u.print FROM dsar.target f, unnest(f.k1, f.k2, f.prints) u(k1, k2, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."thread" = k.k1 AND "t"."customer" = k.k2 AND k.print = hashtextextended(ROW("t"."thread", "t"."customer")::text, 0) AND EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($5::text[]::author[]) OFFSET 0);

-- remark as author: count
SELECT count(*) FROM "Help Desk"."remark" t WHERE "t"."customer" = ANY ($4::text[]::bigint[]);

-- remark as author: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1 DESC) AS n FROM (
SELECT "t"."id" AS k1, hashtextextended(ROW("t"."customer")::text, 0) AS print FROM "Help Desk"."remark" t WHERE "t"."customer" = ANY ($4::text[]::bigint[])
) rows) numbered
GROUP BY 3;

-- remark as author: detach answers
UPDATE "Help Desk"."remark" t SET "answers" = NULL FROM (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."answers" = k.k1 AND NOT EXISTS (SELECT FROM (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE k.k1 = "t"."id");

-- remark as author: delete
DELETE FROM "Help Desk"."remark" t USING (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."id" = k.k1 AND k.print = hashtextextended(ROW("t"."customer")::text, 0) AND "t"."customer" = ANY ($4::text[]::bigint[]);

-- post as thread: count
SELECT count(*) FROM "Help Desk"."post" t WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($5::text[]::author[]));

-- post as thread: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, k2, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(k2::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(quote_literal(k2::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, k2, print, row_number() OVER (ORDER BY k1, k2) AS n FROM (
SELECT "t"."thread" AS k1, "t"."no" AS k2, hashtextextended(ROW("t"."thread", "t"."by_id", "t"."by_type")::text, 0) AS print FROM "Help Desk"."post" t WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($5::text[]::author[]))
) rows) numbered
GROUP BY 3;

-- post as thread: delete
DELETE FROM "Help Desk"."post" t USING (SELECT u.k1::uuid AS k1, u.k2::integer AS k2, u.print FROM dsar.target f, unnest(f.k1, f.k2, f.prints) u(k1, k2, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."thread" = k.k1 AND "t"."no" = k.k2 AND k.print = hashtextextended(ROW("t"."thread", "t"."by_id", "t"."by_type")::text, 0) AND EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($5::text[]::author[]) OFFSET 0);

-- post as author: count
SELECT count(*) FROM "Help Desk"."post" t WHERE "t"."by_id" = ANY ($4::text[]::bigint[]) AND "t"."by_type" = ANY ($5::text[]::author[]) AND (EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($6::text[]::author[]))) IS NOT TRUE;

-- post as author: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, k2, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(k2::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(quote_literal(k2::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, k2, print, row_number() OVER (ORDER BY k1, k2) AS n FROM (
SELECT "t"."thread" AS k1, "t"."no" AS k2, hashtextextended(ROW("t"."thread", "t"."by_id", "t"."by_type")::text, 0) AS print FROM "Help Desk"."post" t WHERE "t"."by_id" = ANY ($4::text[]::bigint[]) AND "t"."by_type" = ANY ($5::text[]::author[]) AND (EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) AND "x1"."opener" = ANY ($6::text[]::author[]))) IS NOT TRUE
) rows) numbered
GROUP BY 3;

-- post as author: anonymise
UPDATE "Help Desk"."post" t SET "text" = $4::text::text FROM (SELECT u.k1::uuid AS k1, u.k2::integer AS k2, u.print FROM dsar.target f, unnest(f.k1, f.k2, f.prints) u(k1, k2, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."thread" = k.k1 AND "t"."no" = k.k2 AND k.print = hashtextextended(ROW("t"."thread", "t"."by_id", "t"."by_type")::text, 0) AND "t"."by_id" = ANY ($5::text[]::bigint[]) AND "t"."by_type" = ANY ($6::text[]::author[]);

-- upload as inherit: count
SELECT count(*) FROM "Help Desk"."upload" t WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener" = ANY ($5::text[]::author[]) AND "x1"."opener_id" = ANY ($4::text[]::bigint[]));

-- upload as inherit: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."path" AS k1, hashtextextended(ROW("t"."thread")::text, 0) AS print FROM "Help Desk"."upload" t WHERE EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener" = ANY ($5::text[]::author[]) AND "x1"."opener_id" = ANY ($4::text[]::bigint[]))
) rows) numbered
GROUP BY 3;

-- upload as inherit: journal
INSERT INTO dsar.object (operation, object_key) SELECT DISTINCT $1::uuid, "t"."path"::text FROM "Help Desk"."upload" t, (SELECT u.k1::text AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."path" = k.k1 AND k.print = hashtextextended(ROW("t"."thread")::text, 0) AND EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener" = ANY ($5::text[]::author[]) AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) OFFSET 0) AND "t"."path"::text <> '' ON CONFLICT DO NOTHING;

-- upload as inherit: delete
DELETE FROM "Help Desk"."upload" t USING (SELECT u.k1::text AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."path" = k.k1 AND k.print = hashtextextended(ROW("t"."thread")::text, 0) AND EXISTS (SELECT FROM "Help Desk"."thread" "x1" WHERE "x1"."id" = "t"."thread" AND "x1"."opener" = ANY ($5::text[]::author[]) AND "x1"."opener_id" = ANY ($4::text[]::bigint[]) OFFSET 0);

-- thread as thread: count
SELECT count(*) FROM "Help Desk"."thread" t WHERE "t"."opener_id" = ANY ($4::text[]::bigint[]) AND "t"."opener" = ANY ($5::text[]::author[]);

-- thread as thread: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."id" AS k1, hashtextextended(ROW("t"."opener_id", "t"."opener", "t"."firm")::text, 0) AS print FROM "Help Desk"."thread" t WHERE "t"."opener_id" = ANY ($4::text[]::bigint[]) AND "t"."opener" = ANY ($5::text[]::author[])
) rows) numbered
GROUP BY 3;

-- thread as thread: delete
DELETE FROM "Help Desk"."thread" t USING (SELECT u.k1::uuid AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."id" = k.k1 AND k.print = hashtextextended(ROW("t"."opener_id", "t"."opener", "t"."firm")::text, 0) AND "t"."opener_id" = ANY ($4::text[]::bigint[]) AND "t"."opener" = ANY ($5::text[]::author[]);

-- bill as addresseelive: count
SELECT count(*) FROM "Help Desk"."bill" t WHERE "t"."customer" = ANY ($6::text[]::bigint[]) AND (("t"."due" + $4::text::interval)::date < $5::text::date) IS NOT TRUE;

-- bill as addresseeexpired: count
SELECT count(*) FROM "Help Desk"."bill" t WHERE "t"."customer" = ANY ($6::text[]::bigint[]) AND ("t"."due" + $4::text::interval)::date < $5::text::date;

-- bill as addresseeexpired: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."id" AS k1, hashtextextended(ROW("t"."customer", "t"."due")::text, 0) AS print FROM "Help Desk"."bill" t WHERE "t"."customer" = ANY ($6::text[]::bigint[]) AND ("t"."due" + $4::text::interval)::date < $5::text::date
) rows) numbered
GROUP BY 3;

-- bill as addresseeexpired: anonymise
UPDATE "Help Desk"."bill" t SET "holder" = left(replace($4::text, '{key}', "t"."id"::text), 12), "customer" = NULL FROM (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."id" = k.k1 AND k.print = hashtextextended(ROW("t"."customer", "t"."due")::text, 0) AND "t"."customer" = ANY ($5::text[]::bigint[]);

-- customer as owner: count
SELECT count(*) FROM "Help Desk"."customer" t WHERE "t"."id" = ANY ($4::text[]::bigint[]);

-- customer as owner: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."id" AS k1, hashtextextended(ROW("t"."firm")::text, 0) AS print FROM "Help Desk"."customer" t WHERE "t"."id" = ANY ($4::text[]::bigint[])
) rows) numbered
GROUP BY 3;

-- customer as owner: delete
DELETE FROM "Help Desk"."customer" t USING (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."id" = k.k1 AND k.print = hashtextextended(ROW("t"."firm")::text, 0) AND "t"."id" = ANY ($4::text[]::bigint[]);

-- mail_log as addressee: count
SELECT count(*) FROM "Help Desk"."mail_log" t WHERE lower("t"."to") = ANY (ARRAY(SELECT lower(u.u) FROM unnest($4::text[]) u (u))) AND "t"."to" = ANY ($4::text[]);

-- mail_log as addressee: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."seq" AS k1, hashtextextended(ROW("t"."to", "t"."firm")::text, 0) AS print FROM "Help Desk"."mail_log" t WHERE lower("t"."to") = ANY (ARRAY(SELECT lower(u.u) FROM unnest($4::text[]) u (u))) AND "t"."to" = ANY ($4::text[])
) rows) numbered
GROUP BY 3;

-- mail_log as addressee: anonymise
UPDATE "Help Desk"."mail_log" t SET "to" = encode(sha256($4::bytea || sha256($5::bytea || convert_to("t"."to"::text, 'UTF8'))), 'hex'), "details" = $6::text::jsonb FROM (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."seq" = k.k1 AND k.print = hashtextextended(ROW("t"."to", "t"."firm")::text, 0) AND "t"."to" = ANY ($7::text[]);

-- sms as addressee: count
SELECT count(*) FROM "Help Desk"."sms" t WHERE (regexp_replace("t"."nr", '[^0-9]', '', 'g') = ANY (ARRAY(SELECT regexp_replace(u.u, '[^0-9]', '', 'g') FROM unnest($4::text[]) u (u))) AND "t"."nr" = ANY ($4::text[]) OR (regexp_replace("t"."nr", '[^0-9]', '', 'g') = ANY (ARRAY(SELECT regexp_replace(u.u, '[^0-9]', '', 'g') FROM unnest($5::text[]) u (u))) AND "t"."nr" = ANY ($5::text[]) AND coalesce("t"."firm"::text, '') = $6) OR (regexp_replace("t"."nr", '[^0-9]', '', 'g') = ANY (ARRAY(SELECT regexp_replace(u.u, '[^0-9]', '', 'g') FROM unnest($7::text[]) u (u))) AND "t"."nr" = ANY ($7::text[]) AND coalesce("t"."firm"::text, '') = $8));

-- sms as addressee: freeze
INSERT INTO dsar.target (operation, seq, batch, k1, prints, digest)
SELECT $1::uuid, $2::integer, (n - 1) / $3::bigint, array_agg(k1::text ORDER BY n), array_agg(print ORDER BY n), sha256(convert_to(concat_ws('|', string_agg(quote_literal(k1::text), ',' ORDER BY n), string_agg(print::text, ',' ORDER BY n)), 'UTF8'))
FROM (SELECT k1, print, row_number() OVER (ORDER BY k1) AS n FROM (
SELECT "t"."id" AS k1, hashtextextended(ROW("t"."nr", "t"."firm")::text, 0) AS print FROM "Help Desk"."sms" t WHERE (regexp_replace("t"."nr", '[^0-9]', '', 'g') = ANY (ARRAY(SELECT regexp_replace(u.u, '[^0-9]', '', 'g') FROM unnest($4::text[]) u (u))) AND "t"."nr" = ANY ($4::text[]) OR (regexp_replace("t"."nr", '[^0-9]', '', 'g') = ANY (ARRAY(SELECT regexp_replace(u.u, '[^0-9]', '', 'g') FROM unnest($5::text[]) u (u))) AND "t"."nr" = ANY ($5::text[]) AND coalesce("t"."firm"::text, '') = $6) OR (regexp_replace("t"."nr", '[^0-9]', '', 'g') = ANY (ARRAY(SELECT regexp_replace(u.u, '[^0-9]', '', 'g') FROM unnest($7::text[]) u (u))) AND "t"."nr" = ANY ($7::text[]) AND coalesce("t"."firm"::text, '') = $8))
) rows) numbered
GROUP BY 3;

-- sms as addressee: delete
DELETE FROM "Help Desk"."sms" t USING (SELECT u.k1::bigint AS k1, u.print FROM dsar.target f, unnest(f.k1, f.prints) u(k1, print) WHERE f.operation = $1::uuid AND f.seq = $2::integer AND f.batch = $3::integer) k WHERE "t"."id" = k.k1 AND k.print = hashtextextended(ROW("t"."nr", "t"."firm")::text, 0) AND ("t"."nr" = ANY ($4::text[]) OR ("t"."nr" = ANY ($5::text[]) AND coalesce("t"."firm"::text, '') = $6) OR ("t"."nr" = ANY ($7::text[]) AND coalesce("t"."firm"::text, '') = $8));

