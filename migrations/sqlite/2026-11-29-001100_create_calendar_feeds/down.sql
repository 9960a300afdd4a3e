DELETE FROM schema_compat WHERE migration = '20261129001100';
DROP TABLE calendar_feeds;
