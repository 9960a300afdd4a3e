-- Other systems that call: what each may do, and whether its tokens count. `epoch` rises when it is disabled.
CREATE TABLE service_clients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_by TEXT COLLATE "C" REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_service_clients__created_by ON service_clients (created_by);

-- The secrets that count, as hashes: one in each of two places at most. One that is retired leaves its place.
CREATE TABLE service_client_secrets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES service_clients (id),
    place INTEGER NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    CHECK (place IN (1, 2))
);
CREATE UNIQUE INDEX ux_service_client_secrets__client_id__place ON service_client_secrets (client_id, place);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001300', '0.1.0');
