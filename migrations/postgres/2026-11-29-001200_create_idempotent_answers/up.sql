-- Answers of writes, kept so that a retry has one effect. A row without a status is a write in flight: nobody but its
-- own transaction ever sees it. `caller_id` is a user or a service client. `prospect_ids` are those whom the answer is
-- about: erasing one of them takes it away.
CREATE TABLE idempotent_answers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    caller_id TEXT COLLATE "C" NOT NULL,
    route TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT COLLATE "C" NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    prospect_ids TEXT COLLATE "C" NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_idempotent_answers__caller_id__route__key ON idempotent_answers (caller_id, route, key);
CREATE INDEX ix_idempotent_answers__expires_at ON idempotent_answers (expires_at);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001200', '0.1.0');
