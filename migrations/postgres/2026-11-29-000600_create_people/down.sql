DELETE FROM schema_compat WHERE migration = '20261129000600';
DROP TABLE prospect_phones;
DROP TABLE prospect_people;
