//! A wire between the service and PostgreSQL that can go dead: what is connected hangs, what comes later works.

use std::{
    io::{Read, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use prospector::store::db::connection::Target;
use tempfile::TempDir;

use super::database::{Cluster, Database, SOCKET};

/// Forwards connections to a cluster, each until the wire goes dead.
pub struct Proxy {
    folder: TempDir,
    /// How often the wire has gone dead; a connection forwards while it is as it was when it was made.
    cuts: Arc<AtomicU32>,
}

impl Proxy {
    /// Listens in a folder of its own.
    pub fn to(cluster: &Cluster) -> Self {
        // A socket's path must be short.
        let folder = tempfile::Builder::new().prefix("pgwire").tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let (cuts, server) = (Arc::new(AtomicU32::new(0)), cluster.socket());
        let proxy = Proxy { folder, cuts: cuts.clone() };
        thread::spawn(move || {
            for client in listener.incoming() {
                accept(client.unwrap(), &server, &cuts);
            }
        });
        proxy
    }

    /// A database of the cluster, reached over this wire.
    pub fn lead_to(&self, database: Database, statement_timeout: Duration) -> Database {
        let name = database.name();
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        let url = format!("postgres://postgres@{host}/{name}");
        Database { target: Target::Postgres { url, statement_timeout }, ..database }
    }

    /// From now on nothing comes through on what is connected. Nobody is told.
    pub fn go_dead(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

fn accept(client: UnixStream, server: &PathBuf, cuts: &Arc<AtomicU32>) {
    let server = UnixStream::connect(server).unwrap();
    let made = cuts.load(Ordering::SeqCst);
    for (from, to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
        let cuts = cuts.clone();
        thread::spawn(move || forward(from, to, || cuts.load(Ordering::SeqCst) == made));
    }
}

/// Until one side closes. What arrives on a dead wire is swallowed, the end of a connection too.
fn forward(mut from: UnixStream, mut to: UnixStream, alive: impl Fn() -> bool) {
    let mut buffer = [0; 1 << 16];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if alive() && to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    if alive() {
        let _ = to.shutdown(std::net::Shutdown::Both);
    }
}
