-- A choice may also be one agent's: the figures of method section 7 are settings per agent or team.
ALTER TABLE settings ADD COLUMN agent_id TEXT COLLATE "C" REFERENCES users (id);
CREATE INDEX ix_settings__agent_id ON settings (agent_id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261124000800', '0.1.0');
