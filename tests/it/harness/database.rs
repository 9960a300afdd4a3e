//! A database of its own for every test, on both engines, from a template that was migrated once.
//!
//! PostgreSQL runs from the machine's own binaries in a throwaway cluster: unix socket only, no sudo, gone when
//! the test process goes, also on SIGKILL (a `sh` holds the other end of a pipe and cleans up when it closes).

use std::{
    env, fs, io,
    io::Write as _,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_query,
    sql_types::Integer,
};
use prospector::store::db::{
    connection::{Engine, Target},
    migrate,
};
use tempfile::TempDir;

/// A database that belongs to one test.
pub struct Database {
    pub target: Target,
    /// Kept for its life: the file of an SQLite database, and the test's data folder.
    pub folder: TempDir,
}

impl Database {
    /// A migrated, empty database; `None` on PostgreSQL when the machine has none.
    pub fn migrated(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => {
                let database = Self::blank(engine)?;
                fs::write(path_of(&database.target), sqlite_template()).unwrap();
                Some(database)
            }
            Engine::Postgres => Some(Self::on(postgres()?, Some(TEMPLATE))),
        }
    }

    /// A database without any table.
    pub fn blank(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("prospector.db");
                Some(Database { target: Target::Sqlite { path, full_sync: false }, folder })
            }
            Engine::Postgres => Some(Self::on(postgres()?, None)),
        }
    }

    /// Another database with the same rows (PostgreSQL). Whoever is connected to the first is cut off.
    pub fn copy(&self) -> Self {
        let cluster = postgres().unwrap();
        let url = self.url();
        let name = url.rsplit('/').next().unwrap();
        cluster.administer(&format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
        Self::on(cluster, Some(name))
    }

    fn on(cluster: &Cluster, template: Option<&str>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        cluster.create(&name, template);
        Database { target: cluster.target(&name), folder: tempfile::tempdir().unwrap() }
    }

    /// What PostgreSQL calls it.
    pub fn name(&self) -> String {
        self.url().rsplit('/').next().unwrap().to_owned()
    }

    /// The value for `DATABASE_URL`.
    pub fn url(&self) -> String {
        match &self.target {
            Target::Sqlite { path, .. } => format!("sqlite:{}", path.display()),
            Target::Postgres { url, .. } => url.clone(),
        }
    }
}

fn path_of(target: &Target) -> &Path {
    match target {
        Target::Sqlite { path, .. } => path,
        Target::Postgres { .. } => unreachable!("not a file"),
    }
}

/// The bytes of a migrated file: in memory, because nothing would take a file away when the test process ends.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prospector.db");
        migrate::run(&Target::Sqlite { path: path.clone(), full_sync: false }).unwrap();
        // The last connection has written its log back into the file.
        fs::read(path).unwrap()
    })
}

/// Name of the socket in its folder, as clients look for it.
pub const SOCKET: &str = ".s.PGSQL.5432";

const TEMPLATE: &str = "prospector_template";

/// The cluster that all tests share; `None`, said loudly once, when the machine has no PostgreSQL.
pub fn postgres() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let Some(binaries) = binaries() else {
                assert!(env::var_os("REQUIRE_POSTGRES").is_none(), "REQUIRE_POSTGRES is set, but there is no initdb");
                // Past the capture of the test runner, which would swallow it.
                let _ = io::stderr().write_all(
                    b"\n!!! PostgreSQL was not found: every test runs on SQLite only. Install postgresql. !!!\n",
                );
                return None;
            };
            let cluster = Cluster::start(&binaries);
            cluster.create(TEMPLATE, None);
            migrate::run(&cluster.target(TEMPLATE)).unwrap();
            Some(cluster)
        })
        .as_ref()
}

/// Options of the server, for who measures: said before the first database is asked for, they count more than ours.
pub static MORE_OPTIONS: OnceLock<&str> = OnceLock::new();

/// Plans are counted where a database asks for it.
const COUNTING_PLANS: &str = "-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=none \
    -c pg_stat_statements.track_planning=on";

/// Whether this PostgreSQL brings the module that counts plans.
pub fn counts_plans(binaries: &Path) -> bool {
    let config = Command::new(binaries.join("pg_config")).arg("--pkglibdir").output();
    let folder = config.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let beside = || binaries.with_file_name("lib");
    let folders = [folder.map(PathBuf::from).unwrap_or_else(|_| beside()), beside()];
    folders.iter().any(|folder| folder.join("pg_stat_statements.so").exists())
}

/// A throwaway PostgreSQL.
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    creating: Mutex<()>,
    /// Closing it ends the cluster.
    _lifeline: ChildStdin,
    _watcher: Child,
}

impl Cluster {
    /// Makes and starts a cluster in a folder under `/tmp` (a socket's path must be short).
    pub fn start(binaries: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("pgtest").tempdir_in("/tmp").unwrap().keep();
        let account = account_for_postgres();
        if let Some((uid, gid)) = account {
            std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let data = folder.join("data");
        let as_account = |program: &str| {
            let mut command = Command::new(program);
            command.current_dir("/tmp");
            if let Some((uid, gid)) = account {
                command.uid(uid).gid(gid);
            }
            command
        };
        let initdb = as_account(&binaries.join("initdb").display().to_string())
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c fsync=off -c synchronous_commit=off \
             -c full_page_writes=off -c max_connections=400 -c shared_buffers=64MB -c autovacuum=off {} {}",
            folder.display(),
            if counts_plans(binaries) { COUNTING_PLANS } else { "" },
            MORE_OPTIONS.get().unwrap_or(&""),
        );
        let script = r#""$1" start -w -s -D "$2" -l "$3/log" -o "$4" || exit 1
echo started
cat > /dev/null
"$1" stop -s -m immediate -D "$2"
rm -rf "$3""#;
        let mut watcher = as_account("/bin/sh")
            .args(["-c", script, "sh"])
            .arg(binaries.join("pg_ctl"))
            .arg(&data)
            .arg(&folder)
            .arg(options)
            // The watcher must outlive a Ctrl-C at the terminal, to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = io::BufReader::new(watcher.stdout.take().unwrap());
        io::BufRead::read_line(&mut output, &mut line).unwrap();
        assert_eq!(line, "started\n", "{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        let lifeline = watcher.stdin.take().unwrap();
        Cluster {
            folder,
            binaries: binaries.to_owned(),
            creating: Mutex::new(()),
            _lifeline: lifeline,
            _watcher: watcher,
        }
    }

    /// The address of a database in the cluster.
    pub fn target(&self, name: &str) -> Target {
        Target::Postgres { url: self.url(name), statement_timeout: Duration::from_secs(30) }
    }

    fn url(&self, name: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/{name}")
    }

    fn create(&self, name: &str, template: Option<&str>) {
        // Two copies of one template at once get into each other's way.
        let _one = self.creating.lock().unwrap();
        let template = template.unwrap_or("template0");
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
    }

    /// Runs SQL as the administrator.
    pub fn administer(&self, sql: &str) {
        let mut conn = diesel::PgConnection::establish(&self.url("postgres")).unwrap();
        conn.batch_execute(sql).unwrap();
    }

    /// The processes that serve a database.
    pub fn backends(&self, name: &str) -> Vec<i32> {
        #[derive(QueryableByName)]
        struct Backend {
            #[diesel(sql_type = Integer)]
            pid: i32,
        }
        let mut conn = diesel::PgConnection::establish(&self.url("postgres")).unwrap();
        let sql = format!("SELECT pid FROM pg_stat_activity WHERE datname = '{name}'");
        let backends: Vec<Backend> = sql_query(sql).load(&mut conn).unwrap();
        backends.into_iter().map(|backend| backend.pid).collect()
    }

    /// The socket it listens on.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(SOCKET)
    }

    /// The folder of the cluster: its `data`, its `log`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the programs are.
    pub fn binaries(&self) -> &Path {
        &self.binaries
    }
}

/// PostgreSQL refuses to run as root; then it runs as the machine's own account for it, or as nobody.
fn account_for_postgres() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    of("postgres").or_else(|| of("nobody"))
}

/// The folder of `initdb`: the newest installed version, or wherever the PATH finds it.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").exists())
        .collect();
    found.sort();
    found
        .pop()
        .map(|(_, folder)| folder)
        .or_else(|| env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").exists()))
}
