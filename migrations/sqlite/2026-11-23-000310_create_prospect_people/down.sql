DELETE FROM schema_compat WHERE migration = '20261123000310';
DROP TABLE prospect_phones;
DROP TABLE prospect_people;
