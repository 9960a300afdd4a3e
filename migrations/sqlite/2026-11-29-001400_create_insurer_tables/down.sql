DELETE FROM schema_compat WHERE migration = '20261129001400';
DROP TABLE premium_factors;
DROP TABLE cooling_off_rules;
DROP TABLE products;
