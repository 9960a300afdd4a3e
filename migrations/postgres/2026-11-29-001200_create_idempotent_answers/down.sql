DELETE FROM schema_compat WHERE migration = '20261129001200';
DROP TABLE idempotent_answers;
