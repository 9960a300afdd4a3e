DELETE FROM schema_compat WHERE migration = '20261123000410';
DROP TABLE activity_tallies;
DROP FUNCTION activity_tallies_refuse();
DROP TABLE activity_texts;
DROP TABLE activities;
