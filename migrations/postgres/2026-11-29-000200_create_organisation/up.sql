-- The team tree. `path` holds the ids from the root down, '/<root>/…/<self>/', so that a subtree is a prefix.
CREATE TABLE teams (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    parent_id TEXT COLLATE "C" REFERENCES teams (id),
    path TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX ux_teams__path ON teams (path);
CREATE INDEX ix_teams__parent_id ON teams (parent_id);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    agent_code TEXT COLLATE "C"
);
CREATE UNIQUE INDEX ux_users__username ON users (username);
CREATE UNIQUE INDEX ux_users__agent_code ON users (agent_code);

-- Who belonged to which team, from a date (inclusive) to a date (exclusive); at most one is open.
CREATE TABLE memberships (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    team_id TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    valid_from DATE NOT NULL,
    valid_to DATE
);
CREATE UNIQUE INDEX ux_memberships__user_id ON memberships (user_id) WHERE valid_to IS NULL;
CREATE INDEX ix_memberships__user_id__valid_from ON memberships (user_id, valid_from);
CREATE INDEX ix_memberships__team_id ON memberships (team_id);

-- What may be chosen: for the organisation (neither team nor agent), for a team or for one agent, in force from a date on.
CREATE TABLE settings (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    team_id TEXT COLLATE "C" REFERENCES teams (id),
    valid_from DATE NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C" REFERENCES users (id),
    recorded_at TIMESTAMP NOT NULL,
    agent_id TEXT COLLATE "C" REFERENCES users (id)
);
CREATE INDEX ix_settings__team_id ON settings (team_id);
CREATE INDEX ix_settings__actor_id ON settings (actor_id);
CREATE INDEX ix_settings__agent_id ON settings (agent_id);

-- The agents' own word about their cycle.
CREATE TABLE cycle_declarations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    valid_from DATE NOT NULL,
    cycle_days INTEGER NOT NULL CHECK (cycle_days BETWEEN 7 AND 365),
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX ix_cycle_declarations__agent_id ON cycle_declarations (agent_id);

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000200', '0.1.0');
