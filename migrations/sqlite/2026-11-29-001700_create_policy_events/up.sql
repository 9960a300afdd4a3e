-- Applications that stand under a pursuit: the numbers by which the insurer knows them, each tied to one pursuit at a time.
CREATE TABLE applications (
    id TEXT NOT NULL PRIMARY KEY,
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    pursuit_number INTEGER NOT NULL,
    application_number TEXT,
    policy_number TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_applications__application_number ON applications (application_number);
CREATE UNIQUE INDEX ux_applications__policy_number ON applications (policy_number);
CREATE INDEX ix_applications__prospect_id__pursuit_number ON applications (prospect_id, pursuit_number);

-- What the insurer's policy system told, as it told it, and where it stands: under an application, waiting, or dismissed.
-- `digest` recognises a repetition, `named_prospect_id` is the system's word, `matched_prospect_id` a supervisor's;
-- `held_back`: a supervisor took its match back, so only a supervisor matches it again.
CREATE TABLE policy_events (
    id TEXT NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    event_type TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    application_number TEXT,
    policy_number TEXT,
    named_prospect_id TEXT,
    agent_code TEXT,
    agent_id TEXT REFERENCES users (id),
    product_code TEXT,
    channel TEXT,
    payment_term_years INTEGER,
    amount_minor BIGINT,
    standard_premium_minor BIGINT,
    signed_on DATE,
    received_at TIMESTAMP NOT NULL,
    status TEXT NOT NULL,
    waits_for TEXT,
    matched_by TEXT,
    matched_prospect_id TEXT REFERENCES prospects (id),
    application_id TEXT REFERENCES applications (id),
    held_back BOOLEAN NOT NULL,
    CHECK (status IN ('matched', 'unmatched', 'contradicting', 'dismissed')),
    CHECK ((status = 'matched') = (application_id IS NOT NULL)),
    CHECK ((status = 'matched') = (matched_by IS NOT NULL))
);
CREATE UNIQUE INDEX ux_policy_events__client_id__sender_id ON policy_events (client_id, sender_id);
CREATE INDEX ix_policy_events__application_number ON policy_events (application_number);
CREATE INDEX ix_policy_events__policy_number ON policy_events (policy_number);
CREATE INDEX ix_policy_events__named_prospect_id ON policy_events (named_prospect_id);
CREATE INDEX ix_policy_events__matched_prospect_id ON policy_events (matched_prospect_id);
CREATE INDEX ix_policy_events__application_id ON policy_events (application_id);
CREATE INDEX ix_policy_events__agent_id__received_at ON policy_events (agent_id, received_at, id);
CREATE INDEX ix_policy_events__received_at ON policy_events (received_at, id);

-- What of it is personal: the client's telephone, and the system's words. An erasure takes the row away.
CREATE TABLE policy_event_people (
    event_id TEXT NOT NULL PRIMARY KEY REFERENCES policy_events (id),
    client_phone TEXT,
    phone_hmac TEXT,
    last_four TEXT,
    reason TEXT
);
CREATE INDEX ix_policy_event_people__phone_hmac ON policy_event_people (phone_hmac);

-- What supervisors decided about events: matches, dismissals, and what took one of these back.
CREATE TABLE policy_event_decisions (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES policy_events (id),
    kind TEXT NOT NULL,
    prospect_id TEXT REFERENCES prospects (id),
    decided_by TEXT NOT NULL REFERENCES users (id),
    decided_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_policy_event_decisions__event_id ON policy_event_decisions (event_id);
CREATE INDEX ix_policy_event_decisions__prospect_id ON policy_event_decisions (prospect_id);
CREATE INDEX ix_policy_event_decisions__decided_by ON policy_event_decisions (decided_by);

CREATE TRIGGER policy_event_decisions_no_update BEFORE UPDATE ON policy_event_decisions BEGIN SELECT RAISE(ABORT, 'policy_event_decisions is append-only'); END;
CREATE TRIGGER policy_event_decisions_no_delete BEFORE DELETE ON policy_event_decisions BEGIN SELECT RAISE(ABORT, 'policy_event_decisions is append-only'); END;

-- Why, in words.
CREATE TABLE policy_event_texts (
    decision_id TEXT NOT NULL PRIMARY KEY REFERENCES policy_event_decisions (id),
    content TEXT NOT NULL
);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001700', '0.1.0');
