-- Prospects handed to another agent. A transfer is written once; what it says of each prospect stands in ownerships.
CREATE TABLE transfers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    to_agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    transferred_on DATE NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_transfers__to_agent_id ON transfers (to_agent_id);
CREATE INDEX ix_transfers__recorded_by ON transfers (recorded_by);
CREATE INDEX ix_transfers__recorded_at ON transfers (recorded_at, id);

CREATE TRIGGER transfers_no_update BEFORE UPDATE OR DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Why, in words. Erasing one of the prospects deletes them.
CREATE TABLE transfer_texts (
    transfer_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES transfers (id),
    content TEXT COLLATE "C" NOT NULL
);

-- Whose a prospect was: 1, 2, 3, ... for each time it changed hands. One that never did has no row.
CREATE TABLE ownerships (
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    transfer_id TEXT COLLATE "C" NOT NULL REFERENCES transfers (id),
    from_agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    to_agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    valid_from DATE NOT NULL,
    PRIMARY KEY (prospect_id, position),
    CHECK (position > 0),
    CHECK (from_agent_id <> to_agent_id)
);
CREATE UNIQUE INDEX ux_ownerships__transfer_id__prospect_id ON ownerships (transfer_id, prospect_id);
CREATE INDEX ix_ownerships__from_agent_id ON ownerships (from_agent_id);
CREATE INDEX ix_ownerships__to_agent_id ON ownerships (to_agent_id);

CREATE TRIGGER ownerships_no_update BEFORE UPDATE OR DELETE ON ownerships FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ownerships_no_truncate BEFORE TRUNCATE ON ownerships FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000700', '0.1.0');
