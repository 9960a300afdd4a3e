DROP INDEX ix_prospects__owner_id__attention_on;
ALTER TABLE prospects DROP COLUMN attention_on;

DELETE FROM schema_compat WHERE migration = '20261124000900';
