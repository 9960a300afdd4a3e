//! Everything a database holds, as text: for tests that look for what must not be there.

use std::{collections::BTreeMap, fs};

use actix_web::rt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::Text};
use prospector::{
    jobs::housekeeping,
    store::{
        Conn,
        db::connection::{Engine, Purpose, Target},
    },
};

use super::World;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// The rows of every table, each as one text in small letters.
pub fn rows(world: &World) -> BTreeMap<String, Vec<String>> {
    let conn = &mut world.database.target.connect(Purpose::Read).unwrap();
    let names = match world.engine {
        Engine::Sqlite => {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        }
        Engine::Postgres => "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut all = BTreeMap::new();
    for name in lines(conn, names) {
        let row = match world.engine {
            Engine::Sqlite => {
                let columns = format!("SELECT name AS line FROM pragma_table_info('{name}')");
                let texts: Vec<String> =
                    lines(conn, &columns).iter().map(|column| format!("COALESCE({column}, '')")).collect();
                texts.join(" || '|' || ")
            }
            Engine::Postgres => "t::text".to_owned(),
        };
        let found = lines(conn, &format!("SELECT {row} AS line FROM {name} AS t"));
        all.insert(name, found.iter().map(|line| line.to_lowercase()).collect());
    }
    all
}

/// The bytes of the files of an SQLite database, of its log too; none on PostgreSQL.
pub fn bytes(world: &World) -> Vec<u8> {
    let Target::Sqlite { path, .. } = &world.database.target else { return Vec::new() };
    let beside = |end: &str| fs::read(format!("{}{end}", path.display())).unwrap_or_default();
    [beside(""), beside("-wal"), beside("-journal")].concat()
}

/// Whether the files of the database hold a text.
pub fn on_disk(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

/// The work that happens by itself, once.
pub fn tick(world: &World) {
    rt::System::new().block_on(housekeeping::run(&world.app));
}
