//! What each statement of a request costs PostgreSQL: how often it is executed and planned, and how long that takes.

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{Double, Text},
};
use prospector::store::db::connection::Purpose;

use super::{
    CONNECTIONS,
    client::{Asks as _, Connection},
    configure,
    requests::{Asker, KINDS},
    seeded::Seeded,
};
use crate::harness::{database::Database, running::Running};

/// Requests of each kind.
const REQUESTS: usize = 200;

#[derive(QueryableByName)]
struct Cost {
    #[diesel(sql_type = Text)]
    query: String,
    #[diesel(sql_type = Double)]
    calls: f64,
    #[diesel(sql_type = Double)]
    plans: f64,
    #[diesel(sql_type = Double)]
    plan_ms: f64,
    #[diesel(sql_type = Double)]
    exec_ms: f64,
    #[diesel(sql_type = Double)]
    rows: f64,
}

/// Asks for each kind by itself, and prints what its statements came to, the dearest first.
pub fn print(database: &Database, seeded: &Seeded, serve: impl FnOnce() -> Running) {
    let conn = &mut database.target.connect(Purpose::Migrate).unwrap();
    conn.batch_execute("CREATE EXTENSION pg_stat_statements").expect("PostgreSQL has no pg_stat_statements");
    configure(database, "pg_stat_statements.track = 'top'");
    let service = serve();
    let mut askers = Asker::share(&seeded.agents, &seeded.head, CONNECTIONS);
    let mut connection = Connection::open(&service.address);
    for kind in KINDS {
        askers.iter_mut().for_each(|asker| asker.kind = kind);
        let mut ask = |n: usize| {
            for n in 0..n {
                let asker = &mut askers[n % CONNECTIONS];
                let request = asker.request().expect("enough was created");
                let (status, body) = connection.ask(&request);
                asker.answered(status, body);
            }
        };
        // Statements are prepared, and plans kept, before it counts.
        ask(REQUESTS / 2);
        conn.batch_execute("SELECT pg_stat_statements_reset()").unwrap();
        ask(REQUESTS);
        let costs: Vec<Cost> = sql_query(format!(
            "SELECT regexp_replace(query, '\\s+', ' ', 'g') AS query,
                    calls::float8 / {REQUESTS} AS calls, plans::float8 / {REQUESTS} AS plans,
                    total_plan_time / {REQUESTS} AS plan_ms, total_exec_time / {REQUESTS} AS exec_ms,
                    rows::float8 / {REQUESTS} AS rows
             FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
             WHERE d.datname = current_database() AND query !~ 'pg_stat_statements'
             ORDER BY total_plan_time + total_exec_time DESC"
        ))
        .load(conn)
        .unwrap();
        println!("\n{} (for one request)\n", kind.name());
        println!(
            "| calls | plans | planning ms | execution ms | rows | statement |\n|---|---|---|---|---|---|"
        );
        for cost in &costs {
            println!(
                "| {:.2} | {:.2} | {:.3} | {:.3} | {:.1} | `{}` |",
                cost.calls, cost.plans, cost.plan_ms, cost.exec_ms, cost.rows, cost.query
            );
        }
        let sum = |of: fn(&Cost) -> f64| costs.iter().map(of).sum::<f64>();
        println!(
            "| {:.2} | {:.2} | {:.3} | {:.3} | | in all |",
            sum(|c| c.calls),
            sum(|c| c.plans),
            sum(|c| c.plan_ms),
            sum(|c| c.exec_ms)
        );
    }
}
