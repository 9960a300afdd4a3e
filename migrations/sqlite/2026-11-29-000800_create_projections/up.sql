-- Where every open pursuit stood from day to day, as entered and as verified: the board of a past day and the trend of
-- eight weeks are counted from it. It follows from the log and the facts; an interval that goes on ends on 9999-12-31.
CREATE TABLE placements (
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id),
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    stage TEXT NOT NULL,
    verified_stage TEXT NOT NULL,
    is_claimed BOOLEAN NOT NULL,
    PRIMARY KEY (prospect_id, position)
);
-- All that is asked of it: a count is answered from the index alone.
CREATE INDEX ix_placements__owner_id__until_on
    ON placements (owner_id, until_on, from_on, stage, verified_stage, is_claimed);

-- How many open pursuits each agent has where, as entered and as verified: kept by every write on a prospect, so that
-- the shape of a team is read without reading the team.
CREATE TABLE board_counts (
    owner_id TEXT NOT NULL REFERENCES users (id),
    stage TEXT NOT NULL,
    verified_stage TEXT NOT NULL,
    is_claimed BOOLEAN NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (owner_id, stage, verified_stage, is_claimed)
);

-- How every prospect stood from day to day: follows from the log and the facts. An interval that goes on ends on
-- 9999-12-31, so that "still so after a day" is one range.
CREATE TABLE standings (
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id),
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    stage TEXT NOT NULL,
    entered_on DATE NOT NULL,
    is_entry BOOLEAN NOT NULL,
    stage_before TEXT,
    pass_through BOOLEAN NOT NULL,
    recorded_on DATE,
    pursuit_number INTEGER NOT NULL,
    first_fixed_on DATE,
    first_meeting_on DATE,
    clock_started_on DATE,
    extension_days INTEGER NOT NULL,
    PRIMARY KEY (prospect_id, position)
);
CREATE INDEX ix_standings__owner_id__from_on ON standings (owner_id, from_on);
CREATE INDEX ix_standings__owner_id__until_on ON standings (owner_id, until_on);
CREATE INDEX ix_standings__owner_id__stage__until_on ON standings (owner_id, stage, until_on, from_on);

-- Every appointment as it stands now, and who goes along to it (陪访).
CREATE TABLE appointments (
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    appointment_id TEXT NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id),
    pursuit_number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    fixed_on DATE NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    day DATE NOT NULL,
    outcome TEXT NOT NULL,
    deferrals INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    settled_by TEXT,
    settled_recorded_on DATE,
    joint_visit_with TEXT,
    PRIMARY KEY (prospect_id, position)
);
CREATE UNIQUE INDEX ux_appointments__appointment_id ON appointments (appointment_id);
CREATE INDEX ix_appointments__owner_id__day ON appointments (owner_id, day);
CREATE INDEX ix_appointments__owner_id__fixed_on ON appointments (owner_id, fixed_on);
CREATE INDEX ix_appointments__joint_visit_with__starts_at ON appointments (joint_visit_with, starts_at);

-- Signatures and money as they flowed, each on its own day, and when it was written down, so that a block it changed after
-- its check-in can say so.
CREATE TABLE sale_flows (
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id),
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    recorded_on DATE,
    PRIMARY KEY (prospect_id, position)
);
CREATE INDEX ix_sale_flows__owner_id__day ON sale_flows (owner_id, day);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000800', '0.1.0');
