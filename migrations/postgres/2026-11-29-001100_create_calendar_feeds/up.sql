-- Links under which somebody's calendar may be read without signing in. Only the hash of the secret in the link is kept.
CREATE TABLE calendar_feeds (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    token_hash TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE UNIQUE INDEX ux_calendar_feeds__token_hash ON calendar_feeds (token_hash);
CREATE INDEX ix_calendar_feeds__user_id ON calendar_feeds (user_id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001100', '0.1.0');
