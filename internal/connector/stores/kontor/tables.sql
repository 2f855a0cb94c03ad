-- Kontor, a team chat in rooms and topics. No row is ever meant to go: the framework cascades by itself, the database refuses.
CREATE TABLE workspace (
  id serial PRIMARY KEY, title varchar(40) NOT NULL, handle varchar(40) NOT NULL UNIQUE, purpose text NOT NULL DEFAULT '',
  founded_at timestamptz NOT NULL, closed boolean NOT NULL DEFAULT false, keep_days integer NOT NULL DEFAULT -1);
CREATE TABLE app_client (id serial PRIMARY KEY, name varchar(30) NOT NULL UNIQUE);
-- Who a note goes to: kind 1 is an account, 2 a room, 3 a circle; kind_ref is that table's id, without a foreign key.
CREATE TABLE audience (id serial PRIMARY KEY, kind_ref integer NOT NULL, kind smallint NOT NULL, UNIQUE (kind, kind_ref));
-- address is a stand-in that others see; the account's real one is contact_address.
CREATE TABLE account (
  id serial PRIMARY KEY, passphrase varchar(128) NOT NULL, last_seen timestamptz, contact_address varchar(254) NOT NULL, address varchar(254) NOT NULL,
  workspace_id integer NOT NULL, display_name varchar(100) NOT NULL, joined_at timestamptz NOT NULL, terms varchar(10), api_token varchar(32) NOT NULL UNIQUE,
  public_id uuid NOT NULL UNIQUE, active boolean NOT NULL DEFAULT true, robot boolean NOT NULL DEFAULT false, robot_owner_id integer,
  rank smallint NOT NULL DEFAULT 400, audience_id integer, picture_source varchar(1) NOT NULL DEFAULT 'I', picture_version smallint NOT NULL DEFAULT 1,
  zone varchar(40) NOT NULL DEFAULT '', language varchar(50) NOT NULL DEFAULT 'en');
CREATE TABLE room (
  id serial PRIMARY KEY, name varchar(60) NOT NULL, workspace_id integer NOT NULL, purpose varchar(1024) NOT NULL DEFAULT '', purpose_html text NOT NULL DEFAULT '',
  closed_door boolean NOT NULL DEFAULT false, founder_id integer, audience_id integer, member_count integer NOT NULL DEFAULT 0);
CREATE TABLE circle (id serial PRIMARY KEY, digest varchar(40) NOT NULL UNIQUE, audience_id integer, size integer NOT NULL);
CREATE TABLE membership (
  id serial PRIMARY KEY, account_id integer NOT NULL, audience_id integer NOT NULL, active boolean NOT NULL DEFAULT true, account_active boolean NOT NULL,
  colour varchar(10) NOT NULL DEFAULT '#a0b0c0', pinned boolean NOT NULL DEFAULT false, UNIQUE (account_id, audience_id));
-- body_html and words are made from the body; history is JSON kept as text and holds every earlier body.
CREATE TABLE note (
  id serial PRIMARY KEY, author_id integer NOT NULL, audience_id integer NOT NULL, workspace_id integer NOT NULL, kind smallint NOT NULL DEFAULT 1,
  topic varchar(60) NOT NULL, body text NOT NULL, body_html text, html_version integer, sent_at timestamptz NOT NULL, app_client_id integer NOT NULL,
  edited_at timestamptz, history text, has_file boolean NOT NULL DEFAULT false, has_picture boolean NOT NULL DEFAULT false, has_url boolean NOT NULL DEFAULT false,
  in_room boolean NOT NULL DEFAULT true, words tsvector);
CREATE TABLE note_state (id bigserial PRIMARY KEY, account_id integer NOT NULL, note_id integer NOT NULL, flags bigint NOT NULL DEFAULT 0, UNIQUE (account_id, note_id));
CREATE TABLE sweep (id serial PRIMARY KEY, "at" timestamptz NOT NULL, undone boolean NOT NULL DEFAULT false, kind smallint NOT NULL, workspace_id integer);
CREATE TABLE note_archived (
  id integer PRIMARY KEY, author_id integer NOT NULL, audience_id integer NOT NULL, workspace_id integer NOT NULL, kind smallint NOT NULL DEFAULT 1,
  topic varchar(60) NOT NULL, body text NOT NULL, body_html text, sent_at timestamptz NOT NULL, app_client_id integer NOT NULL, history text,
  has_file boolean NOT NULL DEFAULT false, in_room boolean NOT NULL DEFAULT true, sweep_id integer NOT NULL);
CREATE TABLE applause (
  id serial PRIMARY KEY, account_id integer NOT NULL, note_id integer NOT NULL, sign_name text NOT NULL, sign_set varchar(30) NOT NULL DEFAULT 'unicode',
  sign_code text NOT NULL, UNIQUE (account_id, note_id, sign_set, sign_code));
CREATE TABLE upload (
  id serial PRIMARY KEY, file_name text NOT NULL, path text NOT NULL UNIQUE, owner_id integer NOT NULL, workspace_id integer NOT NULL, created_at timestamptz NOT NULL,
  bytes integer NOT NULL, media_type text, open_to_workspace boolean DEFAULT false);
CREATE TABLE upload_note (id serial PRIMARY KEY, upload_id integer NOT NULL, note_id integer NOT NULL, UNIQUE (upload_id, note_id));
-- Refers to an upload by its path, not by its id.
CREATE TABLE picture (
  id serial PRIMARY KEY, workspace_id integer NOT NULL, path text NOT NULL UNIQUE, media_type text, width integer NOT NULL, height integer NOT NULL,
  frames integer NOT NULL, sizes jsonb NOT NULL DEFAULT '[]');
CREATE TABLE upload_archived (
  id integer PRIMARY KEY, file_name text NOT NULL, path text NOT NULL UNIQUE, owner_id integer NOT NULL, workspace_id integer NOT NULL, created_at timestamptz NOT NULL,
  bytes integer NOT NULL, media_type text);
CREATE TABLE upload_archived_note (id serial PRIMARY KEY, upload_archived_id integer NOT NULL, note_archived_id integer NOT NULL);
CREATE TABLE draft (id serial PRIMARY KEY, account_id integer NOT NULL, audience_id integer, topic varchar(60) NOT NULL, body text NOT NULL, edited_at timestamptz NOT NULL);
CREATE TABLE profile_field (
  id serial PRIMARY KEY, workspace_id integer NOT NULL, name varchar(40) NOT NULL, hint varchar(80) NOT NULL DEFAULT '', kind smallint NOT NULL, choices text NOT NULL DEFAULT '');
CREATE TABLE profile_value (id serial PRIMARY KEY, account_id integer NOT NULL, field_id integer NOT NULL, value text NOT NULL, value_html text, UNIQUE (account_id, field_id));
CREATE TABLE workspace_log (
  id serial PRIMARY KEY, workspace_id integer NOT NULL, actor_id integer, target_id integer, target_room_id integer, kind smallint NOT NULL,
  happened_at timestamptz NOT NULL, extra jsonb NOT NULL DEFAULT '{}', last_note_id integer);
CREATE TABLE presence (id serial PRIMARY KEY, account_id integer NOT NULL UNIQUE, workspace_id integer NOT NULL, connected_at timestamptz, active_at timestamptz);
CREATE TABLE usage_stat (id serial PRIMARY KEY, account_id integer NOT NULL, app_client_id integer NOT NULL, call varchar(50) NOT NULL, calls integer NOT NULL, last_at timestamptz NOT NULL);
CREATE TABLE watchword (id serial PRIMARY KEY, workspace_id integer NOT NULL, account_id integer NOT NULL, word text NOT NULL);
CREATE TABLE mute (id serial PRIMARY KEY, account_id integer NOT NULL, muted_id integer NOT NULL, since timestamptz NOT NULL);
CREATE TABLE invitation (
  id serial PRIMARY KEY, address varchar(254) NOT NULL, full_name varchar(100), invited_by_id integer, workspace_id integer, sent_at timestamptz NOT NULL,
  status integer NOT NULL DEFAULT 0, account_id integer);
CREATE TABLE address_change (
  id serial PRIMARY KEY, new_address varchar(254) NOT NULL, old_address varchar(254) NOT NULL, changed_at timestamptz NOT NULL, status integer NOT NULL DEFAULT 0,
  workspace_id integer NOT NULL, account_id integer NOT NULL);
