DELETE FROM schema_compat WHERE migration = '20261129000700';
DROP TABLE ownerships;
DROP TABLE transfer_texts;
DROP TABLE transfers;
