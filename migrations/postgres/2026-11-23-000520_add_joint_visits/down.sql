DELETE FROM schema_compat WHERE migration = '20261123000520';
DROP INDEX ix_appointments__joint_visit_with__starts_at;
ALTER TABLE appointments DROP COLUMN joint_visit_with;
