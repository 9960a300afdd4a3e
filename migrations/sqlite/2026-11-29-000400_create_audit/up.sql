-- Who did what to whose record: codes and ids only.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT REFERENCES users (id),
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    details TEXT NOT NULL,
    CHECK (actor_kind IN ('agent', 'supervisor', 'system', 'integration')),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
CREATE INDEX ix_audit__actor_id ON audit (actor_id);
CREATE INDEX ix_audit__at ON audit (at, id);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000400', '0.1.0');
