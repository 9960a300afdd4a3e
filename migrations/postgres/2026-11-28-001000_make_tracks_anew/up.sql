-- What a prospect leaves for the reports follows from its log and its facts by rules that have changed: what a lost pursuit
-- leaves open is called off with it, and a policy is issued once. An empty track is made anew when the service migrates.
DELETE FROM standings;
DELETE FROM appointments;
DELETE FROM sale_flows;

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261128001000', '0.1.0');
