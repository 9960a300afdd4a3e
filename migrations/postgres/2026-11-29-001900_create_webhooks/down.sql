DELETE FROM schema_compat WHERE migration = '20261129001900';
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
