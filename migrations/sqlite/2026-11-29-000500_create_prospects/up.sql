-- The person as a place on the board. Everything personal lives in prospect_people and evidence. `verified_stage` is where
-- the rules put an open pursuit today, derived again on `next_review_on`; `attention_on` is the first day on which it may
-- need attention; `times_transferred` is the position of its last ownership; `fallback_proposed` and `extension_pending`
-- wait for a decision.
CREATE TABLE prospects (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES users (id),
    version INTEGER NOT NULL,
    stage TEXT NOT NULL,
    pursuit_number INTEGER NOT NULL,
    card TEXT NOT NULL,
    falls_back_on DATE,
    next_review_on DATE,
    next_appointment_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP,
    verified_stage TEXT,
    is_claimed BOOLEAN NOT NULL,
    times_transferred INTEGER NOT NULL,
    attention_on DATE,
    fallback_proposed BOOLEAN NOT NULL,
    extension_pending BOOLEAN NOT NULL
);
CREATE INDEX ix_prospects__owner_id__next_review_on ON prospects (owner_id, next_review_on);
CREATE INDEX ix_prospects__owner_id__updated_at ON prospects (owner_id, updated_at, id);
CREATE INDEX ix_prospects__owner_id__stage ON prospects (owner_id, stage);
CREATE INDEX ix_prospects__next_review_on ON prospects (next_review_on);
CREATE INDEX ix_prospects__owner_id__attention_on ON prospects (owner_id, attention_on) WHERE attention_on IS NOT NULL;
CREATE INDEX ix_prospects__owner_id__fallback_proposed ON prospects (owner_id, id) WHERE fallback_proposed;

-- One attempt to sell to one person; at most one is open.
CREATE TABLE pursuits (
    id TEXT NOT NULL PRIMARY KEY,
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    number INTEGER NOT NULL,
    opened_on DATE NOT NULL,
    ended_on DATE,
    outcome TEXT
);
CREATE UNIQUE INDEX ux_pursuits__prospect_id__number ON pursuits (prospect_id, number);
CREATE UNIQUE INDEX ux_pursuits__prospect_id ON pursuits (prospect_id) WHERE ended_on IS NULL;

-- The log of moves.
CREATE TABLE transitions (
    id TEXT NOT NULL PRIMARY KEY,
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    pursuit_number INTEGER NOT NULL,
    from_stage TEXT,
    to_stage TEXT NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    pass_through BOOLEAN NOT NULL,
    occurred_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_on DATE NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    group_id TEXT NOT NULL,
    cancels TEXT REFERENCES transitions (id),
    cycle_days INTEGER NOT NULL,
    criteria TEXT NOT NULL,
    CHECK (actor_kind IN ('agent', 'supervisor', 'system', 'integration')),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
CREATE UNIQUE INDEX ux_transitions__prospect_id__seq ON transitions (prospect_id, seq);
CREATE UNIQUE INDEX ux_transitions__cancels ON transitions (cancels);
CREATE INDEX ix_transitions__actor_id ON transitions (actor_id);
CREATE INDEX ix_transitions__recorded_at ON transitions (recorded_at, id);

CREATE TRIGGER transitions_no_update BEFORE UPDATE ON transitions BEGIN SELECT RAISE(ABORT, 'transitions is append-only'); END;
CREATE TRIGGER transitions_no_delete BEFORE DELETE ON transitions BEGIN SELECT RAISE(ABORT, 'transitions is append-only'); END;

-- What people recorded about a pursuit: dates and codes only.
CREATE TABLE facts (
    id TEXT NOT NULL PRIMARY KEY,
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    seq INTEGER NOT NULL,
    after_transition INTEGER NOT NULL,
    pursuit_number INTEGER NOT NULL,
    group_id TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_on DATE NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    replaces TEXT REFERENCES facts (id),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    CHECK (after_transition >= 1),
    CHECK (actor_kind IN ('agent', 'supervisor', 'system', 'integration')),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
CREATE UNIQUE INDEX ux_facts__prospect_id__seq ON facts (prospect_id, seq);
CREATE UNIQUE INDEX ux_facts__replaces ON facts (replaces);
CREATE INDEX ix_facts__extension_requested ON facts (prospect_id, seq) WHERE kind = 'extension_requested';
CREATE INDEX ix_facts__actor_id ON facts (actor_id);

CREATE TRIGGER facts_no_update BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts is append-only'); END;
CREATE TRIGGER facts_no_delete BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'facts is append-only'); END;

-- Free text about a fact or a move; personal, gone with an erasure.
CREATE TABLE evidence (
    subject_id TEXT NOT NULL PRIMARY KEY,
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    content TEXT NOT NULL
);
CREATE INDEX ix_evidence__prospect_id ON evidence (prospect_id);

-- Closed pursuits, as the cycle needs them.
CREATE TABLE deals (
    id TEXT NOT NULL PRIMARY KEY,
    pursuit_id TEXT NOT NULL REFERENCES pursuits (id),
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    agent_id TEXT NOT NULL REFERENCES users (id),
    pursuit_number INTEGER NOT NULL,
    first_meeting_on DATE NOT NULL,
    signed_on DATE NOT NULL,
    closed_on DATE NOT NULL,
    counts_from DATE NOT NULL,
    counts_until DATE
);
CREATE INDEX ix_deals__pursuit_id ON deals (pursuit_id);
CREATE INDEX ix_deals__prospect_id ON deals (prospect_id);
CREATE INDEX ix_deals__agent_id__closed_on ON deals (agent_id, closed_on);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000500', '0.1.0');
