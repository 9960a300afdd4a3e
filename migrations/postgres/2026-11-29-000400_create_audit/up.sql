-- Who did what to whose record: codes and ids only.
CREATE TABLE audit (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    details TEXT COLLATE "C" NOT NULL,
    -- Whose matter it is decides who may read the row.
    matter_kind TEXT COLLATE "C" NOT NULL,
    matter_id TEXT COLLATE "C",
    -- A row with an instant here says that the rows before it were taken away.
    takes_before TIMESTAMP,
    CHECK (actor_kind IN ('agent', 'supervisor', 'system', 'integration')),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL)),
    CHECK (matter_kind IN ('prospect', 'user', 'team', 'organisation')),
    CHECK ((matter_kind = 'organisation') = (matter_id IS NULL)),
    CHECK (takes_before <= at)
);
CREATE INDEX ix_audit__actor_id ON audit (actor_id);
CREATE INDEX ix_audit__at ON audit (at, id);
CREATE INDEX ix_audit__subject_id ON audit (subject_id, at, id);
CREATE INDEX ix_audit__takes_before ON audit (takes_before) WHERE takes_before IS NOT NULL;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- Rows leave it only behind one that says so: the oldest first, for it takes all before an instant.
CREATE FUNCTION refuse_untold_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit WHERE takes_before > OLD.at) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit is append-only';
END $$;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_untold_removal();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000400', '0.1.0');
