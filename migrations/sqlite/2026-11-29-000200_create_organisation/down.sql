DELETE FROM schema_compat WHERE migration = '20261129000200';
DROP TABLE cycle_declarations;
DROP TABLE settings;
DROP TABLE memberships;
DROP TABLE users;
DROP TABLE teams;
