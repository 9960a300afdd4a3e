-- Who goes along to an appointment (陪访); follows from the facts, like the rest of the row, and is null where nobody does.
ALTER TABLE appointments ADD COLUMN joint_visit_with TEXT;
CREATE INDEX ix_appointments__joint_visit_with__starts_at ON appointments (joint_visit_with, starts_at);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261123000520', '0.1.0');
