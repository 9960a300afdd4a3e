//! The database that is measured: 25,600 prospects of 200 agents, of whom one team of 20 has 200 each, and their tokens.

use std::collections::HashMap;

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};
use prospector::{
    clock::Clock,
    domain::{organisation::actor::Role, values::id::Id},
    store::{
        StoreError,
        db::{
            connection::{Engine, Purpose, Target},
            meta,
        },
    },
};

use super::{pgbench::Bare, requests::Somebody};
use crate::{
    growth::{
        copies::{self, Others, Team},
        lives::{self, TODAY},
    },
    harness::{World, database::Database},
};

/// Beside the measured team: nine teams of twenty, 120 prospects each.
const OTHERS: Others = Others { agents: 180, book: 120, at_work: true };

/// What is known of it.
pub struct Seeded {
    pub world: World,
    /// The measured team's first, then everybody else.
    pub agents: Vec<Somebody>,
    pub head: Somebody,
    pub bare: Bare,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    a: String,
    #[diesel(sql_type = Text)]
    b: String,
}

fn pairs(conn: &mut prospector::store::Conn, sql: &str) -> Vec<Pair> {
    sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{error}: {sql}"))
}

impl Seeded {
    /// Fills a database of the throwaway PostgreSQL.
    pub fn new() -> Self {
        let hour = std::time::Duration::from_secs(3600);
        let world = World::with(Engine::Postgres, |config| config.access_token_life = hour)
            .expect("PostgreSQL (initdb) is not installed");
        let patterns = lives::play(&world);
        let team = copies::fill(&world, &patterns, &OTHERS);
        keep_business_time(&world);
        let (agents, head) = people(&world, &team);
        let bare = bare(&world, team.agents.len());
        Seeded { world, agents, head, bare }
    }
}

/// The service that is measured keeps real time; its business date is that of the lives.
fn keep_business_time(world: &World) {
    let noon: chrono::DateTime<chrono::Utc> = format!("{TODAY}T04:00:00Z").parse().unwrap();
    let shift = (noon - Clock::system().now()).num_seconds().to_string();
    let told: Result<(), StoreError> =
        world.app.db.write_blocking(move |conn| meta::set(conn, meta::BUSINESS_SHIFT, &shift));
    told.unwrap();
}

fn people(world: &World, team: &Team) -> (Vec<Somebody>, Somebody) {
    let conn = &mut world.database.target.connect(Purpose::Migrate).unwrap();
    let mut books: HashMap<String, Vec<String>> = HashMap::new();
    for Pair { a, b } in pairs(conn, "SELECT owner_id AS a, id AS b FROM prospects ORDER BY id") {
        books.entry(a).or_default().push(b);
    }
    let now = Clock::system().now();
    let somebody = |id: Id, role| Somebody {
        token: world.app.tokens.issue(id, role, 1, now).unwrap(),
        prospects: books.get(&id.to_string()).cloned().unwrap_or_default(),
    };
    let ids = team.agents.iter().map(|agent| agent.id).chain((1..=OTHERS.agents).map(Others::id));
    (ids.map(|id| somebody(id, Role::Agent)).collect(), somebody(team.head.id, Role::Supervisor))
}

/// The bare statements, about the copies of one pattern.
fn bare(world: &World, measured: usize) -> Bare {
    let conn = &mut world.database.target.connect(Purpose::Migrate).unwrap();
    let columns = pairs(
        conn,
        "SELECT column_name::text AS a, '' AS b FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = 'prospects' AND column_name <> 'id'",
    );
    let names: Vec<&str> = columns.iter().map(|column| column.a.as_str()).collect();
    // pgbench would take what follows a colon for the name of a variable.
    let literal = |name: &&str| {
        format!(
            r"COALESCE('U&''' || replace(replace(replace({name}::text, '\', '\\'), '''', ''''''), ':', '\003a') || '''', 'NULL')"
        )
    };
    let row = pairs(
        conn,
        &format!(
            "SELECT substr(id, 9) AS a, {} AS b FROM prospects WHERE owner_id = '{}' ORDER BY id LIMIT 1",
            names.iter().map(literal).collect::<Vec<_>>().join(" || ', ' || "),
            Others::id(OTHERS.agents)
        ),
    );
    let copies = measured * 10 + OTHERS.agents * OTHERS.book / 20;
    Bare::new(&row[0].a, copies, OTHERS.agents, &names.join(", "), &row[0].b)
}

/// The same rows in an SQLite file, carried over as text: both schemas have the same tables and columns.
pub fn on_sqlite(from: &World) -> Database {
    let source = &mut from.database.target.connect(Purpose::Migrate).unwrap();
    let database = Database::migrated(Engine::Sqlite).unwrap();
    let Target::Sqlite { path, .. } = &database.target else { unreachable!("asked for a file") };
    let target = &mut diesel::SqliteConnection::establish(&path.display().to_string()).unwrap();
    let quickly = "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN";
    target.batch_execute(quickly).unwrap();
    // Quicker made at the end.
    let indexes: Vec<Pair> =
        sql_query("SELECT name AS a, sql AS b FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            .load(target)
            .unwrap();
    for index in &indexes {
        target.batch_execute(&format!("DROP INDEX {}", index.a)).unwrap();
    }
    let tables = pairs(
        source,
        "SELECT table_name::text AS a, string_agg(column_name, ', ') AS b FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name !~ '^(pattern_|copied_|__diesel|pg_)' GROUP BY 1",
    );
    for Pair { a: table, .. } in tables {
        let columns = pairs(
            source,
            &format!(
                "SELECT column_name::text AS a, data_type::text AS b FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = '{table}'"
            ),
        );
        let names = columns.iter().map(|column| column.a.clone()).collect::<Vec<_>>().join(", ");
        let values = columns.iter().map(literal).collect::<Vec<_>>().join(" || ',' || ");
        let rows = pairs(source, &format!("SELECT '(' || {values} || ')' AS a, '' AS b FROM {table}"));
        for some in rows.chunks(200) {
            let rows = some.iter().map(|row| row.a.as_str()).collect::<Vec<_>>().join(",");
            target
                .batch_execute(&format!("INSERT OR REPLACE INTO {table} ({names}) VALUES {rows}"))
                .unwrap_or_else(|error| panic!("{table}: {error}"));
        }
    }
    for index in &indexes {
        target.batch_execute(&index.b).unwrap();
    }
    target.batch_execute("COMMIT").unwrap();
    database
}

/// An expression for PostgreSQL that gives a column's value as a literal for SQLite.
fn literal(Pair { a: column, b: kind }: &Pair) -> String {
    let quoted = |text: &str| format!("'''' || replace({text}, '''', '''''') || ''''");
    let written = match kind.as_str() {
        "boolean" => format!("{column}::int::text"),
        "integer" | "bigint" | "smallint" | "double precision" => format!("{column}::text"),
        "bytea" => format!("'x''' || encode({column}, 'hex') || ''''"),
        "timestamp without time zone" => quoted(&format!(
            "regexp_replace(to_char({column}, 'YYYY-MM-DD HH24:MI:SS.US'), '\\.000000$', '')"
        )),
        _ => quoted(&format!("{column}::text")),
    };
    format!("COALESCE({written}, 'NULL')")
}
