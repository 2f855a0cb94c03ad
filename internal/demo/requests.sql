WITH lists AS (
    SELECT ARRAY['Amina', 'Luís', 'Marek', 'Siobhán', 'Oluwaseun', 'Yuki', 'Anna', 'Mohammed', 'Zoë', 'Jürgen', 'Ingrid', 'Chloé', 'Ana María', 'Wei', 'Ngozi', 'Piotr', 'Fatima', 'João', 'Emma', 'Noah', 'Łukasz', 'Şeyma', 'Đorđe', 'Priya'] AS first,
           ARRAY['Okafor', 'Ferreira', 'Dvořák', 'Kearney', 'Adeyemi', 'Tanaka', 'Müller', 'Schmidt', 'Al-Rashid', 'O''Neill', 'van der Berg', 'García López', 'Rossi', 'Novák', 'Kowalska', 'Smith', 'Jones', 'Silva', 'Haddad', 'Yılmaz', 'Petrović', 'Wang', 'Dubois', 'Nielsen', 'Andersson', 'Papadopoulos', 'Kim', 'Patel', 'Mbeki', 'Weiß'] AS last,
           ARRAY['example.com', 'example.org', 'mail.example', 'post.example', 'firma.example'] AS domain,
           ARRAY['Baobab Deliveries', 'Harbour Dental', 'Olive & Thyme', 'Nordlicht Optik', 'Casa Verde', 'Hana Logistics', 'Kite Insurance'] AS business,
           ARRAY['DE', 'DE', 'DE', 'GB', 'GB', 'FR', 'BR', 'US-CA', 'IT', 'ES', 'PL', 'KE', 'LU', 'JP'] AS country,
           ARRAY['EU-DE', 'EU-DE', 'EU-DE', 'UK', 'UK', 'EU-FR', 'BR', 'US-CA', 'EU-IT', 'EU-ES', 'EU-PL', 'KE', 'EU-LU', 'JP'] AS law,
           ARRAY['access', 'access', 'access', 'access', 'deletion', 'deletion', 'deletion', 'correction', 'portability', 'restriction', 'objection', 'withdrawal', 'opt_out', 'shortened_retention'] AS kind,
           ARRAY['verified', 'verified', 'verified', 'verified', 'discovering', 'in_review', 'in_review', 'in_review', 'in_review', 'in_review', 'in_review', 'approved', 'executing', 'ready', 'ready', 'ready'] AS open_state,
           ARRAY['portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'portal', 'email', 'email', 'post', 'phone'] AS channel
), dice AS MATERIALIZED (
    -- Twelve throws for each request, the same every time.
    SELECT i, ARRAY(SELECT (hashint8extended(i, k) & 1073741823)::integer FROM generate_series(1, 12) k) AS d FROM generate_series(1::bigint, $1::bigint) i
), drawn AS MATERIALIZED (
    SELECT i, d, l.*, d[1] % 10 < 3 AS is_open, 1 + d[2] % 14 AS place, l.first[1 + d[3] % 24] AS f, l.last[1 + d[4] % 30] AS n, l.channel[1 + d[5] % 16] AS way,
           CASE WHEN d[1] % 10 < 3 THEN now() - (d[6] % 10368000) * interval '1 second' ELSE now() - interval '45 days' - (d[6] % 94608000) * interval '1 second' END AS came
    FROM dice CROSS JOIN lists l
)
INSERT INTO requests (ref, kind, state, outcome, relation, name, email, phone, country, lang, law, answers, received_at, verified_at, due_at, closed_at, assignee,
    attention, paused_at, follow_up, channel, recorded_by, recorded_at)
SELECT 'CS-' || substr(h, 1, 4) || '-' || substr(h, 5, 4),
       kind[1 + d[7] % 14], CASE WHEN is_open THEN open_state[1 + d[8] % 16] WHEN d[8] % 12 = 0 THEN 'rejected' ELSE 'closed' END,
       CASE WHEN is_open THEN NULL WHEN d[8] % 12 = 0 THEN 'refused' ELSE 'answered' END,
       (ARRAY['recipient', 'recipient', 'recipient', 'account', 'organization', 'visitor'])[1 + d[9] % 6],
       f || ' ' || n, lower(translate(f || '.' || n, ' ''', '')) || i || '@' || domain[1 + d[10] % 5],
       CASE d[11] % 3 WHEN 0 THEN '' ELSE '+4477' || lpad((d[11] % 100000000)::text, 8, '0') END,
       country[place], CASE WHEN country[place] IN ('DE', 'LU') AND d[10] % 10 < 9 OR d[10] % 40 = 0 THEN 'de' ELSE 'en' END, law[place],
       jsonb_build_object('business', business[1 + d[12] % 7], 'organization', business[1 + d[12] % 7], 'details', 'I would like to know what you hold about me.', 'all_time', true),
       came, came + interval '1 hour', date_trunc('day', came) + interval '30 days 23 hours 59 minutes 59 seconds',
       CASE WHEN is_open THEN NULL ELSE came + (1 + d[9] % 30) * interval '1 day' + (d[12] % 86400) * interval '1 second' END,
       CASE WHEN d[12] % 4 > 0 THEN ($2::uuid[])[1 + d[12] / 4 % cardinality($2::uuid[])] END,
       CASE WHEN is_open AND d[11] % 50 = 0 THEN 'attention.rows_moved' ELSE '' END,
       CASE WHEN is_open AND d[11] % 40 = 1 THEN came + interval '2 days' END,
       CASE WHEN is_open AND d[11] % 60 = 2 THEN current_date + d[12] % 14 - 3 END,
       way, CASE WHEN way <> 'portal' THEN ($2::uuid[])[1] END, CASE WHEN way <> 'portal' THEN came + interval '30 minutes' END
FROM drawn, LATERAL (SELECT lpad(upper(to_hex(i)), 8, '0') AS h) r
