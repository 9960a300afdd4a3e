-- The team tree. `path` holds the ids from the root down, '/<root>/…/<self>/', so that a subtree is a prefix.
CREATE TABLE teams (
    id TEXT NOT NULL PRIMARY KEY,
    parent_id TEXT REFERENCES teams (id),
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_teams__path ON teams (path);
CREATE INDEX ix_teams__parent_id ON teams (parent_id);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_users__username ON users (username);

-- Who belonged to which team, from a date (inclusive) to a date (exclusive); at most one is open.
CREATE TABLE memberships (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    team_id TEXT NOT NULL REFERENCES teams (id),
    valid_from DATE NOT NULL,
    valid_to DATE
);
CREATE UNIQUE INDEX ux_memberships__user_id ON memberships (user_id) WHERE valid_to IS NULL;
CREATE INDEX ix_memberships__user_id__valid_from ON memberships (user_id, valid_from);
CREATE INDEX ix_memberships__team_id ON memberships (team_id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261123000110', '0.1.0');
