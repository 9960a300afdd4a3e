-- How many open pursuits each agent has where, as entered and as verified: kept by every write on a prospect, so that
-- the shape of a team is read without reading the team. It counts what is there already.
CREATE TABLE board_counts (
    owner_id TEXT NOT NULL REFERENCES users (id),
    stage TEXT NOT NULL,
    verified_stage TEXT NOT NULL,
    is_claimed BOOLEAN NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (owner_id, stage, verified_stage, is_claimed)
);
INSERT INTO board_counts (owner_id, stage, verified_stage, is_claimed, n)
SELECT owner_id, stage, COALESCE(verified_stage, stage), is_claimed, COUNT(*)
FROM prospects
WHERE stage IN ('first_appointment', 'stage_25', 'stage_50', 'stage_90') AND erased_at IS NULL
GROUP BY owner_id, stage, COALESCE(verified_stage, stage), is_claimed;
-- Nobody counts prospects by their verified stage any more.
DROP INDEX ix_prospects__owner_id__stage__verified_stage;

-- What stood at an effective stage in some weeks, and what closed in them, without the rest of the agents' lives.
CREATE INDEX ix_standings__owner_id__stage__until_on ON standings (owner_id, stage, until_on, from_on);
DROP INDEX ix_deals__agent_id;
CREATE INDEX ix_deals__agent_id__closed_on ON deals (agent_id, closed_on);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261124000700', '0.1.0');
