-- Who did what to whose record: codes and ids only.
CREATE TABLE audit (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C" REFERENCES users (id),
    action TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    details TEXT COLLATE "C" NOT NULL,
    CHECK (actor_kind IN ('agent', 'supervisor', 'system', 'integration')),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
CREATE INDEX ix_audit__actor_id ON audit (actor_id);
CREATE INDEX ix_audit__at ON audit (at, id);

CREATE TRIGGER audit_no_update BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000400', '0.1.0');
