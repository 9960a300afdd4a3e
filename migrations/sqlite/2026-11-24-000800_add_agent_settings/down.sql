DELETE FROM schema_compat WHERE migration = '20261124000800';
DELETE FROM settings WHERE agent_id IS NOT NULL;
DROP INDEX ix_settings__agent_id;
ALTER TABLE settings DROP COLUMN agent_id;
