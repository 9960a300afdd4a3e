-- One login: all refresh tokens that follow from it. Revoked as a whole when a token is used twice.
CREATE TABLE refresh_families (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX ix_refresh_families__user_id ON refresh_families (user_id);

-- Only the hash of a token is kept; the token itself is never stored.
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    family_id TEXT NOT NULL REFERENCES refresh_families (id),
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX ix_refresh_tokens__family_id ON refresh_tokens (family_id);
CREATE INDEX ix_refresh_tokens__expires_at ON refresh_tokens (expires_at);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000300', '0.1.0');
