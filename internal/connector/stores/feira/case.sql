-- Bruna Teixeira at account 1: three rows are hers. The same ids mean others in other tables, on purpose.
INSERT INTO "Staff" VALUES (8000001, 1, 'davi@lapa.example', 'Davi Lapa', 'pt'), (8000002, 1, 'eva@lapa.example', 'Eva Lapa', 'pt');
INSERT INTO "Contact" (id, "accountId", phone, email, "fullName", "providerId", mirror_of, profile, cached_labels, score, "createdAt", deleted_at) VALUES
  (8000001, 1, '5521987654321', 'bruna.teixeira@example.com', 'Bruna Teixeira', NULL, NULL, '{"restricted": false, "birthday": "abacate-01", "staff_view": [{"name": "Davi Lapa", "text": "gentil"}], "token": "segredo-da-bruna", "list": ["x", null, 1.50]}', 'freguês, bolo-02', 7.5, '2024-03-01 08:00', NULL),
  (8000002, 1, NULL, 'BRUNA.Teixeira@example.com', 'Bruna T. caju-03', NULL, NULL, '{"restricted": false}', NULL, NULL, '2022-03-01 08:00', '2023-01-01 08:00'),
  (8000003, 1, '552187654321', NULL, 'B. damasco-04', NULL, NULL, '{"restricted": false}', NULL, NULL, '2015-03-01 08:00', NULL),
  (8000004, 2, '5521987654321', 'bruna.teixeira@example.com', 'Bruna erva-05', NULL, NULL, '{"restricted": false}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000005, 1, '55219876543210', NULL, 'Longo figo-06', NULL, NULL, '{"restricted": false}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000006, 1, '5521987650000', 'outra@example.com', 'Bruna Teixeira', NULL, NULL, '{"restricted": false, "birthday": "goiaba-07"}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000007, 1, NULL, NULL, 'bruna teixeira', '88817722@lid', 'elsewhere.example', '{"restricted": false, "birthday": "hortela-08"}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000008, 1, NULL, NULL, 'Bru inhame-09', NULL, NULL, '{"restricted": false, "email": "Bruna.Teixeira@Example.com"}', NULL, NULL, '2025-03-01 08:00', NULL),
  (8000009, 1, '5521987651111', 'xbruna.teixeira@example.com', 'Prefixo jaca-10', NULL, NULL, '{"restricted": false, "email": "bruna.teixeira@example.com.example"}', NULL, NULL, '2025-03-01 08:00', NULL),
  (8000020, 1, '5521987652222', 'caio@example.com', 'Caio kiwi-11', NULL, NULL, '{"restricted": false}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000021, 3, '541155550123', NULL, 'Una limon-12', NULL, NULL, '{"restricted": false}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000022, 4, '525555550199', NULL, 'Otra mango-13', NULL, NULL, '{"restricted": false}', NULL, NULL, '2024-03-01 08:00', NULL),
  (8000101, 1, '5521987653333', NULL, 'Contato com id de conversa', NULL, NULL, '{"restricted": false}', NULL, NULL, '2024-03-01 08:00', NULL);
UPDATE "Contact" SET "photoKey" = CASE id WHEN 8000001 THEN 'fotos/bruna.jpg' ELSE 'fotos/ninguem.jpg' END WHERE id IN (8000001, 8000002, 8000020);
INSERT INTO conversation (id, account_id, contact_id, via, subject, message_count, cached_labels, participants, cc, summary, transcript, opened_at) VALUES
  (8000101, 1, 8000001, 'whatsapp', 'bolo de nabo-14', 3, 'freguês, atraso', '["5521987654321"]', NULL, 'pediu ostra-15', 'disse pera-16', '2026-03-01 09:00'),
  (8000102, 1, 8000001, 'mail', 'festa de quiabo-17', 5, 'atraso jiló-84', '["5521987654321", "5521987652222"]', 'caio@example.com', 'combinam romã-18', 'disse salsa-19', '2026-03-02 09:00'),
  (8000103, 1, 8000020, 'site', 'horta do Caio tomate-20', 3, NULL, '["5521987652222", "+55 21 98765-4321", "5521987654399"]', 'caio@example.com, Bruna.Teixeira@example.com,eva@lapa.example', 'do Caio uva-21', NULL, '2026-03-03 09:00'),
  (8000104, 1, 8000002, 'whatsapp', 'antigo vagem-22', 1, NULL, '[]', NULL, NULL, NULL, '2022-03-03 09:00'),
  (8000105, 2, 8000004, 'whatsapp', 'no centro xaxim-23', 1, NULL, '["5521987654321"]', NULL, NULL, NULL, '2026-03-03 09:00'),
  (8000001, 1, 8000020, 'whatsapp', 'conversa com id de contato zimbro-24', 2, 'freguês', '["5521987652222"]', NULL, NULL, NULL, '2026-03-03 09:00');
INSERT INTO message (id, conversation_id, account_id, sender_type, sender_id, thread_root_id, content, processed, translations, attrs, wamid, sent_ms) VALUES
  (8000201, 8000101, 1, 'Contact', 8000001, NULL, 'quero açaí-25', 'quero açaí-25', '{"en": "I want açaí-25"}', '{"quote": "{\"text\": \"banana-26\", \"from\": \"+5521987654321\"}"}', 'wamid.' || encode('HB5521987654321FQ1', 'base64'), 1772355600000),
  (8000202, 8000101, 1, 'Staff', 8000001, 8000201, 'temos sim cacau-27', 'temos sim cacau-27', NULL, '{}', NULL, 1772355660000),
  (8000203, 8000101, 1, 'Bot', NULL, NULL, 'avalie! dendê-28', 'avalie! dendê-28', NULL, '{"survey": {"rating": 5, "feedback": "ótimo embu-29"}}', NULL, 1772355720000),
  (8000204, 8000102, 1, 'Contact', 8000001, NULL, 'vamos fubá-30', 'vamos fubá-30', NULL, '{}', NULL, 1772355800000),
  (8000205, 8000102, 1, 'Contact', 8000020, NULL, 'eu levo guaraná-31', 'eu levo guaraná-31', NULL, '{}', NULL, 1772355860000),
  (8000206, 8000102, 1, 'Staff', 8000002, NULL, 'anotado hibisco-32', 'anotado hibisco-32', NULL, '{}', NULL, 1772355920000),
  (8000210, 8000102, 1, 'Contact', 8000020, 8000204, 'boa ideia ingá-33', 'boa ideia ingá-33', NULL, '{}', NULL, 1772355980000),
  (8000214, 8000102, 1, 'Contact', 8000001, NULL, 'até lá jambo-34', 'até lá jambo-34', NULL, '{}', NULL, 1772356980000),
  (8000207, 8000103, 1, 'Contact', 8000001, NULL, 'posso ajudar? kino-35', 'posso ajudar? kino-35', '{"en": "may I help? kino-35"}', '{"location": "Rua laranja-36"}', NULL, 1772356000000),
  (8000208, 8000103, 1, 'Contact', 8000020, 8000207, 'claro maçã-37', 'claro maçã-37', NULL, '{}', NULL, 1772356060000),
  (8000209, 8000103, 1, 'Staff', 8000001, NULL, 'regar às seis nêspera-38', 'regar às seis nêspera-38', NULL, '{}', NULL, 1772356120000),
  (8000211, 8000104, 1, 'Contact', 8000002, NULL, 'de antes oliva-39', 'de antes oliva-39', NULL, '{}', NULL, 1646298000000),
  (8000212, 8000105, 2, 'Contact', 8000004, NULL, 'no centro pitanga-40', 'no centro pitanga-40', NULL, '{}', NULL, 1772356180000),
  (8000213, 8000001, 1, 'Contact', 8000020, NULL, 'a Bruna Teixeira (21 98765-4321) indicou, quixaba-41', 'a Bruna Teixeira (21 98765-4321) indicou, quixaba-41', NULL, '{}', NULL, 1772356240000),
  (8000001, 8000001, 1, 'Staff', 8000002, NULL, 'mensagem com id de contato, repolho-42', 'repolho-42', NULL, '{}', NULL, 1772356300000);
UPDATE conversation c SET last_message_id = v.last FROM (VALUES (8000101, 8000203), (8000102, 8000214), (8000103, 8000209), (8000104, 8000211), (8000001, 8000001)) v (id, last) WHERE v.id = c.id;
UPDATE conversation c SET last_ms = m.sent_ms, last_text = m.content FROM message m
  WHERE c.id >= 8000000 AND m.id = (SELECT id FROM message x WHERE x.id >= 8000000 AND x.conversation_id = c.id ORDER BY sent_ms DESC LIMIT 1);
INSERT INTO message_archive (id, conversation_id, account_id, sender_type, sender_id, content, processed, attrs, sent_ms, archived_on) VALUES
  (8000251, 8000101, 1, 'Contact', 8000001, 'guardada seriguela-43', 'guardada seriguela-43', '{}', 1740000000000, '2026-01-01'),
  (8000252, 8000103, 1, 'Contact', 8000001, 'guardada tamarindo-44', 'guardada tamarindo-44', '{}', 1740000060000, '2026-01-01'),
  (8000253, 8000103, 1, 'Staff', 8000001, 'guardada umbu-45', 'guardada umbu-45', '{}', 1740000120000, '2026-01-01');
INSERT INTO attachment VALUES
  (8000301, 8000201, 1, 'bucket', 'feira/rg.jpg', 'feira/rg_small.jpg', 'rg valsa-46.jpg'),
  (8000302, 8000204, 1, 'folder', 'recibos/302.pdf', NULL, 'recibo xale-47.pdf'),
  (8000303, 8000207, 1, 'bucket', 'feira/mapa.png', NULL, 'mapa zinco-48.png'),
  (8000304, 8000205, 1, 'bucket', 'feira/menu.jpg', NULL, 'menu do Caio.jpg'),
  (8000305, 8000201, 1, 'bucket', 'feira/menu.jpg', NULL, 'menu de novo.jpg'),
  (8000306, 8000208, 1, 'folder', 'feira/rg.jpg', NULL, 'outro lugar.jpg');
INSERT INTO tagging VALUES (8000401, 1, 'Contact', 8000001), (8000402, 2, 'Conversation', 8000101), (8000403, 1, 'Conversation', 8000001), (8000404, 1, 'Contact', 8000101), (8000405, 2, 'Conversation', 8000102);
INSERT INTO read_mark VALUES ('Contact/8000001', '', 5), ('Contact/8000001', 'phone', 7), ('Contact/80000011', '', 9), ('Staff/8000001', '', 11), ('Contact/8000002', '', 1);
INSERT INTO cache_entry VALUES
  ('contact:8000001:card', '{"name": "Bruna Teixeira amora-49"}', 1), ('contact:8000001:orders:2026', '{"last": "brejo-50"}', 1),
  ('contact:80000011:card', '{"name": "cedro-51"}', 1), ('staff:8000001:card', '{"name": "duna-52"}', 1), ('xcontact:8000001:card', '{"name": "eira-53"}', 1);
INSERT INTO webhook_log VALUES
  ('c1000000-0000-4000-8000-000000000001', 1, 1772355600000, convert_to('{"messages": [{"from": "5521987654321", "text": {"body": "quero floresta-54"}}]}', 'UTF8')),
  ('c1000000-0000-4000-8000-000000000002', 1, 1772355600001, convert_to('{"messages": [{"from": "5521987652222", "text": {"body": "granito-55"}}]}', 'UTF8')),
  ('c1000000-0000-4000-8000-000000000003', 2, 1772355600002, convert_to('{"messages": [{"from": "5521987654321", "text": {"body": "harpa-56"}}]}', 'UTF8')),
  ('c1000000-0000-4000-8000-000000000004', 1, 1772355600003, convert_to('{"statuses": [{"id": "x"}]}', 'UTF8'));
INSERT INTO outbox VALUES
  (8000501, 1, '{"kind": "send", "payload": "{\"to\": \"+55 21 98765-4321\", \"text\": \"ilha-57\"}"}'), (8000502, 1, '{"kind": "send", "payload": "{\"to\": \"5521987652222\", \"text\": \"jardim-58\"}"}'),
  (8000503, 1, '{"kind": "ping", "payload": null}'), (8000504, 2, '{"kind": "send", "payload": "{\"to\": \"5521987654321\", \"text\": \"lagoa-59\"}"}');
INSERT INTO import_batch VALUES (801, 1, 'imports/2026/lista.csv', '[{"phone": "5521987652222", "name": "mato-60"},  {"phone": "(21) 98765-4321", "name": "Bruna neblina-61"}, {"phone": "5521987654399", "name": "onda-62"}]');
INSERT INTO segment VALUES (811, 1, 'clientes', '{5521987652222,5521987654321,5521987654399}'), (812, 2, 'centro', '{5521987654321}'), (813, 1, 'perto', '{55219876543210,552187654321}');
INSERT INTO invoice VALUES
  (821, 1, 8000001, 'Bruna Teixeira', 'entregar a praia-63', 10.00, '2015-03-01', '2015-03-05'), (822, 1, 8000001, 'Bruna Teixeira', 'fiado, ligar +55 21 98765-4321', 20.50, '2015-03-02', NULL),
  (823, 1, 8000001, 'Bruna Teixeira', 'bruna.teixeira@example.com pediu nota', 30.00, '2026-03-01', '2026-03-02'), (824, 1, 8000020, 'Caio', 'do caio quilha-64', 40.00, '2015-03-01', '2015-03-05');
INSERT INTO delivery VALUES
  (8000601, 1, '+55 21 98765-4321', 'wamid.' || encode('HBgN5521987654321FQIAERgS', 'base64'), '131026 to 5521987654321', '2026-03-02 10:00'),
  (8000602, 1, '5521987654321', 'wamid.' || encode('XHBgN5521987654321FQIAERgS', 'base64'), NULL, '2022-03-02 10:00'),
  (8000603, 2, '5521987654321', 'wamid.' || encode('XXHBgN5521987654321FQIAERg', 'base64'), NULL, '2026-03-02 10:00'),
  (8000605, 1, '(21) 98765-4321', 'wamid.' || encode('XHBgN5521987654321FQIAERgS', 'base64'), NULL, '2026-03-03 10:00'),
  (8000606, 1, '5521987654321', 'wamid.' || encode('XXHBgN5521987654321FQIAERg', 'base64'), 'ok', '2026-03-04 10:00'),
  (8000604, 1, '5521987652222', 'wamid.' || encode('HBgN5521987652222FQIAERgS', 'base64'), NULL, '2026-03-02 10:00');
INSERT INTO call_log VALUES
  ('d1000000-0000-4000-8000-000000000001', 1, '+5521987654321', 1772355600000, 61, 'ligou a rocha-65'), ('d2000000-0000-4000-8000-000000000002', 1, '+5521987654321', 1640995200000, 62, 'ligou a serra-66'),
  ('d3000000-0000-4000-8000-000000000003', 1, '+5521987652222', 1640995200000, 63, 'ligou o caio trigo-67');
INSERT INTO survey_answer VALUES (8000701, 8000203, 8000001, 5, 'ótimo embu-29'), (8000702, 8000205, 8000020, 3, 'caio usina-68');
INSERT INTO consent VALUES (8000001, 'news', true, '2025-01-01'), (8000001, 'terms', true, '2024-03-01'), (8000020, 'news', true, '2025-01-01');
INSERT INTO opt_out VALUES (1, '5521987654321', 'mail', '2025-02-01'), (2, '5521987654321', 'mail', '2025-02-01'), (1, '5521987652222', 'mail', '2025-02-01');
INSERT INTO "WaMessage" VALUES
  ('3EB0A1', 1, '{"id": "3EB0A1", "fromMe": false, "remoteJid": "5521987654321@s.whatsapp.net"}', 'Bruna', '{"conversation": "oi vento-69"}', 1772355600),
  ('3EB0A2', 1, '{"id": "3EB0A2", "fromMe": true, "remoteJid": "5521987654321@s.whatsapp.net"}', NULL, '{"conversation": "olá xote-70"}', 1772355601),
  ('3EB0A3', 1, '{"id": "3EB0A3", "fromMe": false, "remoteJid": "5521987652222@s.whatsapp.net"}', 'Caio', '{"conversation": "falei com Bruna Teixeira, zebra-71"}', 1772355602),
  ('3EB0A4', 1, '{"id": "3EB0A4", "fromMe": false, "remoteJid": "55219876543210@s.whatsapp.net"}', 'Longo', '{"conversation": "abelha-72"}', 1772355603),
  ('3EB0A5', 2, '{"id": "3EB0A5", "fromMe": false, "remoteJid": "5521987654321@s.whatsapp.net"}', 'Bruna', '{"conversation": "no centro bode-73"}', 1772355604);
INSERT INTO event VALUES
  (8000801, '2026-03-01', 1, 'Contact', 8000001, '{"what": "clicked cabra-74"}'), (8000802, '2025-03-01', 1, 'Contact', 8000001, '"só um texto doninha-75"'), (8000803, '2026-03-01', 1, 'Conversation', 8000101, '{"what": "closed ema-76"}'),
  (8000804, '2026-03-01', 1, 'Staff', 8000001, '{"what": "login foca-77"}'), (8000805, '2026-03-01', 1, 'Conversation', 8000001, '{"what": "opened gato-78"}');
INSERT INTO audit VALUES
  (8000901, 1, 'Contact', 8000001, '2026-02-01', '{"name": ["Bruna Teixeira harpia-79", "Bruna Teixeira"], "email": ["bruna.velha@example.com", "bruna.teixeira@example.com"], "by": 8000002, "n": 1.50}'),
  (8000902, 1, 'Contact', 8000001, '2019-02-01', '{"name": [null, "Bruna iguana-80"], "by": 8000002}'), (8000903, 1, 'Staff', 8000001, '2026-02-01', '{"name": ["Davi", "Davi Lapa jacu-81"], "by": 8000002}');
INSERT INTO contact_note VALUES (8001001, 8000001, 8000002, 'paga em dia, lobo-82', '2026-03-01'), (8001002, 8000020, 8000002, 'vizinho da Bruna Teixeira, mico-83', '2026-03-01');
