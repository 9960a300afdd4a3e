DELETE FROM schema_compat WHERE migration = '20261129000300';
DROP TABLE refresh_tokens;
DROP TABLE refresh_families;
