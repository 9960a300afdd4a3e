DELETE FROM schema_compat WHERE migration = '20261128001020';
DROP TABLE placements;
