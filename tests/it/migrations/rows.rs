//! Migrations go down and up again over rows: a sample in every table, made from the columns themselves, so that no table
//! can be forgotten.

use std::{collections::BTreeMap, fs};

use diesel::{
    backend::Backend, connection::SimpleConnection, migration::Result as Migrated, prelude::*, sql_query,
};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use prospector::store::{
    Conn,
    db::{
        connection::{Engine, Target},
        migrate,
    },
};
use tempfile::TempDir;

use super::{columns, configured, conn};
use crate::harness::{database::Database, on_each_engine};

/// What to do with the next or the last migration of a folder.
#[derive(Clone, Copy)]
enum Step {
    Up,
    Down,
}

fn step(conn: &mut Conn, source: &FileBasedMigrations, step: Step) -> Migrated<()> {
    fn go<DB: Backend>(
        c: &mut impl MigrationHarness<DB>,
        s: &FileBasedMigrations,
        step: Step,
    ) -> Migrated<()> {
        match step {
            Step::Up => c.run_next_migration(s.clone()).map(drop),
            Step::Down => c.revert_last_migration(s.clone()).map(drop),
        }
    }
    match conn {
        Conn::Sqlite(c) => go(c, source, step),
        Conn::Postgres(c) => go(c, source, step),
    }
}

fn has_pending(conn: &mut Conn, source: &FileBasedMigrations) -> bool {
    match conn {
        Conn::Sqlite(c) => c.has_pending_migration(source.clone()).unwrap(),
        Conn::Postgres(c) => c.has_pending_migration(source.clone()).unwrap(),
    }
}

/// The migrations of the service, from the folder that `diesel.toml` names.
fn ours(engine: Engine) -> FileBasedMigrations {
    let one = configured("dir");
    let folder = match engine {
        Engine::Sqlite => one,
        Engine::Postgres => one.with_file_name("postgres"),
    };
    FileBasedMigrations::from_path(folder).unwrap()
}

/// A folder with one migration of a later release.
pub fn of_a_later_release(up: &str, down: &str) -> (TempDir, FileBasedMigrations) {
    let folder = tempfile::tempdir().unwrap();
    let migration = folder.path().join("2099-01-01-000000_of_a_later_release");
    fs::create_dir(&migration).unwrap();
    fs::write(migration.join("up.sql"), up).unwrap();
    fs::write(migration.join("down.sql"), down).unwrap();
    let source = FileBasedMigrations::from_path(folder.path()).unwrap();
    (folder, source)
}

/// Applies the one migration of a later release.
pub fn migrate_by_a_later_release(target: &Target, up: &str) {
    let (_folder, later) = of_a_later_release(up, "SELECT 1;");
    step(&mut conn(target), &later, Step::Up).unwrap();
}

/// Takes back the last migration, as if this database were of the release before.
pub fn migrated_by_the_release_before(target: &Target, engine: Engine) {
    step(&mut conn(target), &ours(engine), Step::Down).unwrap();
}

/// Columns by table, from `table.column type [not null]`.
fn tables(conn: &mut Conn) -> BTreeMap<String, Vec<(String, String)>> {
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for column in columns(conn) {
        let (name, kind) = column.split_once(' ').unwrap();
        let (table, column) = name.split_once('.').unwrap();
        let kind = kind.trim_end_matches(" not null").to_owned();
        tables.entry(table.to_owned()).or_default().push((column.to_owned(), kind));
    }
    tables
}

/// Two rows whose every id is the same word, so that each refers to its namesake; every column has a value.
fn sample_rows(conn: &mut Conn, table: &str, columns: &[(String, String)]) {
    for (word, other) in [("a", "b"), ("b", "a")] {
        let value = |(column, kind): &(String, String)| match kind.as_str() {
            // Nobody hands a prospect to himself.
            "text" if column == "from_agent_id" => format!("'{other}'"),
            "text" if column == "actor_kind" => "'agent'".to_owned(),
            "text" if column == "matter_kind" => "'user'".to_owned(),
            "text" if table == "policy_events" && column == "status" => "'matched'".to_owned(),
            "text" => format!("'{word}'"),
            "integer" if column == "place" => "1".to_owned(),
            "integer" | "bigint" => "28".to_owned(),
            "boolean" => "TRUE".to_owned(),
            "date" => "'2009-12-14'".to_owned(),
            "timestamp" => "'2009-12-14 04:00:00'".to_owned(),
            kind => panic!("no sample for {table}.{column} of type {kind}"),
        };
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<String> = columns.iter().map(value).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
        sql_query(sql).execute(conn).unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

/// Fills the tables that were not there before.
fn fill(conn: &mut Conn, before: &BTreeMap<String, Vec<(String, String)>>) {
    // In the order in which the migration made them: by the foreign keys between them.
    let mut new: Vec<_> = tables(conn).into_iter().filter(|(table, _)| !before.contains_key(table)).collect();
    let keys = super::foreign_keys(conn);
    while !new.is_empty() {
        let waits = |table: &str| {
            let other = |name: &String| {
                name != table
                    && keys
                        .iter()
                        .any(|k| k.starts_with(&format!("{table}(")) && k.ends_with(&format!(" -> {name}")))
            };
            new.iter().any(|(name, _)| other(name))
        };
        let next = new.iter().position(|(table, _)| !waits(table)).unwrap();
        let (table, columns) = new.remove(next);
        sample_rows(conn, &table, &columns);
    }
}

/// Applies each migration of a folder, fills its tables, takes it back and applies it again, over the rows of those before.
fn up_down_and_up(conn: &mut Conn, source: &FileBasedMigrations) -> Migrated<()> {
    while has_pending(conn, source) {
        let before = tables(conn);
        step(conn, source, Step::Up)?;
        let after = tables(conn);
        fill(conn, &before);
        step(conn, source, Step::Down)?;
        assert_eq!(tables(conn), before);
        step(conn, source, Step::Up)?;
        assert_eq!(tables(conn), after);
        fill(conn, &before);
    }
    Ok(())
}

#[test]
fn every_migration_goes_down_and_up_again_over_rows_in_every_table() {
    on_each_engine(|engine| {
        let Some(database) = Database::blank(engine) else { return };
        let conn = &mut conn(&database.target);
        let source = ours(engine);
        up_down_and_up(conn, &source).unwrap();
        let all = columns(conn);
        // And all of them, newest first, with the rows of all.
        for _ in migrate::known(engine).unwrap() {
            step(conn, &source, Step::Down).unwrap();
        }
        assert_eq!(columns(conn), Vec::<String>::new());
        migrate::run(&database.target).unwrap();
        assert_eq!(columns(conn), all);
    });
}

#[test]
fn a_migration_that_only_works_on_empty_tables_does_not_pass() {
    on_each_engine(|engine| {
        let (add, drop) = ("ALTER TABLE meta ADD COLUMN more TEXT", "ALTER TABLE meta DROP COLUMN more");
        let passes = |up: &str, down: &str| {
            let database = Database::migrated(engine)?;
            let conn = &mut conn(&database.target);
            conn.batch_execute("INSERT INTO meta (key, value) VALUES ('a', 'a')").unwrap();
            let (_folder, later) = of_a_later_release(up, down);
            Some(up_down_and_up(conn, &later).is_ok())
        };
        let Some(nullable) = passes(&format!("{add};"), &format!("{drop};")) else { return };
        assert!(nullable);
        assert_eq!(passes(&format!("{add} NOT NULL;"), &format!("{drop};")), Some(false));
    });
}
