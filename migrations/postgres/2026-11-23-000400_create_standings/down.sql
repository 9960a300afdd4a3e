DELETE FROM schema_compat WHERE migration = '20261123000400';
DROP TABLE sale_flows;
DROP TABLE appointments;
DROP TABLE standings;
