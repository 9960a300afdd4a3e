-- How every prospect stood from day to day: follows from the log and the facts, and can be made again from them. An
-- interval that goes on ends on 9999-12-31, so that "still so after a day" is one range.
CREATE TABLE standings (
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    entered_on DATE NOT NULL,
    is_entry BOOLEAN NOT NULL,
    stage_before TEXT COLLATE "C",
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

-- Every appointment as it stands now.
CREATE TABLE appointments (
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    appointment_id TEXT COLLATE "C" NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    pursuit_number INTEGER NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    fixed_on DATE NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    day DATE NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    deferrals INTEGER NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL,
    settled_by TEXT COLLATE "C",
    settled_recorded_on DATE,
    PRIMARY KEY (prospect_id, position)
);
CREATE UNIQUE INDEX ux_appointments__appointment_id ON appointments (appointment_id);
CREATE INDEX ix_appointments__owner_id__day ON appointments (owner_id, day);
CREATE INDEX ix_appointments__owner_id__fixed_on ON appointments (owner_id, fixed_on);

-- Signatures and money as they flowed, each on its own day.
CREATE TABLE sale_flows (
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    position INTEGER NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    day DATE NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (prospect_id, position)
);
CREATE INDEX ix_sale_flows__owner_id__day ON sale_flows (owner_id, day);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261123000400', '0.1.0');
