DELETE FROM schema_compat WHERE migration = '20261129000900';
DROP TABLE activity_tallies;
DROP TABLE activity_texts;
DROP TABLE activities;
