//! PostgreSQL without the service: pgbench, with one bare statement, and with what our own requests say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    CONNECTIONS,
    recording::{Recorded, script},
};

/// pgbench over one database.
pub struct Pgbench {
    pub program: PathBuf,
    pub database: String,
    /// For scripts.
    pub folder: PathBuf,
}

/// One statement, as plain as it can be. `:r` is the number of a copied prospect's set, `:a` that of an agent.
pub struct Bare {
    pub read: String,
    pub list: String,
    pub insert: String,
    pub update: String,
}

impl Bare {
    /// From what a copy's id ends with, how many copies and agents there are, and a prospect's row as literals, its id
    /// left out.
    pub fn new(id_end: &str, copies: usize, agents: usize, columns: &str, row: &str) -> Self {
        let prospect = format!("lpad(to_hex(:r::bigint), 8, '0') || '{id_end}'");
        let owner = "lpad(to_hex(:a::bigint), 8, '0') || '-0000-7000-8000-000000000002'";
        let (r, a) = (format!("\\set r random(1, {copies})\n"), format!("\\set a random(1, {agents})\n"));
        Bare {
            read: format!("{r}SELECT * FROM prospects WHERE id = {prospect};\n"),
            list: format!(
                "{a}SELECT * FROM prospects WHERE owner_id = {owner} ORDER BY updated_at DESC, id DESC LIMIT 50;\n"
            ),
            insert: format!(
                "INSERT INTO prospects (id, {columns}) VALUES (gen_random_uuid()::text, {row});\n"
            ),
            update: format!(
                "{r}UPDATE prospects SET version = version + 1, updated_at = now() WHERE id = {prospect};\n"
            ),
        }
    }
}

impl Pgbench {
    /// Transactions a second of a script, by as many clients as the service has connections.
    pub fn rate(&self, name: &str, script: &str, length: Duration) -> f64 {
        let seconds = length.as_secs().max(1).to_string();
        let mut command = self.command(name, script);
        command.args(["-M", "prepared", "-T", &seconds, "-j", "2", "-c", &CONNECTIONS.to_string()]);
        finished(command)
    }

    /// Requests a second, when reads are said again and again.
    pub fn said_again(&self, name: &str, requests: &[Recorded], length: Duration) -> f64 {
        let all: Vec<&Recorded> = requests.iter().collect();
        let seconds = length.as_secs().max(1).to_string();
        let mut command = self.command(name, &script(&all));
        command.args(["-M", "simple", "-T", &seconds, "-j", "2", "-c", &CONNECTIONS.to_string()]);
        finished(command) * requests.len() as f64
    }

    /// Requests a second, when writes are said once: each client says what one connection's agents had asked for.
    pub fn said_once(&self, name: &str, requests: &[Recorded]) -> f64 {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|n| {
                let own: Vec<&Recorded> = requests.iter().skip(n).step_by(CONNECTIONS).collect();
                let mut command = self.command(&format!("{name}-{n}"), &script(&own));
                command.args(["-M", "simple", "-t", "1", "-c", "1"]);
                (own.len(), command)
            })
            .collect();
        // All at once: the threads wait for processes of their own.
        std::thread::scope(|scope| {
            let running: Vec<_> = clients
                .into_iter()
                .map(|(n, command)| scope.spawn(move || n as f64 * finished(command)))
                .collect();
            running.into_iter().map(|thread| thread.join().unwrap()).sum()
        })
    }

    fn command(&self, name: &str, script: &str) -> Command {
        let path = self.folder.join(format!("{}.sql", name.replace(' ', "-")));
        fs::write(&path, script).unwrap();
        let mut command = Command::new(&self.program);
        command
            .args(["-n", "-D", "prepared=0", "-f"])
            .arg(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.arg(&self.database);
        command
    }
}

/// Transactions a second, without the time for connecting.
fn finished(mut command: Command) -> f64 {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench says a rate");
    line.split(' ').next().unwrap().parse().unwrap()
}

/// Where pgbench is, beside the server's own programs.
pub fn program(binaries: &Path) -> PathBuf {
    binaries.join("pgbench")
}
