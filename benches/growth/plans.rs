//! Which big tables the plans of the real requests read in sequence: PostgreSQL itself writes down every plan it runs
//! (`auto_explain`), and the bench reads its log.

use std::collections::BTreeSet;

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use prospector::store::{Conn, db::connection::Purpose};

use crate::harness::World;

/// A table of more rows than this is big. The measured team itself has 4000 prospects.
const BIG: i64 = 20_000;

/// A database whose plans are written down.
pub struct Watched {
    conn: std::cell::RefCell<Conn>,
    log: String,
    read: std::cell::Cell<i64>,
    big: BTreeSet<String>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Watched {
    /// From now on every plan in this database is written down.
    pub fn begin(world: &World) -> Self {
        let mut conn = world.database.target.connect(Purpose::Migrate).unwrap();
        let name: Line = sql_query("SELECT current_database()::text AS line").get_result(&mut conn).unwrap();
        let folder: Line =
            sql_query("SELECT current_setting('data_directory') AS line").get_result(&mut conn).unwrap();
        let database = name.line;
        conn.batch_execute(&format!(
            "ALTER DATABASE {database} SET session_preload_libraries = 'auto_explain';
             ALTER DATABASE {database} SET auto_explain.log_min_duration = 0;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        ))
        .unwrap();
        let big: Vec<Line> = sql_query(format!(
            "SELECT relname::text AS line FROM pg_class WHERE relkind = 'r' AND reltuples > {BIG}"
        ))
        .load(&mut conn)
        .unwrap();
        // The log stands beside the data.
        let log = folder.line.replace("/data", "/log");
        let watched = Watched {
            conn: std::cell::RefCell::new(conn),
            log,
            read: std::cell::Cell::new(0),
            big: big.into_iter().map(|row| row.line).collect(),
        };
        assert!(watched.big.contains("prospects"), "nothing is big here: nothing could be found");
        watched.read.set(watched.end());
        watched
    }

    fn end(&self) -> i64 {
        let sql = format!("SELECT size AS n FROM pg_stat_file('{}')", self.log);
        sql_query(sql).get_result::<Count>(&mut *self.conn.borrow_mut()).unwrap().n
    }

    /// The big tables that were read in sequence since the last question.
    pub fn scanned_in_sequence(&self) -> BTreeSet<String> {
        let (from, to) = (self.read.get(), self.end());
        self.read.set(to);
        let sql = format!("SELECT pg_read_file('{}', {from}, {}) AS line", self.log, to - from);
        let text: Line = sql_query(sql).get_result(&mut *self.conn.borrow_mut()).unwrap();
        assert!(text.line.contains("Query Text:"), "no plan was written down");
        let scanned =
            text.line.lines().filter_map(|line| line.split_once("Seq Scan on ")?.1.split(' ').next());
        scanned.filter(|table| self.big.contains(*table)).map(str::to_owned).collect()
    }
}
