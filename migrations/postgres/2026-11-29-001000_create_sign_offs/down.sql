DELETE FROM schema_compat WHERE migration = '20261129001000';
DROP TABLE sign_off_texts;
DROP TABLE sign_off_revocations;
DROP TABLE sign_offs;
