-- What supervisors signed at the check-in: ids and figures as they stood then. A sign-off never changes; a revocation
-- stands beside it, and only then may the block be signed once more: the next attempt.
CREATE TABLE sign_offs (
    id TEXT NOT NULL PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES users (id),
    week_from DATE NOT NULL,
    sheet_week_start TEXT NOT NULL,
    check_in TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    block_from DATE NOT NULL,
    block_to DATE NOT NULL,
    figures TEXT NOT NULL,
    signed_by TEXT NOT NULL REFERENCES users (id),
    signed_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_sign_offs__agent_id__week_from__check_in__attempt
    ON sign_offs (agent_id, week_from, check_in, attempt);
CREATE INDEX ix_sign_offs__signed_by ON sign_offs (signed_by);

CREATE TRIGGER sign_offs_no_update BEFORE UPDATE ON sign_offs BEGIN SELECT RAISE(ABORT, 'sign_offs is append-only'); END;
CREATE TRIGGER sign_offs_no_delete BEFORE DELETE ON sign_offs BEGIN SELECT RAISE(ABORT, 'sign_offs is append-only'); END;

CREATE TABLE sign_off_revocations (
    sign_off_id TEXT NOT NULL PRIMARY KEY REFERENCES sign_offs (id),
    revoked_by TEXT NOT NULL REFERENCES users (id),
    revoked_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_sign_off_revocations__revoked_by ON sign_off_revocations (revoked_by);

CREATE TRIGGER sign_off_revocations_no_update BEFORE UPDATE ON sign_off_revocations BEGIN SELECT RAISE(ABORT, 'sign_off_revocations is append-only'); END;
CREATE TRIGGER sign_off_revocations_no_delete BEFORE DELETE ON sign_off_revocations BEGIN SELECT RAISE(ABORT, 'sign_off_revocations is append-only'); END;

-- Why one was revoked, in words.
CREATE TABLE sign_off_texts (
    sign_off_id TEXT NOT NULL PRIMARY KEY REFERENCES sign_offs (id),
    content TEXT NOT NULL
);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001000', '0.1.0');
