-- Everything personal about a prospect; an erasure deletes the row.
CREATE TABLE prospect_people (
    prospect_id TEXT NOT NULL PRIMARY KEY REFERENCES prospects (id),
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    phones TEXT NOT NULL,
    source TEXT,
    referrer TEXT,
    occupation TEXT,
    birthday DATE,
    decision_role TEXT NOT NULL,
    co_deciders TEXT NOT NULL,
    tags TEXT NOT NULL,
    tags_compared TEXT NOT NULL,
    notes TEXT,
    consent_given_on DATE,
    consent_channel TEXT
);

-- Telephone numbers by keyed hash, within one owner's book: the check for duplicates never leaves it.
CREATE TABLE prospect_phones (
    id TEXT NOT NULL PRIMARY KEY,
    prospect_id TEXT NOT NULL REFERENCES prospects (id),
    owner_id TEXT NOT NULL REFERENCES users (id),
    phone_hmac TEXT NOT NULL,
    last_four TEXT NOT NULL
);
CREATE INDEX ix_prospect_phones__owner_id__phone_hmac ON prospect_phones (owner_id, phone_hmac);
CREATE INDEX ix_prospect_phones__prospect_id ON prospect_phones (prospect_id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000600', '0.1.0');
