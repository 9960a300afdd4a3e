ALTER TABLE sale_flows DROP COLUMN recorded_on;

DELETE FROM schema_compat WHERE migration = '20261128001010';
