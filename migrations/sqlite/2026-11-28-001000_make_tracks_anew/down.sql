DELETE FROM standings;
DELETE FROM appointments;
DELETE FROM sale_flows;

DELETE FROM schema_compat WHERE migration = '20261128001000';
