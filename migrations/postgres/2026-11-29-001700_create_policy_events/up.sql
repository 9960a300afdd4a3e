-- Applications that stand under a pursuit: the numbers by which the insurer knows them, each tied to one pursuit at a time.
CREATE TABLE applications (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    pursuit_number INTEGER NOT NULL,
    application_number TEXT COLLATE "C",
    policy_number TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_applications__application_number ON applications (application_number);
CREATE UNIQUE INDEX ux_applications__policy_number ON applications (policy_number);
CREATE INDEX ix_applications__prospect_id__pursuit_number ON applications (prospect_id, pursuit_number);

-- What the insurer's policy system told, as it told it, and where it stands: under an application, waiting, or dismissed.
-- `digest` recognises a repetition, `named_prospect_id` is the system's word, `matched_prospect_id` a supervisor's;
-- `held_back`: a supervisor took its match back, so only a supervisor matches it again.
CREATE TABLE policy_events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id TEXT COLLATE "C" NOT NULL,
    sender_id TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    application_number TEXT COLLATE "C",
    policy_number TEXT COLLATE "C",
    named_prospect_id TEXT COLLATE "C",
    agent_code TEXT COLLATE "C",
    agent_id TEXT COLLATE "C" REFERENCES users (id),
    product_code TEXT COLLATE "C",
    channel TEXT COLLATE "C",
    payment_term_years INTEGER,
    amount_minor BIGINT,
    standard_premium_minor BIGINT,
    signed_on DATE,
    received_at TIMESTAMP NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    waits_for TEXT COLLATE "C",
    matched_by TEXT COLLATE "C",
    matched_prospect_id TEXT COLLATE "C" REFERENCES prospects (id),
    application_id TEXT COLLATE "C" REFERENCES applications (id),
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
    event_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES policy_events (id),
    client_phone TEXT COLLATE "C",
    phone_hmac TEXT COLLATE "C",
    last_four TEXT COLLATE "C",
    reason TEXT COLLATE "C"
);
CREATE INDEX ix_policy_event_people__phone_hmac ON policy_event_people (phone_hmac);

-- What supervisors decided about events: matches, dismissals, and what took one of these back.
CREATE TABLE policy_event_decisions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    event_id TEXT COLLATE "C" NOT NULL REFERENCES policy_events (id),
    kind TEXT COLLATE "C" NOT NULL,
    prospect_id TEXT COLLATE "C" REFERENCES prospects (id),
    decided_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    decided_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_policy_event_decisions__event_id ON policy_event_decisions (event_id);
CREATE INDEX ix_policy_event_decisions__prospect_id ON policy_event_decisions (prospect_id);
CREATE INDEX ix_policy_event_decisions__decided_by ON policy_event_decisions (decided_by);

CREATE TRIGGER policy_event_decisions_no_update BEFORE UPDATE OR DELETE ON policy_event_decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_event_decisions_no_truncate BEFORE TRUNCATE ON policy_event_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Why, in words.
CREATE TABLE policy_event_texts (
    decision_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES policy_event_decisions (id),
    content TEXT COLLATE "C" NOT NULL
);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001700', '0.1.0');
