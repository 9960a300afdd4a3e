DELETE FROM schema_compat WHERE migration = '20261129001300';
DROP TABLE service_client_secrets;
DROP TABLE service_clients;
