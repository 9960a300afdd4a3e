DELETE FROM schema_compat WHERE migration = '20261129001600';
DROP TABLE login_addresses;
DROP TABLE login_failures;
