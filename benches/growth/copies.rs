//! Fills a database with copies of lived lives, by SQL: every row is one that the service itself has written, with ids and
//! owner of its own.
//!
//! The facts and their texts are read with one prospect only, by its id. The measured team has them all; of the others,
//! unless they work too, only the agendas of their appointments are copied, which halves the time and the space.

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use prospector::{
    domain::{organisation::actor::Role, values::id::Id},
    store::{Conn, db::connection::Purpose},
};

use super::lives::TODAY;
use crate::harness::{
    World,
    actors::{self, Person},
};

/// Agents of a team, prospects of an agent, prospects that one set of patterns gives.
const AGENTS: usize = 20;
const BOOK: usize = 200;
const PATTERNS: usize = 20;
/// Sets copied by one statement.
const AT_ONCE: usize = 2000;

/// What a life consists of.
const TABLES: [&str; 13] = [
    "prospects",
    "prospect_people",
    "transitions",
    "facts",
    "evidence",
    "pursuits",
    "deals",
    "standings",
    "placements",
    "appointments",
    "sale_flows",
    "activities",
    "activity_texts",
];

/// The measured team.
pub struct Team {
    pub id: Id,
    pub head: Person,
    pub agents: Vec<Person>,
}

/// Everybody beside the measured team.
pub struct Others {
    /// How many agents.
    pub agents: usize,
    /// Prospects of each.
    pub book: usize,
    /// Whether they work too: then they have their facts, and the tables their write-ahead log.
    pub at_work: bool,
}

impl Others {
    /// Those who fill a database up to this many prospects, the measured team's among them, and are only there.
    pub fn up_to(prospects: usize) -> Self {
        assert!(
            prospects >= AGENTS * BOOK && prospects.is_multiple_of(BOOK),
            "whole books, and a team's at least"
        );
        Others { agents: prospects / BOOK - AGENTS, book: BOOK, at_work: false }
    }

    /// The id of the `n`th of them, from 1: the bench of the load signs in as one.
    #[allow(dead_code)] // the bench of growth names nobody
    pub fn id(n: usize) -> Id {
        format!("{n:08x}-0000-7000-8000-000000000002").parse().unwrap()
    }
}

fn run(conn: &mut Conn, sql: &str) {
    conn.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{error}: {sql}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// Fills a database with the measured team and the others.
pub fn fill(world: &World, patterns: &[Id], rest: &Others) -> Team {
    let team = actors::team(world, "Measured", None);
    let head = actors::person(world, "head", Role::Supervisor, &team);
    let agents: Vec<Person> =
        (0..AGENTS).map(|n| actors::person(world, &format!("agent-{n}"), Role::Agent, &team)).collect();
    let conn = &mut world.database.target.connect(Purpose::Migrate).unwrap();
    // Rows that are copies of sound rows need not be checked one by one, nor survive a crash.
    run(
        conn,
        "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'",
    );
    if !rest.at_work {
        spare_the_log(conn);
    }
    let indexes = drop_indexes(conn);
    others(conn, rest.agents);
    let sets = books(conn, &agents, rest);
    set_patterns_aside(conn, patterns);
    for from in (1..=sets).step_by(AT_ONCE) {
        for table in TABLES {
            copy(conn, table, from, (from + AT_ONCE - 1).min(sets));
        }
    }
    run(conn, COUNT);
    for index in indexes {
        run(conn, &index);
    }
    run(conn, "VACUUM (ANALYZE)");
    world.on(TODAY);
    Team { id: team.id, head, agents }
}

/// No write-ahead log for tables that nobody wants back after a crash: whoever refers to others first.
fn spare_the_log(conn: &mut Conn) {
    const LOGGED: &str =
        "SELECT c.relname::text AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname = 'public' AND NOT EXISTS (
            SELECT 1 FROM pg_constraint f JOIN pg_class r ON r.oid = f.conrelid
            WHERE f.contype = 'f' AND f.confrelid = c.oid AND r.oid <> c.oid AND r.relpersistence = 'p')";
    loop {
        let tables = lines(conn, LOGGED);
        if tables.is_empty() {
            return;
        }
        for table in tables {
            run(conn, &format!("ALTER TABLE {table} SET UNLOGGED"));
        }
    }
}

/// Drops what is quicker made at the end; answers how.
fn drop_indexes(conn: &mut Conn) -> Vec<String> {
    let tables = TABLES.map(|table| format!("'{table}'")).join(", ");
    let of_ours = format!(
        "FROM pg_indexes WHERE schemaname = 'public' AND tablename IN ({tables}) AND indexname NOT LIKE '%\\_pkey'"
    );
    let made = lines(conn, &format!("SELECT indexdef AS line {of_ours} ORDER BY 1"));
    for name in lines(conn, &format!("SELECT indexname::text AS line {of_ours}")) {
        run(conn, &format!("DROP INDEX {name}"));
    }
    made
}

/// Everybody else: teams of twenty, each with a supervisor.
fn others(conn: &mut Conn, agents: usize) {
    let last = agents.div_ceil(AGENTS);
    run(
        conn,
        &format!(
            "CREATE FUNCTION numbered(n bigint, kind text) RETURNS text IMMUTABLE LANGUAGE sql AS
                 $$ SELECT lpad(to_hex(n), 8, '0') || '-0000-7000-8000-00000000000' || kind $$;
             INSERT INTO teams (id, path, name, time_zone, version, created_at, updated_at)
                 SELECT numbered(t, '1'), '/' || numbered(t, '1') || '/', 'Team ' || t, 'Asia/Shanghai', 1, now(), now()
                 FROM generate_series(1, {last}) t;
             INSERT INTO users (id, username, display_name, search, role, status, password_hash, epoch, version, created_at, updated_at)
                 SELECT numbered(a, '2'), 'other-' || a, 'Other ' || a, 'other' || a, 'agent', 'active', '', 1, 1, now(), now()
                 FROM generate_series(1, {agents}) a
                 UNION ALL
                 SELECT numbered(t, '3'), 'head-' || t, 'Head ' || t, 'head' || t, 'supervisor', 'active', '', 1, 1, now(), now()
                 FROM generate_series(1, {last}) t;
             INSERT INTO memberships (id, user_id, team_id, valid_from)
                 SELECT numbered(a, '4'), numbered(a, '2'), numbered((a - 1) / {AGENTS} + 1, '1'), DATE '2009-01-01'
                 FROM generate_series(1, {agents}) a
                 UNION ALL
                 SELECT numbered(t, '5'), numbered(t, '3'), numbered(t, '1'), DATE '2009-01-01'
                 FROM generate_series(1, {last}) t"
        ),
    );
}

/// Whose the sets are, the measured team's first, so that it is not what was written last; answers how many.
fn books(conn: &mut Conn, measured: &[Person], rest: &Others) -> usize {
    run(
        conn,
        "CREATE UNLOGGED TABLE copied_owners (r bigint PRIMARY KEY, owner_id text NOT NULL, has_facts boolean NOT NULL)",
    );
    let (own, theirs) = (BOOK / PATTERNS, rest.book / PATTERNS);
    for (n, agent) in measured.iter().enumerate() {
        let (from, to) = (n * own + 1, (n + 1) * own);
        run(
            conn,
            &format!(
                "INSERT INTO copied_owners SELECT r, '{}', true FROM generate_series({from}, {to}) r",
                agent.id
            ),
        );
    }
    let before = measured.len() * own;
    run(
        conn,
        &format!(
            "INSERT INTO copied_owners SELECT {before} + row_number() OVER (ORDER BY id, n), id, {}
             FROM users CROSS JOIN generate_series(1, {theirs}) n WHERE username LIKE 'other-%'",
            rest.at_work
        ),
    );
    before + rest.agents * theirs
}

/// The rows of the patterns, apart from the tables that are filled.
fn set_patterns_aside(conn: &mut Conn, owners: &[Id]) {
    let owners = owners.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
    let of_them = format!("SELECT id FROM prospects WHERE owner_id IN ({owners})");
    for table in TABLES {
        let key = if table == "prospects" { "id" } else { "prospect_id" };
        run(
            conn,
            &format!(
                "CREATE UNLOGGED TABLE pattern_{table} AS SELECT * FROM {table} WHERE {key} IN ({of_them})"
            ),
        );
    }
    let n: Count = sql_query("SELECT count(*) AS n FROM pattern_prospects").get_result(conn).unwrap();
    assert_eq!(n.n, i64::try_from(PATTERNS).unwrap(), "so many patterns");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How a column of a copy follows from the pattern's: ids begin with the number of the copy.
fn column(table: &str, name: &str) -> String {
    const IDS: [&str; 11] = [
        "id",
        "prospect_id",
        "pursuit_id",
        "group_id",
        "cancels",
        "replaces",
        "subject_id",
        "appointment_id",
        "set_by",
        "settled_by",
        "activity_id",
    ];
    match (table, name) {
        (_, name) if IDS.contains(&name) => {
            format!("lpad(to_hex(c.r), 8, '0') || substr(p.{name}, 9)")
        }
        (_, "owner_id" | "agent_id") => "c.owner_id".to_owned(),
        (_, "actor_id") => "CASE WHEN p.actor_id IS NULL THEN NULL ELSE c.owner_id END".to_owned(),
        ("facts", "body") => {
            // Bodies name other rows of the same life.
            "regexp_replace(p.body, '\"[0-9a-f]{8}(-[0-9a-f]{4}-7)', '\"' || lpad(to_hex(c.r), 8, '0') || '\\1', 'g')"
                .to_owned()
        }
        _ => format!("p.{name}"),
    }
}

fn copy(conn: &mut Conn, table: &str, from: usize, to: usize) {
    let names = lines(
        conn,
        &format!(
            "SELECT column_name::text AS line FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    );
    let values = names.iter().map(|name| column(table, name)).collect::<Vec<_>>().join(", ");
    let only = match table {
        "facts" => "AND c.has_facts",
        "evidence" => "AND (c.has_facts OR p.subject_id IN (SELECT set_by FROM pattern_appointments))",
        _ => "",
    };
    run(
        conn,
        &format!(
            "INSERT INTO {table} ({names}) SELECT {values} FROM copied_owners c CROSS JOIN pattern_{table} p
             WHERE c.r BETWEEN {from} AND {to} {only}",
            names = names.join(", "),
        ),
    );
}

const COUNT: &str = "DELETE FROM board_counts;
    INSERT INTO board_counts SELECT owner_id, stage, COALESCE(verified_stage, stage), is_claimed, COUNT(*)
    FROM prospects
    WHERE stage IN ('first_appointment', 'stage_25', 'stage_50', 'stage_90') AND erased_at IS NULL
    GROUP BY owner_id, stage, COALESCE(verified_stage, stage), is_claimed";

/// How big it has become, in one line.
pub fn sizes(world: &World) -> String {
    let conn = &mut world.database.target.connect(Purpose::Migrate).unwrap();
    let of = |table: &str| {
        format!(
            "'{table} ' || (SELECT reltuples::bigint FROM pg_class WHERE relname = '{table}' AND relkind = 'r')"
        )
    };
    let tables = TABLES.map(of).join(" || ', ' || ");
    let sql =
        format!("SELECT {tables} || ', ' || pg_size_pretty(pg_database_size(current_database())) AS line");
    format!("rows: {}", lines(conn, &sql).concat())
}
