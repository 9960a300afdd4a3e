DELETE FROM schema_compat WHERE migration = '20261129000800';
DROP TABLE sale_flows;
DROP TABLE appointments;
DROP TABLE standings;
DROP TABLE board_counts;
DROP TABLE placements;
