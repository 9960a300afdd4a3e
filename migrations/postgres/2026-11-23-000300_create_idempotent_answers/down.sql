DELETE FROM schema_compat WHERE migration = '20261123000300';
DROP TABLE idempotent_answers;
