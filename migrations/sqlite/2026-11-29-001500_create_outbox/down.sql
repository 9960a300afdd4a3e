DELETE FROM schema_compat WHERE migration = '20261129001500';
DROP TABLE outbox;
