DROP TABLE schema_compat;
DROP TABLE meta;
