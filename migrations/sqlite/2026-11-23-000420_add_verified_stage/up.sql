-- Where the rules put every open pursuit today, beside where it stands: written whenever the picture is derived, and
-- derived again on the day on which it changes. Pictures older than this are derived at the next look.
ALTER TABLE prospects ADD COLUMN verified_stage TEXT;
ALTER TABLE prospects ADD COLUMN is_claimed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE prospects SET next_review_on = '1970-01-01' WHERE stage IN ('first_appointment', 'stage_25', 'stage_50', 'stage_90') AND erased_at IS NULL;
CREATE INDEX ix_prospects__owner_id__stage__verified_stage ON prospects (owner_id, stage, verified_stage, is_claimed);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261123000420', '0.1.0');
