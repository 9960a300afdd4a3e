-- What reads differently because of a write, for whoever follows the changes: ids, codes and figures only. There is one
-- writer at a time, so `tx` simply counts the rows: their order is that of the commits.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    tx BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    topic TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    version INTEGER,
    -- Who may be told: a kind, of whom or what, and what must not be in reach.
    audience TEXT NOT NULL,
    audience_id TEXT,
    without_id TEXT,
    details TEXT NOT NULL
);
CREATE UNIQUE INDEX ux_outbox__tx__id ON outbox (tx, id);
CREATE INDEX ix_outbox__at ON outbox (at);

-- Where the feed begins; nobody is told of it.
INSERT INTO outbox (id, tx, at, topic, subject_id, audience, details)
VALUES ('00000000-0000-0000-0000-000000000000', 0, '1970-01-01 00:00:00', 'reach.changed',
    '00000000-0000-0000-0000-000000000000', 'nobody', '{}');

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001500', '0.1.0');
