-- The references of the product's models, without an action on delete. Two of them have no index: entry.answers_id and blast_target.entry_id.
ALTER TABLE agent ADD FOREIGN KEY (shop_id) REFERENCES shop;
ALTER TABLE line ADD FOREIGN KEY (shop_id) REFERENCES shop;
ALTER TABLE peer ADD FOREIGN KEY (shop_id) REFERENCES shop, ADD FOREIGN KEY (assigned_id) REFERENCES agent;
ALTER TABLE entry ADD FOREIGN KEY (shop_id) REFERENCES shop, ADD FOREIGN KEY (peer_id) REFERENCES peer, ADD FOREIGN KEY (agent_id) REFERENCES agent;
ALTER TABLE blast ADD FOREIGN KEY (shop_id) REFERENCES shop, ADD FOREIGN KEY (created_by) REFERENCES agent;
ALTER TABLE blast_target ADD FOREIGN KEY (blast_id) REFERENCES blast;
ALTER TABLE dialogue ADD FOREIGN KEY (shop_id) REFERENCES shop, ADD FOREIGN KEY (peer_id) REFERENCES peer;
ALTER TABLE dialogue_turn ADD FOREIGN KEY (dialogue_id) REFERENCES dialogue;
ALTER TABLE handover ADD FOREIGN KEY (shop_id) REFERENCES shop, ADD FOREIGN KEY (peer_id) REFERENCES peer, ADD FOREIGN KEY (agent_id) REFERENCES agent,
  ADD FOREIGN KEY (given_by_id) REFERENCES agent, ADD FOREIGN KEY (taken_back_by) REFERENCES agent;
ALTER TABLE robot_options ADD FOREIGN KEY (shop_id) REFERENCES shop;
ALTER TABLE phrase ADD FOREIGN KEY (shop_id) REFERENCES shop, ADD FOREIGN KEY (created_by_id) REFERENCES agent;
CREATE INDEX peer_shop ON peer (shop_id);
CREATE UNIQUE INDEX peer_shop_number ON peer (shop_id, number);
CREATE INDEX peer_removed ON peer (removed_at);
CREATE INDEX entry_peer ON entry (peer_id, created_at DESC);
CREATE INDEX entry_shop ON entry (shop_id);
CREATE INDEX entry_wamid ON entry (wamid);
CREATE INDEX entry_removed ON entry (removed_at);
CREATE INDEX blast_target_blast ON blast_target (blast_id);
CREATE INDEX blast_target_wamid ON blast_target (wamid);
CREATE INDEX dialogue_number ON dialogue (shop_id, number, status);
CREATE INDEX dialogue_peer ON dialogue (peer_id);
CREATE INDEX dialogue_turn_dialogue ON dialogue_turn (dialogue_id);
CREATE INDEX handover_peer ON handover (peer_id);
-- These two are keys of the shop's heart, and nobody thought of an index.
ALTER TABLE entry ADD FOREIGN KEY (answers_id) REFERENCES entry;
ALTER TABLE blast_target ADD FOREIGN KEY (entry_id) REFERENCES entry;
