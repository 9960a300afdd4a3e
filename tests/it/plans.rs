//! Hot statements are planned once a session, and not on every call: of a read, a page, a create and a move.

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use prospector::store::{
    Conn,
    db::connection::{Engine, Purpose, Target},
};
use serde_json::json;

use crate::harness::{
    World,
    database::{counts_plans, postgres},
    given::Prospect,
};

/// How often each is asked for while plans are counted.
const ROUNDS: i64 = 60;
/// At most one plan for so many calls.
const CALLS_FOR_A_PLAN: i64 = 20;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    calls: i64,
    #[diesel(sql_type = BigInt)]
    plans: i64,
    #[diesel(sql_type = Text)]
    query: String,
}

fn counted(conn: &mut Conn) -> Vec<Counted> {
    sql_query(
        "SELECT s.calls, s.plans, s.query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
         WHERE d.datname = current_database() AND s.query NOT LIKE '%pg_stat_statements%'
         ORDER BY s.plans DESC",
    )
    .load(conn)
    .unwrap()
}

/// Before its first session: in this database plans are counted.
fn watch(url: &str) {
    let target = Target::parse(url, false, std::time::Duration::from_secs(10)).unwrap();
    let mut conn = target.connect(Purpose::Migrate).unwrap();
    conn.batch_execute(
        "CREATE EXTENSION pg_stat_statements;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET pg_stat_statements.track = top', current_database()); END $$",
    )
    .unwrap();
}

#[test]
fn a_read_a_page_a_create_and_a_move_are_planned_once_a_session() {
    let Some(cluster) = postgres() else { return };
    assert!(
        counts_plans(cluster.binaries()) || std::env::var_os("REQUIRE_POSTGRES").is_none(),
        "REQUIRE_POSTGRES is set, but PostgreSQL has no pg_stat_statements"
    );
    if !counts_plans(cluster.binaries()) {
        return;
    }
    let Some(world) = World::with(Engine::Postgres, |config| watch(&config.database_url)) else { return };
    let cast = world.cast();
    let agent = &cast.agent_a;
    let everything = || {
        let body = json!({"name": "王芳", "phones": ["13800138000"]});
        let created = world.post("/v1/prospects", body).by(agent).status(201);
        let mut p = Prospect { id: created.string("id"), version: created.version() };
        p.fix_first(&world, agent, "2009-12-16");
        p.read(&world, agent);
        world.get("/v1/prospects?limit=50").by(agent).status(200);
    };
    // Every session sees everything a few times before it counts.
    (0..30).for_each(|_| everything());
    let mut conn = world.database.target.connect(Purpose::Migrate).unwrap();
    conn.batch_execute("SELECT pg_stat_statements_reset()").unwrap();
    (0..ROUNDS).for_each(|_| everything());
    let all = counted(&mut conn);
    let hot: Vec<&Counted> = all.iter().filter(|s| s.calls >= ROUNDS).collect();
    assert!(hot.len() > 20, "{} statements were counted", hot.len());
    let planned: Vec<&&Counted> = hot.iter().filter(|s| s.plans * CALLS_FOR_A_PLAN > s.calls).collect();
    let told: Vec<String> =
        planned.iter().map(|s| format!("{} plans of {} calls: {}", s.plans, s.calls, s.query)).collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn sqlite_keeps_a_statement_as_it_was_prepared_whatever_value_it_is_given() {
    #[derive(QueryableByName)]
    struct Compiled {
        #[diesel(sql_type = BigInt)]
        with_it: i64,
    }
    let world = World::new(Engine::Sqlite).unwrap();
    // Compiled without it, SQLite plans a statement anew for each value that it compares with an indexed column.
    let option = "SELECT sqlite_compileoption_used('ENABLE_QPSG') AS with_it";
    let look = move |conn: &mut Conn| Ok::<_, prospector::store::StoreError>(sql_query(option).load(conn)?);
    let compiled: Vec<Compiled> = world.app.db.read_blocking(look).unwrap();
    assert_eq!(compiled.into_iter().map(|row| row.with_it).collect::<Vec<_>>(), [1]);
}
