DELETE FROM schema_compat WHERE migration = '20261124000600';
ALTER TABLE prospects DROP COLUMN times_transferred;
DROP TABLE ownerships;
DROP TABLE transfer_texts;
DROP TABLE transfers;
