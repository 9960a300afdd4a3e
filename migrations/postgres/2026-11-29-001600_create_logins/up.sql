-- Refused logins, counted by the hour: under a hash of the name that was given (`name:` and a number), under the user whose
-- name it is, under a service client (`client:` and its id), and under `nobody` for all names that nobody has. An hour that is over becomes rows of the audit.
CREATE TABLE login_failures (
    subject TEXT COLLATE "C" NOT NULL,
    hour TIMESTAMP NOT NULL,
    failures INTEGER NOT NULL,
    PRIMARY KEY (subject, hour)
);
CREATE INDEX ix_login_failures__hour ON login_failures (hour);

-- From where somebody has signed in: an HMAC of the address, which tells nothing without the key.
CREATE TABLE login_addresses (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    address_hash TEXT COLLATE "C" NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, address_hash)
);
CREATE INDEX ix_login_addresses__last_at ON login_addresses (last_at);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129001600', '0.1.0');
