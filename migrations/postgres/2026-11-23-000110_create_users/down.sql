DELETE FROM schema_compat WHERE migration = '20261123000110';
DROP TABLE memberships;
DROP TABLE users;
DROP TABLE teams;
