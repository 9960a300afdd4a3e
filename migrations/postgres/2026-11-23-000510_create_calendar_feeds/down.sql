DELETE FROM schema_compat WHERE migration = '20261123000510';
DROP TABLE calendar_feeds;
