-- The first day on which somebody on the board may need attention, so that a team's list reads those and not the whole
-- board. Until a picture is written anew, it may be any day.
ALTER TABLE prospects ADD COLUMN attention_on DATE;
UPDATE prospects SET attention_on = '1970-01-01'
WHERE stage IN ('first_appointment', 'stage_25', 'stage_50', 'stage_90') AND erased_at IS NULL;
CREATE INDEX ix_prospects__owner_id__attention_on ON prospects (owner_id, attention_on) WHERE attention_on IS NOT NULL;

-- Who was erased stands nowhere from that day on.
DELETE FROM standings WHERE EXISTS (
    SELECT 1 FROM prospects p WHERE p.id = standings.prospect_id AND standings.from_on > date(p.erased_at));
UPDATE standings SET until_on = (SELECT date(p.erased_at) FROM prospects p WHERE p.id = standings.prospect_id)
WHERE EXISTS (SELECT 1 FROM prospects p WHERE p.id = standings.prospect_id AND standings.until_on > date(p.erased_at));

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261124000900', '0.1.0');
