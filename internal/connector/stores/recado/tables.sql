-- Recado, a gateway between shops and the WhatsApp Cloud API. Every table is soft-deleted: what has removed_at is still there.
CREATE TABLE shop (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  name varchar(255) NOT NULL, handle varchar(100) NOT NULL UNIQUE, country varchar(2) NOT NULL, options jsonb DEFAULT '{}');
CREATE TABLE agent (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid, login varchar(255) NOT NULL UNIQUE, password_hash varchar(255), name varchar(255), duty varchar(50) DEFAULT 'agent', options jsonb DEFAULT '{}', enabled boolean DEFAULT true);
CREATE TABLE line (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, name varchar(100) NOT NULL UNIQUE, phone_id varchar(100) NOT NULL, business_id varchar(100) NOT NULL, token text NOT NULL, status varchar(20) DEFAULT 'on');
-- wa_user_id: since the number may be hidden, an opaque id that is the same for one business; wa_name: what the person calls itself there.
CREATE TABLE peer (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, number varchar(20), shown_name varchar(255), line_name varchar(100), wa_user_id text, wa_name text, assigned_id uuid,
  last_entry_at timestamptz, last_entry_preview text, seen boolean DEFAULT true, labels jsonb DEFAULT '[]', extra jsonb DEFAULT '{}');
CREATE TABLE entry (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, line_name varchar(100) NOT NULL, peer_id uuid NOT NULL, wamid varchar(255), talk varchar(255), direction varchar(10) NOT NULL, kind varchar(20) NOT NULL,
  body text, media_path text, media_type varchar(100), media_name varchar(255), template varchar(255), template_values jsonb, buttons jsonb, form_answer jsonb,
  status varchar(20) DEFAULT 'queued', error text, is_answer boolean DEFAULT false, answers_id uuid, agent_id uuid, extra jsonb DEFAULT '{}');
CREATE TABLE blast (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, line_name varchar(100) NOT NULL, name varchar(255) NOT NULL, template_id uuid NOT NULL, status varchar(20) DEFAULT 'draft',
  target_count bigint DEFAULT 0, failed_count bigint DEFAULT 0, delivered_count bigint DEFAULT 0, created_by uuid NOT NULL);
-- A target knows a number only, and its shop only through the blast.
CREATE TABLE blast_target (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  blast_id uuid NOT NULL, number varchar(20) NOT NULL, name varchar(255), template_values jsonb DEFAULT '{}', status varchar(20) DEFAULT 'queued',
  wamid varchar(100), entry_id uuid, error text, sent_at timestamptz, delivered_at timestamptz, read_at timestamptz);
CREATE TABLE dialogue (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, peer_id uuid NOT NULL, line_name varchar(100) NOT NULL, number varchar(20) NOT NULL, status varchar(20) DEFAULT 'open', step varchar(100),
  answers jsonb DEFAULT '{}', begun_at timestamptz, moved_at timestamptz);
CREATE TABLE dialogue_turn (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  dialogue_id uuid NOT NULL, direction varchar(10) NOT NULL, body text, step varchar(100));
CREATE TABLE handover (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, peer_id uuid NOT NULL, line_name varchar(100) NOT NULL, number varchar(20) NOT NULL, status varchar(20) DEFAULT 'open', origin varchar(20),
  agent_id uuid, given_by_id uuid, notes text, given_at timestamptz, taken_back_at timestamptz, taken_back_by uuid);
CREATE TABLE robot_options (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, line_name varchar(100), enabled boolean DEFAULT false, left_out jsonb DEFAULT '[]', warmth numeric(3,2) DEFAULT 0.7);
CREATE TABLE phrase (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz, removed_at timestamptz,
  shop_id uuid NOT NULL, name varchar(100) NOT NULL, shortcut varchar(50), body text NOT NULL, used bigint DEFAULT 0, created_by_id uuid);
