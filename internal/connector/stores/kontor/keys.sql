-- Every reference is real and checked at the end; nothing cascades.
DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM (VALUES
    ('account', 'workspace_id', 'workspace'), ('account', 'robot_owner_id', 'account'), ('account', 'audience_id', 'audience'),
    ('room', 'workspace_id', 'workspace'), ('room', 'founder_id', 'account'), ('room', 'audience_id', 'audience'), ('circle', 'audience_id', 'audience'),
    ('membership', 'account_id', 'account'), ('membership', 'audience_id', 'audience'),
    ('note', 'author_id', 'account'), ('note', 'audience_id', 'audience'), ('note', 'workspace_id', 'workspace'), ('note', 'app_client_id', 'app_client'),
    ('note_state', 'account_id', 'account'), ('note_state', 'note_id', 'note'), ('sweep', 'workspace_id', 'workspace'),
    ('note_archived', 'author_id', 'account'), ('note_archived', 'audience_id', 'audience'), ('note_archived', 'workspace_id', 'workspace'),
    ('note_archived', 'app_client_id', 'app_client'), ('note_archived', 'sweep_id', 'sweep'),
    ('applause', 'account_id', 'account'), ('applause', 'note_id', 'note'), ('upload', 'owner_id', 'account'), ('upload', 'workspace_id', 'workspace'),
    ('upload_note', 'upload_id', 'upload'), ('upload_note', 'note_id', 'note'), ('picture', 'workspace_id', 'workspace'),
    ('upload_archived', 'owner_id', 'account'), ('upload_archived', 'workspace_id', 'workspace'),
    ('upload_archived_note', 'upload_archived_id', 'upload_archived'), ('upload_archived_note', 'note_archived_id', 'note_archived'),
    ('draft', 'account_id', 'account'), ('draft', 'audience_id', 'audience'), ('profile_field', 'workspace_id', 'workspace'),
    ('profile_value', 'account_id', 'account'), ('profile_value', 'field_id', 'profile_field'),
    ('workspace_log', 'workspace_id', 'workspace'), ('workspace_log', 'actor_id', 'account'), ('workspace_log', 'target_id', 'account'), ('workspace_log', 'target_room_id', 'room'),
    ('presence', 'account_id', 'account'), ('presence', 'workspace_id', 'workspace'), ('usage_stat', 'account_id', 'account'), ('usage_stat', 'app_client_id', 'app_client'),
    ('watchword', 'account_id', 'account'), ('watchword', 'workspace_id', 'workspace'), ('mute', 'account_id', 'account'), ('mute', 'muted_id', 'account'),
    ('invitation', 'invited_by_id', 'account'), ('invitation', 'workspace_id', 'workspace'), ('invitation', 'account_id', 'account'),
    ('address_change', 'workspace_id', 'workspace'), ('address_change', 'account_id', 'account')) v(child, col, parent)
  LOOP
    EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (%I) REFERENCES %I DEFERRABLE INITIALLY DEFERRED', r.child, r.col, r.parent);
    -- The framework indexes a column that refers to another table, unless a unique key begins with it.
    IF NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = r.child::regclass AND a.attname = r.col) THEN
      EXECUTE format('CREATE INDEX ON %I (%I)', r.child, r.col);
    END IF;
  END LOOP;
  FOR r IN SELECT pg_get_serial_sequence(quote_ident(table_name), 'id') AS s FROM information_schema.columns
           WHERE table_schema = 'public' AND column_name = 'id' AND column_default IS NOT NULL LOOP
    PERFORM setval(r.s, 50000000);
  END LOOP;
END $$;
CREATE UNIQUE INDEX ON account (workspace_id, upper(contact_address));
CREATE UNIQUE INDEX ON account (workspace_id, upper(address));
CREATE INDEX ON note (workspace_id, author_id, audience_id);
CREATE INDEX ON note (workspace_id, audience_id, id);
CREATE INDEX ON note USING gin (words) WITH (fastupdate = off);
