-- A push and SMS platform: epoch milliseconds, composite keys, quoted names, partitions, circles, domains.
CREATE SCHEMA beacon;
SET search_path = beacon;
CREATE TYPE "DeliveryState" AS ENUM ('queued', 'handed_over', 'delivered', 'bounced', 'expired');
CREATE TYPE channel_kind AS ENUM ('sms', 'push', 'email');
CREATE DOMAIN msisdn AS varchar(20) CHECK (VALUE ~ '^[0-9]*$');
CREATE DOMAIN email_address AS text CHECK (VALUE = '' OR position('@' IN VALUE) > 1);
CREATE DOMAIN epoch_ms AS bigint CHECK (VALUE >= 0);
CREATE TABLE "App" ("appId" uuid PRIMARY KEY, "displayName" text NOT NULL, "homeCountry" char(2) NOT NULL, "defaultSegmentId" bigint, "createdAt" epoch_ms NOT NULL);
CREATE TABLE "Operator" ("operatorId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "appId" uuid NOT NULL REFERENCES "App", "loginEmail" email_address NOT NULL, "fullName" text, "accessLevel" text NOT NULL, "passwordHash" text NOT NULL, "disabledAt" epoch_ms, UNIQUE ("appId", "loginEmail"));
CREATE TABLE "Subscriber" (
  "subscriberId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "appId" uuid NOT NULL REFERENCES "App",
  "externalUserId" text,
  msisdn msisdn,
  email email_address,
  "firstName" text, "lastName" text,
  "fullName" text GENERATED ALWAYS AS (coalesce("firstName", '') || ' ' || coalesce("lastName", '')) STORED,
  language varchar(5) NOT NULL DEFAULT 'en',
  tags text[] NOT NULL DEFAULT '{}',
  attributes jsonb NOT NULL DEFAULT '{}',
  "marketingOptedOut" boolean NOT NULL DEFAULT false,
  "lastIp" inet,
  "primaryDeviceId" uuid,
  "createdAt" epoch_ms NOT NULL, "lastActiveAt" epoch_ms, "deletedAt" epoch_ms,
  UNIQUE ("appId", msisdn));
CREATE INDEX ON "Subscriber" (msisdn);
CREATE TABLE "Device" ("deviceId" uuid PRIMARY KEY, "subscriberId" bigint NOT NULL REFERENCES "Subscriber" ON DELETE CASCADE, platform text NOT NULL, "pushToken" text NOT NULL UNIQUE, "userAgent" text, "registeredAt" epoch_ms NOT NULL);
ALTER TABLE "Subscriber" ADD FOREIGN KEY ("primaryDeviceId") REFERENCES "Device";
CREATE TABLE "Segment" ("segmentId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "appId" uuid NOT NULL REFERENCES "App", title text NOT NULL, "memberCount" integer NOT NULL DEFAULT 0);
ALTER TABLE "App" ADD FOREIGN KEY ("defaultSegmentId") REFERENCES "Segment";
CREATE TABLE "SegmentMember" ("segmentId" bigint NOT NULL REFERENCES "Segment", "subscriberId" bigint NOT NULL REFERENCES "Subscriber", "addedAt" epoch_ms NOT NULL, PRIMARY KEY ("segmentId", "subscriberId"));
CREATE TABLE "Campaign" ("campaignId" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "appId" uuid NOT NULL REFERENCES "App", "createdBy" bigint REFERENCES "Operator", channel channel_kind NOT NULL, title text NOT NULL, "bodyTemplate" text NOT NULL, "sentCount" integer NOT NULL DEFAULT 0, "deliveredCount" integer NOT NULL DEFAULT 0);
CREATE TABLE dispatch (
  app_id uuid NOT NULL, dispatch_no bigint NOT NULL, sent_at_ms bigint NOT NULL,
  campaign_id bigint REFERENCES "Campaign", subscriber_id bigint REFERENCES "Subscriber", to_number varchar(24), channel channel_kind NOT NULL,
  rendered_text text, state "DeliveryState" NOT NULL, provider_payload jsonb,
  search_vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce(rendered_text, ''))) STORED,
  PRIMARY KEY (app_id, dispatch_no, sent_at_ms)) PARTITION BY RANGE (sent_at_ms);
CREATE TABLE dispatch_2025 PARTITION OF dispatch FOR VALUES FROM (0) TO (1767225600000);
CREATE TABLE dispatch_2026 PARTITION OF dispatch FOR VALUES FROM (1767225600000) TO (9999999999999);
CREATE TABLE dispatch_archive (LIKE dispatch);
ALTER TABLE dispatch_archive ADD PRIMARY KEY (app_id, dispatch_no, sent_at_ms);
CREATE TABLE dispatch_event (
  app_id uuid NOT NULL, dispatch_no bigint NOT NULL, sent_at_ms bigint NOT NULL, seq smallint NOT NULL, state "DeliveryState" NOT NULL, at_ms bigint NOT NULL, raw bytea,
  PRIMARY KEY (app_id, dispatch_no, sent_at_ms, seq), FOREIGN KEY (app_id, dispatch_no, sent_at_ms) REFERENCES dispatch);
CREATE TABLE inbound_sms (inbound_id uuid PRIMARY KEY, app_id uuid NOT NULL REFERENCES "App", from_number varchar(24) NOT NULL, body text NOT NULL, in_reply_to uuid REFERENCES inbound_sms, received_at_ms bigint NOT NULL, media_keys text[]);
CREATE TABLE suppression_list (app_id uuid NOT NULL REFERENCES "App", number_digits varchar(20) NOT NULL, reason text, created_at_ms bigint NOT NULL, PRIMARY KEY (app_id, number_digits));
CREATE TABLE "ExportJob" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "appId" uuid NOT NULL REFERENCES "App", "requestedBy" bigint REFERENCES "Operator", "fileKey" text, "createdAt" epoch_ms NOT NULL);
CREATE TABLE geo_ping (device_id uuid NOT NULL REFERENCES "Device" ON DELETE CASCADE, at_ms bigint NOT NULL, position point, ip inet, PRIMARY KEY (device_id, at_ms));
CREATE MATERIALIZED VIEW reach_by_subscriber AS
  SELECT s."subscriberId", s."appId", s.msisdn, s."fullName", count(d.dispatch_no) AS sends FROM "Subscriber" s LEFT JOIN dispatch d ON d.subscriber_id = s."subscriberId" GROUP BY 1, 2, 3, 4;
CREATE VIEW active_devices AS SELECT d.* FROM "Device" d JOIN "Subscriber" s USING ("subscriberId") WHERE s."deletedAt" IS NULL;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER subscriber_touch BEFORE UPDATE ON "Subscriber" FOR EACH ROW EXECUTE FUNCTION touch();

INSERT INTO "App" SELECT md5('app' || n)::uuid, 'App ' || n, CASE n WHEN 1 THEN 'DE' ELSE 'AT' END, NULL, 1700000000000 FROM generate_series(1, 2) n;
INSERT INTO "Operator" ("appId", "loginEmail", "fullName", "accessLevel", "passwordHash") SELECT md5('app' || n)::uuid, 'boss' || n || '@app.example', 'Boss ' || n, 'admin', '$2b$10$abcdefghijklmnopqrstuv' FROM generate_series(1, 2) n;
INSERT INTO "Operator" ("appId", "loginEmail", "fullName", "accessLevel", "passwordHash") SELECT md5('app' || n)::uuid, 'ed' || n || '@app.example', 'Ed ' || n, 'editor', '$2b$10$abcdefghijklmnopqrstuv' FROM generate_series(1, 2) n;
-- 1 is Ylva (the person), 2 is Ylva in the other app, 3 to 6 look like her, the rest are neighbours.
INSERT INTO "Subscriber" ("appId", "externalUserId", msisdn, email, "firstName", "lastName", attributes, tags, "lastIp", "createdAt", "lastActiveAt") VALUES
 (md5('app1')::uuid, 'ext-77', '4915112340001', 'ylva.berg@example.org', 'Ylva', 'Berg', '{"plan": "gold", "contact": {"alt_email": "yb@example.net"}, "city": "Kiel"}', '{vip}', '10.1.2.3', 1710000000000, 1750000000000),
 (md5('app2')::uuid, NULL, '4915112340001', NULL, 'Y.', 'Berg', '{}', '{}', NULL, 1711000000000, NULL),
 (md5('app1')::uuid, 'ext-78', '4915112340002', 'xylva.berg@example.org', 'Ylva', 'Berg', '{"contact": {"alt_email": "other@example.net"}}', '{}', NULL, 1710000000000, NULL),
 (md5('app1')::uuid, 'ext-79', '49151123400011', 'ylva.berg@example.org.evil.example', 'Ylva', 'Bergs', '{}', '{}', NULL, 1710000000000, NULL),
 (md5('app1')::uuid, 'ext-7', '491511234000', 'va.berg@example.org', 'Eva', 'Berg', '{}', '{}', NULL, 1710000000000, NULL),
 (md5('app2')::uuid, 'ext-77', '4315112340001', 'b@example.org', 'Ylva', 'Berg', '{}', '{}', NULL, 1710000000000, NULL);
INSERT INTO "Subscriber" ("appId", "externalUserId", msisdn, email, "firstName", "lastName", attributes, "createdAt")
 SELECT md5('app' || (1 + n % 2))::uuid, 'n-' || n, '4915700' || (100000 + n), 'n' || n || '@neighbours.example', 'First' || n, 'Last' || n, jsonb_build_object('plan', 'basic', 'city', 'Bonn'), 1712000000000 + n FROM generate_series(1, 60) n;
INSERT INTO "Device" SELECT md5('dev' || s."subscriberId")::uuid, s."subscriberId", 'ios', 'tok-' || s."subscriberId", 'Mozilla', 1712000000000 FROM "Subscriber" s;
UPDATE "Subscriber" SET "primaryDeviceId" = md5('dev' || "subscriberId")::uuid WHERE "subscriberId" <> 5;
INSERT INTO "Segment" ("appId", title) SELECT md5('app' || n)::uuid, 'All ' || n FROM generate_series(1, 2) n;
UPDATE "App" SET "defaultSegmentId" = CASE "displayName" WHEN 'App 1' THEN 1 ELSE 2 END;
INSERT INTO "SegmentMember" SELECT CASE WHEN s."appId" = md5('app1')::uuid THEN 1 ELSE 2 END, s."subscriberId", 1712000000000 FROM "Subscriber" s;
UPDATE "Segment" g SET "memberCount" = (SELECT count(*) FROM "SegmentMember" m WHERE m."segmentId" = g."segmentId");
INSERT INTO "Campaign" ("appId", "createdBy", channel, title, "bodyTemplate") SELECT md5('app' || n)::uuid, n, 'sms', 'Spring ' || n, 'Hello {firstName}, our spring offers are here' FROM generate_series(1, 2) n;
INSERT INTO dispatch SELECT s."appId", s."subscriberId" * 10 + k, 1750000000000 + k * 30000000000, CASE WHEN s."appId" = md5('app1')::uuid THEN 1 ELSE 2 END, CASE k WHEN 2 THEN NULL ELSE s."subscriberId" END, '+' || s.msisdn, 'sms',
  'Hello ' || s."firstName" || ', our spring offers are here', 'delivered', jsonb_build_object('to', '+' || s.msisdn, 'id', 'prov-' || s."subscriberId" || k, 'parts', jsonb_build_array(jsonb_build_object('n', 1)))
  FROM "Subscriber" s, generate_series(1, 2) k;
INSERT INTO dispatch_archive (app_id, dispatch_no, sent_at_ms, campaign_id, subscriber_id, to_number, channel, rendered_text, state, provider_payload)
 SELECT s."appId", s."subscriberId" * 10 + 5, 1600000000000, NULL, s."subscriberId", '+' || s.msisdn, 'sms', 'Old hello ' || s."firstName", 'delivered', NULL FROM "Subscriber" s;
UPDATE "Campaign" c SET "sentCount" = (SELECT count(*) FROM dispatch d WHERE d.campaign_id = c."campaignId"), "deliveredCount" = (SELECT count(*) FROM dispatch d WHERE d.campaign_id = c."campaignId" AND state = 'delivered');
INSERT INTO dispatch_event SELECT app_id, dispatch_no, sent_at_ms, 1, 'delivered', sent_at_ms + 900, convert_to(json_build_object('msisdn', substr(to_number, 2))::text, 'UTF8') FROM dispatch;
INSERT INTO inbound_sms VALUES
 ('00000000-0000-0000-0000-000000000001', md5('app1')::uuid, '+49 151 12340001', 'STOP please, this is Ylva Berg', NULL, 1750000001000, '{in/1.jpg}'),
 ('00000000-0000-0000-0000-000000000002', md5('app1')::uuid, '4915112340001', 'I mean it', '00000000-0000-0000-0000-000000000001', 1750000002000, NULL),
 ('00000000-0000-0000-0000-000000000003', md5('app1')::uuid, '+4915112340002', 'Not Ylva Berg here, +4915112340001 is hers', '00000000-0000-0000-0000-000000000002', 1750000003000, NULL);
INSERT INTO suppression_list VALUES (md5('app1')::uuid, '4915112340001', 'STOP', 1750000001500), (md5('app1')::uuid, '4915112340002', 'complaint', 1750000001500), (md5('app2')::uuid, '491570010001', 'STOP', 1750000001600);
INSERT INTO "ExportJob" ("appId", "requestedBy", "fileKey", "createdAt") VALUES (md5('app1')::uuid, 1, 'exports/all-1.csv', 1750000000000);
INSERT INTO geo_ping SELECT "deviceId", 1750000000000 + n, point(1, 2), '10.9.8.7' FROM "Device", generate_series(1, 2) n;
REFRESH MATERIALIZED VIEW reach_by_subscriber;
ANALYZE;
