DELETE FROM schema_compat WHERE migration = '20261124000700';
DROP INDEX ix_deals__agent_id__closed_on;
CREATE INDEX ix_deals__agent_id ON deals (agent_id);
DROP INDEX ix_standings__owner_id__stage__until_on;
CREATE INDEX ix_prospects__owner_id__stage__verified_stage ON prospects (owner_id, stage, verified_stage, is_claimed);
DROP TABLE board_counts;
