-- Feira, an inbox for market stalls, grown over years: names in mixed case, ids that mean something else in each table, JSON in every shape.
CREATE TYPE channel AS ENUM ('whatsapp', 'mail', 'site');
CREATE TABLE "Account" (id integer PRIMARY KEY, name text NOT NULL, country text NOT NULL, "imageUrl" text);
CREATE TABLE "Staff" (id bigint PRIMARY KEY, "accountId" integer NOT NULL, email text NOT NULL, "fullName" text NOT NULL, locale text);
-- phone is kept in digits; profile holds what the form asked, what staff wrote, a secret, and the flag that stops processing.
CREATE TABLE "Contact" (
  id bigint PRIMARY KEY, "accountId" integer NOT NULL, phone text, email text, "fullName" text, "providerId" text, mirror_of text, language text DEFAULT 'pt',
  profile jsonb NOT NULL DEFAULT '{}', cached_labels text, marketing_ok boolean NOT NULL DEFAULT true, "photoKey" text, score numeric(4,1), "createdAt" timestamp NOT NULL, deleted_at timestamp);
-- last_message_id and message.conversation_id refer to each other; message_count, last_ms and last_text are computed. participants and cc are lists of people.
CREATE TABLE conversation (
  id bigint PRIMARY KEY, account_id integer NOT NULL, contact_id bigint, via channel NOT NULL DEFAULT 'whatsapp', subject text, last_message_id bigint, message_count integer NOT NULL DEFAULT 0, last_ms bigint, last_text text,
  cached_labels text, participants jsonb, cc text, summary text, transcript text, opened_at timestamp NOT NULL, token uuid NOT NULL DEFAULT gen_random_uuid());
-- sender_id is a Contact's, a member of Staff's or nobody's (Bot): sender_type says so. sent_ms counts milliseconds since 1970.
CREATE TABLE message (
  id bigint PRIMARY KEY, conversation_id bigint NOT NULL, account_id integer NOT NULL, sender_type text NOT NULL, sender_id bigint, thread_root_id bigint,
  content text, processed text, translations jsonb, attrs jsonb NOT NULL DEFAULT '{}', wamid text, sent_ms bigint NOT NULL);
CREATE TABLE message_archive (
  id bigint PRIMARY KEY, conversation_id bigint NOT NULL, account_id integer NOT NULL, sender_type text NOT NULL, sender_id bigint, thread_root_id bigint,
  content text, processed text, translations jsonb, attrs jsonb NOT NULL DEFAULT '{}', wamid text, sent_ms bigint NOT NULL, archived_on date NOT NULL);
-- disk says which object store path and preview are in.
CREATE TABLE attachment (id bigint PRIMARY KEY, message_id bigint NOT NULL, account_id integer NOT NULL, disk text NOT NULL, path text NOT NULL, preview text, file_name text);
CREATE TABLE label (id integer PRIMARY KEY, account_id integer NOT NULL, title text NOT NULL);
CREATE TABLE tagging (id bigint PRIMARY KEY, label_id integer NOT NULL, subject_type text NOT NULL, subject_id bigint NOT NULL);
-- reader is "Contact/ID" or "Staff/ID"; the device is empty in the browser.
CREATE TABLE read_mark (reader text NOT NULL, device text NOT NULL DEFAULT '', seen_up_to bigint NOT NULL, PRIMARY KEY (reader, device));
CREATE TABLE cache_entry (cache_key text PRIMARY KEY, body jsonb, expires bigint);
CREATE TABLE webhook_log (id uuid PRIMARY KEY, account_id integer NOT NULL, received_ms bigint NOT NULL, payload bytea NOT NULL);
CREATE TABLE outbox (id bigint PRIMARY KEY, account_id integer NOT NULL, envelope jsonb NOT NULL);
CREATE TABLE import_batch (id integer PRIMARY KEY, account_id integer NOT NULL, file text, lines text NOT NULL);
CREATE TABLE segment (id integer PRIMARY KEY, account_id integer NOT NULL, title text NOT NULL, numbers text[] NOT NULL DEFAULT '{}');
CREATE TABLE invoice (id integer PRIMARY KEY, account_id integer NOT NULL, contact_id bigint, billed_to text NOT NULL, remark text, amount numeric(10,2) NOT NULL, issued_on date NOT NULL, paid_at timestamptz);
-- A wamid is base64 around the number.
CREATE TABLE delivery (id bigint PRIMARY KEY, account_id integer NOT NULL, number text NOT NULL, wamid text, error text, "sentAt" timestamp NOT NULL);
CREATE TABLE call_log (id uuid PRIMARY KEY, account_id integer NOT NULL, caller text NOT NULL, started_ms bigint NOT NULL, seconds integer NOT NULL, note text);
CREATE TABLE survey_answer (id bigint PRIMARY KEY, message_id bigint NOT NULL, contact_id bigint, rating smallint, feedback text);
CREATE TABLE consent (contact_id bigint NOT NULL, purpose text NOT NULL, granted boolean NOT NULL, granted_at timestamptz NOT NULL, PRIMARY KEY (contact_id, purpose));
CREATE TABLE opt_out (account_id integer NOT NULL, number text NOT NULL, via text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (account_id, number, via));
-- What another product left behind: who it is stands in JSON only.
CREATE TABLE "WaMessage" (id text PRIMARY KEY, "instanceId" integer NOT NULL, "key" jsonb NOT NULL, "pushName" varchar(100), "message" jsonb, "messageTimestamp" integer NOT NULL);
CREATE TABLE event (id bigint NOT NULL, at timestamptz NOT NULL, account_id integer NOT NULL, subject_type text NOT NULL, subject_id bigint NOT NULL, details jsonb, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE audit (id bigint PRIMARY KEY, account_id integer NOT NULL, entity text NOT NULL, entity_id bigint NOT NULL, at timestamptz NOT NULL, changes jsonb NOT NULL);
CREATE TABLE contact_note (id bigint PRIMARY KEY, contact_id bigint NOT NULL, staff_id bigint NOT NULL, body text NOT NULL, written_at timestamptz NOT NULL);
CREATE TABLE settings (name text PRIMARY KEY, value text);
