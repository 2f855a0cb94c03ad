-- A help desk: tickets, polymorphic comments, custom fields, audit rows, versioned articles.
CREATE SCHEMA helpline;
SET search_path = helpline;
CREATE TABLE tenants (id serial PRIMARY KEY, subdomain varchar(60) NOT NULL UNIQUE, legal_name text NOT NULL, country_code char(2) NOT NULL DEFAULT 'GB', billing_email text);
CREATE TABLE end_users (
  id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, name varchar(120), primary_email varchar(200), alternate_emails jsonb NOT NULL DEFAULT '[]', phone text, whatsapp_id text,
  custom_fields jsonb NOT NULL DEFAULT '{}', details text, blocked boolean NOT NULL DEFAULT false, newsletter_subscribed boolean NOT NULL DEFAULT true, open_ticket_count int NOT NULL DEFAULT 0,
  last_ticket_id bigint, merged_into_id bigint REFERENCES end_users, avatar_path varchar(300), created_at timestamptz NOT NULL, deleted_at timestamptz);
CREATE UNIQUE INDEX ON end_users (tenant_id, lower(primary_email));
CREATE TABLE agents (id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, email varchar(200) NOT NULL UNIQUE, display_name text NOT NULL, role text NOT NULL, crypted_password text NOT NULL, api_token text, last_sign_in_at timestamp, last_sign_in_ip inet, deactivated_at timestamp);
CREATE TABLE identities (id bigserial PRIMARY KEY, end_user_id bigint NOT NULL REFERENCES end_users ON DELETE CASCADE, kind text NOT NULL, value text NOT NULL, verified boolean NOT NULL DEFAULT false);
CREATE TABLE tickets (
  id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, requester_id bigint NOT NULL REFERENCES end_users, submitter_type text NOT NULL, submitter_id bigint NOT NULL, assignee_id bigint REFERENCES agents,
  subject text NOT NULL, status text NOT NULL, custom_fields jsonb, cc_emails text, comment_count int NOT NULL DEFAULT 0, last_comment_at timestamptz, has_attachments boolean NOT NULL DEFAULT false,
  problem_id bigint REFERENCES tickets, search tsvector, created_at timestamptz NOT NULL, solved_at timestamptz);
ALTER TABLE end_users ADD FOREIGN KEY (last_ticket_id) REFERENCES tickets;
CREATE INDEX ON tickets (requester_id); CREATE INDEX ON tickets (problem_id);
CREATE TABLE comments (
  id bigserial PRIMARY KEY, commentable_type varchar(40) NOT NULL, commentable_id bigint NOT NULL, author_type varchar(40) NOT NULL, author_id bigint NOT NULL,
  body text NOT NULL, rendered_body text NOT NULL, public boolean NOT NULL DEFAULT true, via jsonb, message_id varchar(250), created_at timestamptz NOT NULL);
CREATE INDEX ON comments (commentable_type, commentable_id);
CREATE TABLE attachments (id bigserial PRIMARY KEY, comment_id bigint REFERENCES comments, file_name text NOT NULL, storage_key text NOT NULL, thumbnail_key text, content_type text, byte_size bigint);
CREATE TABLE satisfaction_ratings (id bigserial PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES tickets, end_user_id bigint NOT NULL REFERENCES end_users, score text NOT NULL, remark text, created_at timestamptz NOT NULL, UNIQUE (ticket_id));
CREATE TABLE followers (ticket_id bigint NOT NULL REFERENCES tickets, end_user_id bigint NOT NULL REFERENCES end_users, PRIMARY KEY (ticket_id, end_user_id));
CREATE TABLE articles (id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, author_id bigint NOT NULL REFERENCES agents, title text NOT NULL, body text NOT NULL);
CREATE TABLE audits (id bigserial PRIMARY KEY, tenant_id int NOT NULL, auditable_type varchar(40) NOT NULL, auditable_id bigint NOT NULL, actor_type varchar(40), actor_id bigint, action text NOT NULL, changes text, remote_ip inet, created_at timestamp NOT NULL);
CREATE INDEX ON audits (auditable_type, auditable_id);
CREATE TABLE mail_queue (id uuid PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, recipient text NOT NULL, subject text, raw bytea, sent_at timestamptz);
CREATE TABLE invoices (id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, end_user_id bigint REFERENCES end_users, billed_name text, billed_address text, amount numeric(12,2) NOT NULL, issued_on date NOT NULL, paid_at timestamptz);
CREATE TABLE imports (id bigserial PRIMARY KEY, tenant_id int NOT NULL REFERENCES tenants, uploaded_by bigint REFERENCES agents, csv_path text NOT NULL, row_count int, created_at timestamptz NOT NULL);
CREATE TABLE schema_migrations (version text PRIMARY KEY);

INSERT INTO tenants (subdomain, legal_name, country_code) VALUES ('acme', 'Acme Ltd', 'GB'), ('zen', 'Zen SARL', 'FR');
INSERT INTO agents (tenant_id, email, display_name, role, crypted_password, api_token) VALUES
 (1, 'chief@acme.example', 'Chief', 'owner', '$2a$10$abcdefghijklmnopqrstuv', 'tok1'), (1, 'ann@acme.example', 'Ann', 'agent', '$2a$10$abcdefghijklmnopqrstuv', NULL), (2, 'zoe@zen.example', 'Zoe', 'owner', '$2a$10$abcdefghijklmnopqrstuv', NULL);
-- 1 is Tove, 2 was merged into her, 3 and 4 look like her.
INSERT INTO end_users (tenant_id, name, primary_email, alternate_emails, phone, custom_fields, details, avatar_path, created_at) VALUES
 (1, 'Tove Lind', 'Tove.Lind@example.org', '["tove@work.example"]', '020 7946 0018', '{"vat_id": "GB1", "second_phone": "+442079460019"}', 'Prefers mail', 'avatars/1.png', '2024-01-01'),
 (1, 'T. Lind', NULL, '["TOVE@work.example"]', NULL, '{}', NULL, NULL, '2024-02-01'),
 (1, 'Tove Lind', 'tove.lind@example.org.uk', '["atove@work.example"]', '+442079460017', '{}', 'Not the other Tove Lind', 'avatars/3.png', '2024-01-01'),
 (2, 'Tove', 'ove.lind@example.org', '[]', '+4420794600180', '{}', NULL, NULL, '2024-01-01');
UPDATE end_users SET merged_into_id = 1 WHERE id = 2;
INSERT INTO end_users (tenant_id, name, primary_email, phone, custom_fields, created_at) SELECT 1 + n % 2, 'N' || n, 'n' || n || '@n.example', '+4420711' || (10000 + n), '{"vat_id": "X"}', '2024-03-01' FROM generate_series(1, 60) n;
INSERT INTO identities (end_user_id, kind, value, verified) SELECT id, 'email', primary_email, true FROM end_users WHERE primary_email IS NOT NULL;
INSERT INTO identities (end_user_id, kind, value) VALUES (1, 'twitter', '@tovel'), (3, 'twitter', '@tovelind');
INSERT INTO tickets (tenant_id, requester_id, submitter_type, submitter_id, assignee_id, subject, status, custom_fields, cc_emails, comment_count, has_attachments, created_at)
 SELECT tenant_id, id, 'EndUser', id, CASE tenant_id WHEN 1 THEN 2 ELSE 3 END, 'Question of ' || coalesce(name, '?'), 'open', '{"order": "A-1"}', CASE id WHEN 3 THEN 'x@y.example,tove.lind@example.org, b@c.example' END, 2, id IN (1, 3), '2024-05-01' FROM end_users;
UPDATE tickets SET problem_id = 1 WHERE id IN (3, 5);
UPDATE tickets SET submitter_type = 'Agent', submitter_id = 2 WHERE id = 6;
UPDATE end_users SET last_ticket_id = id, open_ticket_count = 1;
INSERT INTO comments (commentable_type, commentable_id, author_type, author_id, body, rendered_body, message_id, created_at) SELECT 'Ticket', id, 'EndUser', requester_id, 'Hello, this is my question number ' || id, '<p>Hello, this is my question number ' || id || '</p>', 'm' || id || '@mx.example', '2024-05-01' FROM tickets;
INSERT INTO comments (commentable_type, commentable_id, author_type, author_id, body, rendered_body, created_at) SELECT 'Ticket', id, 'Agent', 2, 'Our answer to you for question ' || id, '<p>Our answer ' || id || '</p>', '2024-05-02' FROM tickets;
INSERT INTO articles (tenant_id, author_id, title, body) VALUES (1, 2, 'How to', 'Some words that help everybody'), (1, 2, 'How not to', 'Some more words that help');
INSERT INTO comments (commentable_type, commentable_id, author_type, author_id, body, rendered_body, created_at) VALUES
 ('Article', 1, 'EndUser', 1, 'Great article, thank you very much, Tove', '<p>Great article</p>', '2024-06-01'), ('Article', 2, 'EndUser', 3, 'I disagree with Tove Lind here', '<p>I disagree with Tove Lind here</p>', '2024-06-01'),
 ('Ticket', 3, 'EndUser', 1, 'I have the same problem in my own place', '<p>same</p>', '2024-06-02'), ('Ticket', 1, 'EndUser', 3, 'Me too, says the other one, really', '<p>Me too</p>', '2024-06-02');
UPDATE tickets t SET comment_count = (SELECT count(*) FROM comments c WHERE c.commentable_type = 'Ticket' AND c.commentable_id = t.id), last_comment_at = (SELECT max(created_at) FROM comments c WHERE c.commentable_type = 'Ticket' AND c.commentable_id = t.id), search = to_tsvector('simple', subject);
INSERT INTO attachments (comment_id, file_name, storage_key, content_type, byte_size) VALUES (1, 'bill.pdf', 'up/1/bill.pdf', 'application/pdf', 10), (3, 'pic.png', 'up/3/pic.png', 'image/png', 10);
INSERT INTO satisfaction_ratings (ticket_id, end_user_id, score, remark, created_at) SELECT id, requester_id, 'good', 'Very good service from all of you', '2024-05-03' FROM tickets WHERE id <= 10;
INSERT INTO followers VALUES (3, 1), (1, 3), (7, 5);
INSERT INTO audits (tenant_id, auditable_type, auditable_id, actor_type, actor_id, action, changes, remote_ip, created_at) SELECT tenant_id, 'EndUser', id, 'Agent', 2, 'update', '{"name": ["?", "' || name || '"]}', '10.0.0.1', '2024-05-01' FROM end_users;
INSERT INTO audits (tenant_id, auditable_type, auditable_id, actor_type, actor_id, action, changes, remote_ip, created_at) SELECT tenant_id, 'Ticket', id, 'EndUser', requester_id, 'create', '{"subject": [null, "' || subject || '"]}', '10.0.0.2', '2026-10-01' FROM tickets;
INSERT INTO mail_queue SELECT md5('m' || id)::uuid, tenant_id, coalesce(primary_email, 'nobody@x.example'), 'Re: your question', convert_to('To: ' || coalesce(primary_email, '-'), 'UTF8'), '2024-05-02' FROM end_users;
INSERT INTO invoices (tenant_id, end_user_id, billed_name, billed_address, amount, issued_on, paid_at) SELECT tenant_id, id, name, 'Street 1', 10, CASE id % 2 WHEN 1 THEN '2024-05-01'::date ELSE '2012-05-01' END, CASE WHEN id <> 1 THEN '2024-05-09'::timestamptz END FROM end_users WHERE id < 12;
INSERT INTO invoices (tenant_id, end_user_id, billed_name, billed_address, amount, issued_on, paid_at) VALUES (1, 1, 'Tove Lind', 'Lane 2', 20, '2011-01-01', '2011-02-01');
INSERT INTO imports (tenant_id, uploaded_by, csv_path, row_count, created_at) VALUES (1, 1, 'imports/people.csv', 60, '2024-01-01');
INSERT INTO schema_migrations VALUES ('1');
ANALYZE;
