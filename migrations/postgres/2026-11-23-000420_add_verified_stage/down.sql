DELETE FROM schema_compat WHERE migration = '20261123000420';
DROP INDEX ix_prospects__owner_id__stage__verified_stage;
ALTER TABLE prospects DROP COLUMN is_claimed;
ALTER TABLE prospects DROP COLUMN verified_stage;
