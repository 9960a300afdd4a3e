-- Where users have changes sent. No secret stands here: it follows from the key of the service, the id and `secret_number`.
CREATE TABLE webhooks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    url TEXT COLLATE "C" NOT NULL,
    -- A JSON list of topics; empty for all.
    topics TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    disabled_because TEXT COLLATE "C",
    secret_number INTEGER NOT NULL,
    -- Until then the secret before signs as well.
    overlap_until TIMESTAMP,
    failing_since TIMESTAMP,
    -- Nothing is sent before.
    rests_until TIMESTAMP,
    -- The last row of the outbox that it has been given.
    position_tx BIGINT NOT NULL,
    position_id TEXT COLLATE "C" NOT NULL,
    -- Who works on it until when: whoever finds another epoch than its own has lost it.
    lease_epoch INTEGER NOT NULL,
    leased_until TIMESTAMP,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_webhooks__user_id ON webhooks (user_id, id);
CREATE INDEX ix_webhooks__status ON webhooks (status);

-- What is or was sent to one of them: the body as it is signed, ids and codes only, and what came of it.
CREATE TABLE webhook_deliveries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- The row of the outbox, or of its own for a test: the same in every attempt.
    message_id TEXT COLLATE "C" NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TIMESTAMP,
    answered INTEGER,
    failure TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE UNIQUE INDEX ux_webhook_deliveries__webhook_id__message_id ON webhook_deliveries (webhook_id, message_id);
CREATE INDEX ix_webhook_deliveries__webhook_id ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX ix_webhook_deliveries__next_at ON webhook_deliveries (webhook_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_webhook_deliveries__created_at ON webhook_deliveries (created_at);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001900', '0.1.0');
