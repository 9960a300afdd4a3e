//! The schema: the same on both databases, reversible, applied once, and never touched when it is newer (D7).

mod rows;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use diesel::{prelude::*, sql_query, sql_types::Text};
use prospector::store::{
    Conn,
    db::{
        connection::{Engine, Purpose, Target},
        migrate::{self, MigrateError},
    },
};

use self::rows::{migrate_by_a_later_release, migrated_by_the_release_before};
use crate::harness::{database::Database, on_each_engine};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Text)]
    required: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A path that `diesel.toml` names.
fn configured(key: &str) -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = fs::read_to_string(top.join("diesel.toml")).unwrap();
    let value = file.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    top.join(value.unwrap().trim().trim_matches('"'))
}

fn conn(target: &Target) -> Conn {
    target.connect(Purpose::Migrate).unwrap()
}

/// `table.column type` in the order of the columns, in words that both databases share.
fn columns(conn: &mut Conn) -> Vec<String> {
    let sql = match conn.engine() {
        Engine::Sqlite => {
            "SELECT m.name AS table_name, c.name AS column_name, lower(c.type) AS data_type,
                    CASE WHEN c.\"notnull\" = 1 THEN 'yes' ELSE 'no' END AS required
             FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'
             ORDER BY m.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text,
                    CASE WHEN is_nullable = 'NO' THEN 'yes' ELSE 'no' END AS required
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
             ORDER BY table_name COLLATE \"C\", ordinal_position"
        }
    };
    let rows: Vec<Column> = sql_query(sql).load(conn).unwrap();
    rows.into_iter()
        .map(|c| {
            let required = if c.required == "yes" { " not null" } else { "" };
            format!("{}.{} {}{required}", c.table_name, c.column_name, shared_type(&c.data_type))
        })
        .collect()
}

fn shared_type(data_type: &str) -> &str {
    match data_type {
        "timestamp without time zone" | "timestamp" => "timestamp",
        "character varying" | "text" => "text",
        "int" | "integer" | "int4" => "integer",
        "bytea" | "blob" => "bytes",
        "double precision" | "double" => "double",
        other => other,
    }
}

fn lines(conn: &mut Conn, sqlite: &str, postgres: &str) -> Vec<String> {
    let sql = if conn.engine() == Engine::Sqlite { sqlite } else { postgres };
    let rows: Vec<Line> = sql_query(sql).load(conn).unwrap();
    let mut lines: Vec<String> = rows.into_iter().map(|row| row.line).collect();
    lines.sort();
    lines
}

/// `table(column) → table` for every foreign key of one column.
fn foreign_keys(conn: &mut Conn) -> Vec<String> {
    lines(
        conn,
        "SELECT m.name || '(' || f.\"from\" || ') -> ' || f.\"table\" AS line
         FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
        "SELECT c.conrelid::regclass || '(' || a.attname || ') -> ' || c.confrelid::regclass AS line
         FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
         WHERE c.contype = 'f'",
    )
}

/// `table(first column)` of every index, primary keys included.
fn indexed(conn: &mut Conn) -> Vec<String> {
    lines(
        conn,
        "SELECT m.name || '(' || i.name || ')' AS line
         FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i
         WHERE m.type = 'table' AND i.seqno = 0",
        "SELECT i.indrelid::regclass || '(' || a.attname || ')' AS line
         FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public'",
    )
}

/// Names of the indexes we made ourselves.
fn index_names(conn: &mut Conn) -> Vec<String> {
    lines(
        conn,
        "SELECT name AS line FROM sqlite_master
         WHERE type = 'index' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        "SELECT indexname::text AS line FROM pg_indexes
         WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_pkey'",
    )
}

#[test]
fn every_foreign_key_is_indexed() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        let conn = &mut conn(&database.target);
        let indexed = indexed(conn);
        for key in foreign_keys(conn) {
            let (columns, _) = key.split_once(" -> ").unwrap();
            assert!(indexed.iter().any(|index| index == columns), "no index begins with {key} on {engine:?}");
        }
    });
}

#[test]
fn both_databases_have_the_same_tables_columns_indexes_and_foreign_keys() {
    let sqlite = Database::migrated(Engine::Sqlite).unwrap();
    let Some(postgres) = Database::migrated(Engine::Postgres) else { return };
    let (sqlite, postgres) = (&mut conn(&sqlite.target), &mut conn(&postgres.target));
    assert_eq!(columns(sqlite), columns(postgres));
    assert_eq!(foreign_keys(sqlite), foreign_keys(postgres));
    assert_eq!(index_names(sqlite), index_names(postgres));
}

#[test]
fn the_code_names_every_table_and_column_in_their_order() {
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let source = fs::read_to_string(configured("file")).unwrap();
    let mut table = String::new();
    for line in source.lines().map(str::trim).filter(|line| !line.contains("diesel::")) {
        if let Some((name, _)) = line
            .split_once(" (")
            .filter(|(name, rest)| rest.ends_with('{') && !name.contains("::") && !name.contains('#'))
        {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(kind) => (kind.trim_end_matches('>'), ""),
                None => (kind, " not null"),
            };
            let kind = match kind {
                "BigInt" => "bigint".to_owned(),
                "Bool" => "boolean".to_owned(),
                "Binary" => "bytes".to_owned(),
                other => other.to_lowercase(),
            };
            written.entry(table.clone()).or_default().push(format!("{table}.{column} {kind}{null}"));
        }
    }
    let written: Vec<String> = written.into_values().flatten().collect();
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        assert_eq!(columns(&mut conn(&database.target)), written);
    });
}

#[test]
fn unique_indexes_are_named_after_their_columns() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        for name in index_names(&mut conn(&database.target)) {
            assert!(name.starts_with("ux_") || name.starts_with("ix_"), "{name}");
        }
    });
}

#[test]
fn every_migration_says_which_releases_it_serves() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        let said = lines(
            &mut conn(&database.target),
            "SELECT migration AS line FROM schema_compat ORDER BY migration",
            "SELECT migration AS line FROM schema_compat ORDER BY migration",
        );
        assert_eq!(said, migrate::known(engine).unwrap());
    });
}

#[test]
fn five_instances_that_start_at_once_migrate_once() {
    on_each_engine(|engine| {
        for _ in 0..5 {
            let Some(database) = Database::blank(engine) else { return };
            let runs: Vec<_> = (0..5)
                .map(|_| {
                    let target = database.target.clone();
                    thread::spawn(move || migrate::run(&target).unwrap().len())
                })
                .collect();
            let mut applied: Vec<usize> = runs.into_iter().map(|run| run.join().unwrap()).collect();
            applied.sort_unstable();
            assert_eq!(applied, [0, 0, 0, 0, migrate::known(engine).unwrap().len()]);
        }
    });
}

/// What a later release adds, and the oldest release it says it serves.
fn later(serves_since: Option<&str>) -> String {
    let said = serves_since.map(|release| {
        format!("INSERT INTO schema_compat (migration, serves_since) VALUES ('20990101000000', '{release}');")
    });
    format!("ALTER TABLE meta ADD COLUMN later TEXT; {}", said.unwrap_or_default())
}

#[test]
fn a_newer_schema_that_does_not_serve_this_release_is_refused_in_one_line_and_left_alone() {
    on_each_engine(|engine| {
        for serves_since in [None, Some("99.0.0")] {
            let Some(database) = Database::migrated(engine) else { return };
            migrate_by_a_later_release(&database.target, &later(serves_since));
            let before = columns(&mut conn(&database.target));
            let refusal = migrate::run(&database.target).unwrap_err();
            assert!(matches!(refusal, MigrateError::Newer { .. }), "{refusal}");
            assert!(!refusal.to_string().contains('\n'));
            assert_eq!(columns(&mut conn(&database.target)), before);
        }
    });
}

#[test]
fn a_newer_schema_that_serves_this_release_is_used_as_it_is() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        migrate_by_a_later_release(&database.target, &later(Some("0.1.0")));
        let before = columns(&mut conn(&database.target));
        assert_eq!(migrate::run(&database.target).unwrap(), Vec::<String>::new());
        migrate::check(&mut conn(&database.target)).unwrap();
        assert_eq!(columns(&mut conn(&database.target)), before);
        let older = migrate::run_as(&database.target, "0.0.9").unwrap_err();
        assert!(older.to_string().contains("0.1.0"), "{older}");
    });
}

#[test]
fn an_older_schema_is_not_used_until_what_it_lacks_is_applied() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        let whole = columns(&mut conn(&database.target));
        migrated_by_the_release_before(&database.target, engine);
        let lacks = migrate::check(&mut conn(&database.target)).unwrap_err();
        assert!(matches!(&lacks, MigrateError::Failed(why) if why.starts_with("1 migration")), "{lacks}");
        let last = migrate::known(engine).unwrap().pop().unwrap();
        assert_eq!(migrate::run(&database.target).unwrap(), [last]);
        migrate::check(&mut conn(&database.target)).unwrap();
        assert_eq!(columns(&mut conn(&database.target)), whole);
    });
}
