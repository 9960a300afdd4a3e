DELETE FROM schema_compat WHERE migration = '20261129000400';
DROP TABLE audit;
DROP FUNCTION refuse_untold_removal();
