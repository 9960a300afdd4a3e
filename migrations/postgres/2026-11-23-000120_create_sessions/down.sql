DROP TABLE refresh_tokens;
DROP TABLE refresh_families;
DELETE FROM schema_compat WHERE migration = '20261123000120';
