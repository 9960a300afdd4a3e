DELETE FROM schema_compat WHERE migration = '20261129000500';
DROP TABLE deals;
DROP TABLE evidence;
DROP TABLE facts;
DROP TABLE transitions;
DROP TABLE pursuits;
DROP TABLE prospects;
