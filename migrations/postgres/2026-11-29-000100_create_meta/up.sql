-- Facts about the database itself: whether it holds the demo, the business date, the fingerprint of the keys.
CREATE TABLE meta (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- One row per migration: the oldest release of the service that still works on the schema it leaves behind.
-- Every migration adds its own row; a release that finds migrations it does not know reads here whether it may go on.
CREATE TABLE schema_compat (
    migration TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    serves_since TEXT COLLATE "C" NOT NULL
);

-- What is written once stays as it was written: the triggers of such a table call this.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;

INSERT INTO schema_compat (migration, serves_since) VALUES ('20261129000100', '0.1.0');
