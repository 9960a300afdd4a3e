DROP FUNCTION refuse_change();
DROP TABLE schema_compat;
DROP TABLE meta;
