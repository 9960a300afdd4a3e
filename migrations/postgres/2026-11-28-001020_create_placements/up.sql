-- Where every open pursuit stood from day to day, as entered and as verified: the board of a past day and the trend of
-- eight weeks are counted from it. It follows from the log and the facts; an interval that goes on ends on 9999-12-31.
CREATE TABLE placements (
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    verified_stage TEXT COLLATE "C" NOT NULL,
    is_claimed BOOLEAN NOT NULL,
    PRIMARY KEY (prospect_id, position)
);
-- All that is asked of it: a count is answered from the index alone.
CREATE INDEX ix_placements__owner_id__until_on
    ON placements (owner_id, until_on, from_on, stage, verified_stage, is_claimed);
-- The tracks are empty together or not at all: made anew when the service migrates, this one with them.
DELETE FROM standings;
DELETE FROM appointments;
DELETE FROM sale_flows;

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261128001020', '0.1.0');
