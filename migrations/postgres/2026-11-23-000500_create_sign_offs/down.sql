DELETE FROM schema_compat WHERE migration = '20261123000500';
DROP TABLE sign_off_texts;
DROP TABLE sign_off_revocations;
DROP FUNCTION sign_off_revocations_refuse();
DROP TABLE sign_offs;
DROP FUNCTION sign_offs_refuse();
