-- When money was written down, so that a block it changed after its check-in can say so. Of what was written before, nobody
-- knows it here; it counts as told in time.
ALTER TABLE sale_flows ADD COLUMN recorded_on DATE;

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261128001010', '0.1.0');
