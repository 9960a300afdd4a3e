-- What agents did: calls, visits, messages, journal notes. The words are kept apart, so that an erasure can delete them.
CREATE TABLE activities (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    prospect_id TEXT COLLATE "C" REFERENCES prospects (id),
    kind TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C",
    occurred_on DATE NOT NULL,
    occurred_at TIMESTAMP,
    recorded_at TIMESTAMP NOT NULL,
    recorded_on DATE NOT NULL,
    withdrawn_at TIMESTAMP
);
CREATE INDEX ix_activities__agent_id__occurred_on ON activities (agent_id, occurred_on, id);
CREATE INDEX ix_activities__prospect_id__occurred_on ON activities (prospect_id, occurred_on, id);

CREATE TABLE activity_texts (
    activity_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES activities (id),
    prospect_id TEXT COLLATE "C" REFERENCES prospects (id),
    content TEXT COLLATE "C" NOT NULL
);
CREATE INDEX ix_activity_texts__prospect_id ON activity_texts (prospect_id);

-- A day's counts of those who keep only a tally. A correction is a new row; the latest of a day counts.
CREATE TABLE activity_tallies (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    day DATE NOT NULL,
    version INTEGER NOT NULL,
    dials INTEGER NOT NULL,
    connects INTEGER NOT NULL,
    appointments_set INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_on DATE NOT NULL
);
CREATE UNIQUE INDEX ux_activity_tallies__agent_id__day__version ON activity_tallies (agent_id, day, version);

CREATE TRIGGER activity_tallies_no_update BEFORE UPDATE OR DELETE ON activity_tallies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER activity_tallies_no_truncate BEFORE TRUNCATE ON activity_tallies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000900', '0.1.0');
