-- Everything personal about a prospect; an erasure deletes the row.
CREATE TABLE prospect_people (
    prospect_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES prospects (id),
    name TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    phones TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C",
    referrer TEXT COLLATE "C",
    occupation TEXT COLLATE "C",
    birthday DATE,
    decision_role TEXT COLLATE "C" NOT NULL,
    co_deciders TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    tags_compared TEXT COLLATE "C" NOT NULL,
    notes TEXT COLLATE "C",
    consent_given_on DATE,
    consent_channel TEXT COLLATE "C"
);

-- Telephone numbers by keyed hash, within one owner's book: the check for duplicates never leaves it.
CREATE TABLE prospect_phones (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    prospect_id TEXT COLLATE "C" NOT NULL REFERENCES prospects (id),
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    phone_hmac TEXT COLLATE "C" NOT NULL,
    last_four TEXT COLLATE "C" NOT NULL
);
CREATE INDEX ix_prospect_phones__owner_id__phone_hmac ON prospect_phones (owner_id, phone_hmac);
CREATE INDEX ix_prospect_phones__prospect_id ON prospect_phones (prospect_id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000600', '0.1.0');
