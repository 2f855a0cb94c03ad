-- The neighbours: {{scale}} peers, ten entries each.
INSERT INTO shop (id, created_at, name, handle, country) VALUES ('a1000000-0000-4000-8000-000000000001', '2023-01-01', 'Panadería Alba', 'alba', 'CO'), ('a1000000-0000-4000-8000-000000000002', '2023-01-01', 'Ferretería Sur', 'sur', 'CO');
INSERT INTO agent (id, created_at, shop_id, login, password_hash, name, duty) VALUES
  ('a2000000-0000-4000-8000-000000000001', '2023-01-01', 'a1000000-0000-4000-8000-000000000001', 'ines@alba.example', '$2b$x', 'Inés Alba', 'owner'),
  ('a2000000-0000-4000-8000-000000000002', '2023-01-01', 'a1000000-0000-4000-8000-000000000002', 'raul@sur.example', '$2b$y', 'Raúl Sur', 'owner');
INSERT INTO line (id, created_at, shop_id, name, phone_id, business_id, token) VALUES
  ('a3000000-0000-4000-8000-000000000001', '2023-01-01', 'a1000000-0000-4000-8000-000000000001', 'alba-1', '701', '71', 'token-of-alba'),
  ('a3000000-0000-4000-8000-000000000002', '2023-01-01', 'a1000000-0000-4000-8000-000000000002', 'sur-1', '702', '72', 'token-of-sur');
INSERT INTO peer (id, created_at, shop_id, number, shown_name, line_name, last_entry_preview)
  SELECT md5('peer' || i)::uuid, '2024-01-01', CASE WHEN i % 2 = 0 THEN 'a1000000-0000-4000-8000-000000000001' ELSE 'a1000000-0000-4000-8000-000000000002' END::uuid,
         '57300' || lpad(i::text, 7, '0'), 'Cliente ' || i, CASE WHEN i % 2 = 0 THEN 'alba-1' ELSE 'sur-1' END, 'lo último de ' || i
  FROM generate_series(1, {{scale}}) i;
INSERT INTO entry (id, created_at, shop_id, line_name, peer_id, wamid, direction, kind, body, status, agent_id, answers_id)
  SELECT md5('entry' || i || '-' || j)::uuid, timestamptz '2024-01-01' + (i * 10 + j) * interval '1 minute', p.shop_id, p.line_name, p.id, 'wamid.' || md5('w' || i || '-' || j),
         CASE WHEN j % 2 = 0 THEN 'in' ELSE 'out' END, 'text', 'línea ' || j || ' con cliente ' || i, 'read',
         CASE WHEN j % 2 = 1 THEN CASE WHEN i % 2 = 0 THEN 'a2000000-0000-4000-8000-000000000001' ELSE 'a2000000-0000-4000-8000-000000000002' END::uuid END,
         CASE WHEN j = 3 THEN md5('entry' || i || '-2')::uuid END
  FROM generate_series(1, {{scale}}) i JOIN peer p ON p.id = md5('peer' || i)::uuid, generate_series(1, 10) j;
INSERT INTO blast (id, created_at, shop_id, line_name, name, template_id, status, created_by) VALUES
  ('a4000000-0000-4000-8000-000000000001', '2026-01-01', 'a1000000-0000-4000-8000-000000000001', 'alba-1', 'Reyes', 'a5000000-0000-4000-8000-000000000001', 'done', 'a2000000-0000-4000-8000-000000000001'),
  ('a4000000-0000-4000-8000-000000000002', '2026-01-01', 'a1000000-0000-4000-8000-000000000002', 'sur-1', 'Pintura', 'a5000000-0000-4000-8000-000000000001', 'done', 'a2000000-0000-4000-8000-000000000002');
INSERT INTO blast_target (id, created_at, blast_id, number, name, status, sent_at)
  SELECT md5('target' || i)::uuid, '2026-01-02', CASE WHEN i % 2 = 0 THEN 'a4000000-0000-4000-8000-000000000001' ELSE 'a4000000-0000-4000-8000-000000000002' END::uuid,
         '57300' || lpad(i::text, 7, '0'), 'Cliente ' || i, 'delivered', '2026-01-02' FROM generate_series(1, {{scale}}) i;
