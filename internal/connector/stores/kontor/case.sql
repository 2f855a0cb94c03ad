-- Sanne de Wit in workspace 11: an account of today, one from before her marriage, and the people around her.
INSERT INTO audience (id, kind_ref, kind) VALUES (7700001, 7700001, 1), (7700002, 7700002, 1), (7700003, 7700003, 1), (7700004, 7700004, 1), (7700005, 7700005, 1), (7700100, 7700100, 3), (7700006, 7700006, 1),
  (7700101, 7700001, 3); -- a circle whose id is the id of her account
INSERT INTO account (id, passphrase, contact_address, address, workspace_id, display_name, joined_at, terms, api_token, public_id, active, audience_id, picture_source, zone) VALUES
  (7700001, 'argon$sanne', 'Sanne.deWit@example.net', 'a7700001@stand-in.kontor.example', 11, 'Sanne de Wit', '2023-03-01', '2.0', 'token-of-sanne-now', md5('case1')::uuid, true, 7700001, 'U', 'Europe/Amsterdam'),
  (7700002, 'argon$before', 'sanne.bakker@example.net', 'a7700002@stand-in.kontor.example', 11, 'Sanne Bakker', '2021-03-01', '1.0', 'token-of-sanne-before', md5('case2')::uuid, false, 7700002, 'I', 'Europe/Amsterdam'),
  (7700003, 'argon$zuid', 'sanne.dewit@example.net', 'a7700003@stand-in.kontor.example', 12, 'Sanne de Wit', '2023-03-01', '2.0', 'token-of-sanne-zuid', md5('case3')::uuid, true, 7700003, 'I', ''),
  (7700004, 'argon$joost', 'joost.kramer@example.net', 'sanne.dewit@stand-in.kontor.example', 11, 'Joost Kramer', '2022-03-01', '2.0', 'token-of-joost', md5('case4')::uuid, true, 7700004, 'I', ''),
  (7700005, 'argon$other', 'xsanne.dewit@example.net', 'sanne.dewit@example.net', 11, 'Sanne de Wit', '2022-03-01', '2.0', 'token-of-namesake', md5('case5')::uuid, true, 7700005, 'I', ''),
  (7700006, 'argon$former', 'former@example.net', 'a7700006@stand-in.kontor.example', 11, 'Former Colleague', '2020-03-01', '1.0', 'token-of-former', md5('case6')::uuid, false, 7700006, 'I', '');
INSERT INTO profile_value (id, account_id, field_id, value) VALUES
  (7700201, 7700001, 1, '(+31) 6 5550 4821'), (7700202, 7700002, 1, '06-55504821'), (7700203, 7700004, 2, '[7700001]'), (7700204, 7700004, 1, '+31 6 5550 48210'), (7700205, 7700005, 4, '0655504821');
INSERT INTO circle (id, digest, audience_id, size) VALUES (7700100, md5('circle'), 7700100, 3), (7700001, md5('another circle'), 7700101, 2);
INSERT INTO membership (id, account_id, audience_id, account_active) VALUES
  (7700301, 7700001, 2000001, true), (7700302, 7700001, 7700100, true), (7700303, 7700002, 2000001, false), (7700304, 7700004, 2000001, true), (7700305, 7700004, 7700100, true),
  (7700306, 7700005, 7700100, true), (7700307, 7700004, 7700101, true), (7700308, 7700005, 7700101, true), (7700309, 7700006, 2000001, false);
UPDATE room r SET member_count = (SELECT count(*) FROM membership m JOIN account a ON a.id = m.account_id WHERE m.audience_id = r.audience_id AND m.active AND a.active);
INSERT INTO note (id, author_id, audience_id, workspace_id, topic, body, body_html, html_version, sent_at, app_client_id, edited_at, history, has_file, has_picture, in_room) VALUES
  (7700401, 7700001, 2000001, 11, 'permit', 'Here is my permit velvet-heron-01 [permit.pdf](/files/11/4f/q7A1/permit.pdf)', '<p>Here is my permit velvet-heron-01 <a href="/files/11/4f/q7A1/permit.pdf">permit.pdf</a></p>', 1, '2026-02-01 10:00+00', 1, '2026-02-01 10:05+00', '[{"by": 7700001, "at": 1769940300, "body": "Here is the draft velvet-heron-00", "body_html": "<p>Here is the draft velvet-heron-00</p>"}]', true, true, true),
  (7700402, 7700001, 7700004, 11, '', 'Only for you walnut-otter-02', '<p>Only for you walnut-otter-02</p>', 1, '2026-02-02 10:00+00', 1, NULL, NULL, false, false, false),
  (7700403, 7700004, 7700001, 11, '', 'My answer joost-amber-03', '<p>My answer joost-amber-03</p>', 1, '2026-02-02 10:05+00', 1, NULL, NULL, false, false, false),
  (7700404, 7700001, 7700100, 11, '', 'To our circle crimson-stork-04', '<p>To our circle crimson-stork-04</p>', 1, '2026-02-03 10:00+00', 1, NULL, NULL, false, false, false),
  (7700405, 7700004, 2000001, 11, 'permit', '@**Sanne de Wit** any news? joost-birch-05', '<p><span class="mention" data-account="7700001">@Sanne de Wit</span> any news? joost-birch-05</p>', 1, '2026-02-04 10:00+00', 1, NULL, NULL, true, false, true),
  (7700406, 7700004, 2000001, 11, 'permit', '@**Sanne de Wit|7700005** hello joost-cedar-06', '<p><span class="mention" data-account="7700005">@Sanne de Wit</span> hello joost-cedar-06</p>', 1, '2026-02-04 11:00+00', 1, NULL, NULL, false, false, true),
  (7700407, 7700001, 2000001, 11, 'outing', 'See copper-snipe-07 [boat.png](/files/11/8c/q7A2/boat.png)', '<p>See copper-snipe-07</p>', 1, '2026-02-05 10:00+00', 1, NULL, NULL, true, true, true),
  (7700408, 7700002, 2000001, 11, 'before', 'Written before silver-plover-08', '<p>Written before silver-plover-08</p>', 1, '2021-04-05 10:00+00', 1, NULL, NULL, false, false, true),
  (7700409, 7700003, 2000011, 12, 'other', 'In the south marble-goose-09', '<p>In the south marble-goose-09</p>', 1, '2026-02-05 10:00+00', 1, NULL, NULL, false, false, true),
  (7700410, 7700005, 2000001, 11, 'permit', 'I only share the name linen-crow-10', '<p>I only share the name linen-crow-10</p>', 1, '2026-02-05 10:00+00', 1, NULL, NULL, false, false, true),
  (7700411, 7700001, 7700001, 11, '', 'Note to myself olive-wren-11', '<p>Note to myself olive-wren-11</p>', 1, '2026-02-06 10:00+00', 1, NULL, NULL, false, false, false),
  (7700412, 7700004, 7700101, 11, '', 'In another circle joost-elder-12', '<p>In another circle joost-elder-12</p>', 1, '2026-02-06 11:00+00', 1, NULL, NULL, false, false, false),
  (7700413, 7700004, 2000002, 11, 'permit', 'Passing it on joost-fir-13 [permit.pdf](/files/11/4f/q7A1/permit.pdf)', '<p>Passing it on joost-fir-13</p>', 1, '2026-02-07 11:00+00', 1, NULL, NULL, true, false, true);
UPDATE note SET words = to_tsvector('english', topic || ' ' || body) WHERE id BETWEEN 7700401 AND 7700413;
INSERT INTO note_state (id, account_id, note_id, flags) VALUES
  (7700501, 7700001, 7700401, 1), (7700502, 7700004, 7700401, 1), (7700503, 7700001, 7700405, 9), (7700504, 7700004, 7700402, 1), (7700505, 7700001, 7700403, 1), (7700506, 7700001, 7700402, 1), (7700507, 7700004, 7700403, 1);
INSERT INTO sweep (id, "at", kind, workspace_id) VALUES (7700601, '2026-03-01', 1, 11);
INSERT INTO note_archived (id, author_id, audience_id, workspace_id, topic, body, body_html, sent_at, app_client_id, history, has_file, sweep_id) VALUES
  (7700451, 7700001, 2000001, 11, 'cv', 'Long ago hazel-teal-14', '<p>Long ago hazel-teal-14</p>', '2023-04-01', 1, '[{"by": 7700001, "body": "Long ago hazel-teal-15"}]', true, 7700601),
  (7700452, 7700004, 2000001, 11, 'cv', 'joost-ginkgo-16', '<p>joost-ginkgo-16</p>', '2023-04-01', 1, NULL, false, 7700601),
  (7700453, 7700004, 7700001, 11, '', 'joost-holly-17', '<p>joost-holly-17</p>', '2023-04-02', 1, NULL, false, 7700601);
INSERT INTO applause (id, account_id, note_id, sign_name, sign_code) VALUES (7700701, 7700001, 7700405, 'heart', '2764'), (7700702, 7700004, 7700401, 'tada', '1f389');
INSERT INTO upload (id, file_name, path, owner_id, workspace_id, created_at, bytes, media_type) VALUES
  (7700801, 'permit indigo-swift-18.pdf', '11/4f/q7A1/permit.pdf', 7700001, 11, '2026-02-01', 20, 'application/pdf'),
  (7700802, 'boat.png', '11/8c/q7A2/boat.png', 7700004, 11, '2026-01-01', 20, 'image/png'),
  (7700803, 'harbour.pdf', '11/2b/q7A3/harbour.pdf', 7700004, 11, '2026-01-01', 20, 'application/pdf');
INSERT INTO upload_note (id, upload_id, note_id) VALUES (7700811, 7700801, 7700401), (7700812, 7700802, 7700407), (7700813, 7700803, 7700405), (7700814, 7700801, 7700413);
INSERT INTO picture (id, workspace_id, path, media_type, width, height, frames, sizes) VALUES
  (7700821, 11, '11/4f/q7A1/permit.pdf', 'image/webp', 800, 600, 1, '[{"width": 800, "height": 600}, {"width": 300, "height": 225}]'),
  (7700822, 11, '11/8c/q7A2/boat.png', 'image/webp', 800, 600, 1, '[{"width": 800, "height": 600}]');
INSERT INTO upload_archived (id, file_name, path, owner_id, workspace_id, created_at, bytes) VALUES (7700831, 'early-cv.pdf', '11/6d/q7A4/early-cv.pdf', 7700001, 11, '2023-04-01', 20);
INSERT INTO upload_archived_note (id, upload_archived_id, note_archived_id) VALUES (7700841, 7700831, 7700451);
INSERT INTO draft (id, account_id, audience_id, topic, body, edited_at) VALUES (7700901, 7700001, 2000001, 'permit', 'half a thought jasper-tern-19', '2026-05-01'), (7700902, 7700004, 2000001, 'x', 'draft of joost', '2026-05-01');
INSERT INTO workspace_log (id, workspace_id, actor_id, target_id, kind, happened_at, extra) VALUES
  (7701001, 11, 7700001, 7700001, 124, '2026-01-10', '{"1": "Sanne Bakker quartz-rail-20", "2": "Sanne de Wit", "kind": 7}'),
  (7701002, 11, 7700001, 7700001, 101, '2021-03-01', '{}'), (7701003, 11, 7700001, 7700004, 122, '2026-03-10', '{}'), (7701004, 11, 7700004, 7700004, 124, '2026-03-11', '{"2": "Joost Kramer"}');
INSERT INTO presence (id, account_id, workspace_id, active_at) VALUES (7701101, 7700001, 11, '2026-06-20'), (7701102, 7700004, 11, '2026-06-20');
INSERT INTO usage_stat (id, account_id, app_client_id, call, calls, last_at) VALUES (7701201, 7700001, 2, 'mark_read', 71, '2026-06-20'), (7701202, 7700004, 1, 'poll', 9, '2026-06-20');
INSERT INTO watchword (id, workspace_id, account_id, word) VALUES (7701301, 11, 7700001, 'lilac-gull-21'), (7701302, 11, 7700004, 'sanne de wit');
INSERT INTO mute (id, account_id, muted_id, since) VALUES (7701401, 7700004, 7700001, '2026-04-01'), (7701402, 7700001, 7700005, '2026-04-01');
INSERT INTO invitation (id, address, full_name, invited_by_id, workspace_id, sent_at, status, account_id) VALUES
  (7701501, 'SANNE.DEWIT@example.net', 'Sanne mint-dunlin-22', 7700004, 11, '2023-02-01', 1, 7700001), (7701502, 'niece@example.net', NULL, 7700001, 11, '2024-02-01', 0, NULL),
  (7701503, 'sanne.dewit@example.net', NULL, NULL, 12, '2023-02-01', 0, NULL), (7701504, 'Sanne.DeWit@Example.net', 'Sanne amber-knot-24', NULL, 11, '2022-12-01', 0, NULL);
INSERT INTO address_change (id, new_address, old_address, changed_at, status, workspace_id, account_id) VALUES (7701601, 'Sanne.deWit@example.net', 'sanne.jansen@example.net', '2024-06-01', 1, 11, 7700001);
