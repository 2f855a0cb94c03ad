-- The neighbours: {{scale}} accounts, ten notes each.
INSERT INTO workspace (id, title, handle, founded_at) VALUES (11, 'Werft Noord', 'werft', '2020-05-01'), (12, 'Atelier Zuid', 'atelier', '2020-06-01');
INSERT INTO app_client VALUES (1, 'browser'), (2, 'KontorMobile');
INSERT INTO audience (id, kind_ref, kind) SELECT i, i, 1 FROM generate_series(1, {{scale}}) i;
INSERT INTO account (id, passphrase, contact_address, address, workspace_id, display_name, joined_at, api_token, public_id, audience_id)
  SELECT i, 'argon$' || md5('pass' || i), 'crew' || i || '@example.org', 'a' || i || '@stand-in.kontor.example', CASE WHEN i % 5 = 0 THEN 12 ELSE 11 END,
         'Crew ' || i, '2021-02-01', md5('token' || i), md5('public' || i)::uuid, i
  FROM generate_series(1, {{scale}}) i;
-- The ids of rooms are ids of accounts too.
INSERT INTO audience (id, kind_ref, kind) SELECT 2000000 + r, r, 2 FROM generate_series(1, 12) r;
INSERT INTO room (id, name, workspace_id, audience_id) SELECT r, 'room ' || r, CASE WHEN r > 10 THEN 12 ELSE 11 END, 2000000 + r FROM generate_series(1, 12) r;
INSERT INTO membership (account_id, audience_id, account_active) SELECT i, 2000000 + CASE WHEN i % 5 = 0 THEN 11 ELSE 1 + i % 10 END, true FROM generate_series(1, {{scale}}) i;
INSERT INTO note (id, author_id, audience_id, workspace_id, topic, body, body_html, html_version, sent_at, app_client_id, in_room, words)
  SELECT (i - 1) * 10 + j, i, CASE WHEN j = 10 THEN 1 + i % {{scale}} WHEN i % 5 = 0 THEN 2000011 ELSE 2000001 + (i + j) % 10 END, CASE WHEN i % 5 = 0 THEN 12 ELSE 11 END,
         CASE WHEN j = 10 THEN '' ELSE 'matter ' || j END, t.body, '<p>' || t.body || '</p>', 1, timestamptz '2024-03-01' + ((i - 1) * 10 + j) * interval '1 minute', 1, j <> 10,
         to_tsvector('english', t.body)
  FROM generate_series(1, {{scale}}) i, generate_series(1, 10) j, LATERAL (SELECT 'note ' || j || ' of crew ' || i || ' ' || substr(md5(i || '-' || j), 1, 8) AS body) t;
INSERT INTO note_state (account_id, note_id, flags) SELECT author_id, id, 1 FROM note;
INSERT INTO applause (account_id, note_id, sign_name, sign_code) SELECT i, (i - 1) * 10 + 1, 'clap', '1f44f' FROM generate_series(1, {{scale}}) i WHERE i % 4 = 0;
INSERT INTO presence (account_id, workspace_id, active_at) SELECT id, workspace_id, '2026-05-01' FROM account;
INSERT INTO workspace_log (workspace_id, actor_id, target_id, kind, happened_at) SELECT workspace_id, id, id, 101, '2021-02-01' FROM account;
INSERT INTO profile_field (id, workspace_id, name, kind) VALUES (1, 11, 'Telephone', 1), (2, 11, 'Buddy', 6), (3, 12, 'Telephone', 1), (4, 11, 'Badge', 1);
INSERT INTO profile_value (account_id, field_id, value) SELECT id, CASE WHEN workspace_id = 11 THEN 1 ELSE 3 END, '+31 20 9' || lpad(id::text, 6, '0') FROM account WHERE id % 3 = 0;
