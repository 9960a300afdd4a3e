//! A backup taken under load restores to a state whose log is its stage, with everything that was acknowledged before it began
//! (reliability D6). `BACKUPS=50` takes fifty instead of a few.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use diesel::{QueryDsl as _, RunQueryDsl as _, connection::SimpleConnection as _};
use prospector::{
    clock::Clock,
    domain::values::id::Id,
    store::{
        db::{
            connection::{Engine, Purpose, Target},
            schema::prospects,
        },
        organisation::audit::list::{self, Filter},
    },
};
use serde_json::json;

use crate::harness::{
    Person, World,
    actors::PASSWORD,
    given::Prospect,
    running::{prospector, serve},
};

fn backups() -> usize {
    #[allow(clippy::disallowed_methods)] // how often to try is not a setting of the service
    let asked = std::env::var("BACKUPS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(4)
}

/// A folder with a database of its own, as the settings name it.
struct Place(PathBuf);

impl Place {
    fn of(world: &World) -> Self {
        Place(world.database.folder.path().to_owned())
    }

    fn empty(beside: &Path, name: &str) -> Self {
        let folder = beside.join(name);
        fs::create_dir(&folder).unwrap();
        Place(folder)
    }

    fn database(&self) -> PathBuf {
        self.0.join("prospector.db")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        prospector(arguments, &[("DATA_DIR", self.0.to_str().unwrap())])
    }

    /// What a command says that succeeds.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The one line of a command that is refused.
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }

    fn connect(&self) -> prospector::store::Conn {
        Target::Sqlite { path: self.database(), full_sync: false }.connect(Purpose::Write).unwrap()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Somebody with a few contacts in several columns, one of them erased.
fn filled(world: &World) -> Person {
    let cast = world.cast();
    for n in 0..5 {
        let mut p = Prospect::named(world, &cast.agent_a, &format!("王芳{n}"));
        p.fix_first(world, &cast.agent_a, "2009-12-14");
        if n == 4 {
            world.delete(&p.path("")).by(&cast.agent_a).if_match(p.version).status(204);
        }
    }
    cast.agent_a
}

/// So many more are written from one backup to the next.
const AHEAD: usize = 40;

/// Lets the writers end, also when the test fails.
struct Enough<'a>(&'a AtomicUsize);

impl Drop for Enough<'_> {
    fn drop(&mut self) {
        self.0.store(usize::MAX, Ordering::Relaxed);
    }
}

#[test]
fn a_backup_under_load_holds_what_was_acknowledged_before_and_its_log_is_its_stage() {
    let world = World::new(Engine::Sqlite).unwrap();
    let cast = world.cast();
    let (live, outside) = (Place::of(&world), tempfile::tempdir().unwrap());
    let (acknowledged, wanted) = (Mutex::new(Vec::new()), AtomicUsize::new(AHEAD));
    let written = |n: usize, by: &Person| {
        let mut p = Prospect::named(&world, by, &format!("王芳{n}"));
        if n.is_multiple_of(2) {
            p.fix_first(&world, by, "2009-12-14");
        }
        acknowledged.lock().unwrap().push(p.id);
    };
    let n_acknowledged = || acknowledged.lock().unwrap().len();
    thread::scope(|scope| {
        let _enough = Enough(&wanted);
        for by in [&cast.agent_a, &cast.peer, &cast.agent_b] {
            let (written, wanted, n_acknowledged) = (&written, &wanted, &n_acknowledged);
            scope.spawn(move || {
                for n in 0.. {
                    // Never so far ahead that the last backup is a hundred times the first.
                    while n_acknowledged() >= wanted.load(Ordering::Relaxed) {
                        thread::sleep(Duration::from_millis(1));
                    }
                    if wanted.load(Ordering::Relaxed) == usize::MAX {
                        return;
                    }
                    written(n, by);
                }
            });
        }
        for round in 0..backups() {
            while n_acknowledged() < AHEAD * round + AHEAD / 2 {
                thread::sleep(Duration::from_millis(1));
            }
            wanted.store(AHEAD * (round + 2), Ordering::Relaxed);
            let before = acknowledged.lock().unwrap().clone();
            let file = outside.path().join(format!("{round}.backup"));
            let said = live.says(&["backup", text(&file)]);
            assert!(said.contains("verified; the keys are in it"), "{said}");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            live.says(&["restore", text(&file), "--verify"]);

            let place = Place::empty(outside.path(), &format!("restored-{round}"));
            place.says(&["restore", text(&file)]);
            place.says(&["verify"]);
            let there: Vec<Id> = prospects::table.select(prospects::id).load(&mut place.connect()).unwrap();
            let there: HashSet<String> = there.iter().map(Id::to_string).collect();
            let lost = before.iter().filter(|id| !there.contains(*id)).count();
            assert_eq!(lost, 0, "of {} are lost", before.len());
        }
    });
    println!("{} backups, {} acknowledged", backups(), acknowledged.lock().unwrap().len());
}

#[test]
fn what_was_restored_is_served_under_the_same_passwords_and_keys() {
    let world = World::new(Engine::Sqlite).unwrap();
    let agent = filled(&world);
    world.clock.set(Clock::system().now());
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("backup");
    Place::of(&world).says(&["backup", text(&file)]);
    let place = Place::empty(outside.path(), "restored");
    place.says(&["restore", text(&file)]);
    assert!(fs::read_dir(&place.0).unwrap().all(|left| {
        let name = left.unwrap().file_name();
        name == "prospector.db" || name == "keys"
    }));
    for (path, mode) in
        [(place.database(), 0o600), (place.0.join("keys"), 0o700), (place.0.join("keys/secret"), 0o600)]
    {
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode, "{}", path.display());
    }
    let bytes = fs::read(place.database()).unwrap();
    let secret = fs::read(place.0.join("keys/secret")).unwrap();
    assert!(!bytes.windows(secret.len()).any(|part| part == secret), "a key stays in the database");

    let told = list::everything(&mut place.connect(), &Filter::default(), 1).unwrap();
    assert_eq!(told[0].action, "backup_made", "the copy tells of itself");
    let running = serve(&[], &[("DATA_DIR", text(&place.0))]);
    let ask = |method: &str, path: &str| {
        ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", running.address))
    };
    let client = ureq::Agent::new_with_defaults();
    let body = json!({"username": agent.username, "password": PASSWORD}).to_string();
    let login = ask("POST", "/v1/auth/login").header("Content-Type", "application/json").body(body).unwrap();
    let tokens: serde_json::Value = client.run(login).unwrap().body_mut().read_json().unwrap();
    let token = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let list = ask("GET", "/v1/prospects").header("Authorization", token).body(()).unwrap();
    let list: serde_json::Value = client.run(list).unwrap().body_mut().read_json().unwrap();
    assert_eq!(list["data"].as_array().unwrap().len(), 4);
}

#[test]
fn a_copy_that_is_damaged_or_whose_log_says_otherwise_is_never_put_in_place() {
    let world = World::new(Engine::Sqlite).unwrap();
    filled(&world);
    let outside = tempfile::tempdir().unwrap();
    let good = outside.path().join("good");
    Place::of(&world).says(&["backup", text(&good)]);
    let place = Place::empty(outside.path(), "place");
    let refused = |name: &str, spoil: &dyn Fn(&Path), words: &str| {
        let bad = outside.path().join(name);
        fs::copy(&good, &bad).unwrap();
        spoil(&bad);
        for arguments in [vec!["restore", text(&bad), "--verify"], vec!["restore", text(&bad)]] {
            let said = place.refuses(&arguments);
            assert!(said.contains(words), "{name}: {said}");
            assert!(fs::read_dir(&place.0).unwrap().next().is_none(), "{name}: something was written");
        }
    };
    let sql = |statement: &'static str| {
        move |bad: &Path| {
            let target = Target::Sqlite { path: bad.to_owned(), full_sync: false };
            target.connect(Purpose::Write).unwrap().batch_execute(statement).unwrap();
        }
    };
    refused("no database", &|bad| fs::write(bad, "王芳").unwrap(), "damaged");
    refused("cut", &|bad| fs::write(bad, &fs::read(&good).unwrap()[..20_000]).unwrap(), "damaged");
    refused(
        "holes",
        &|bad| {
            let mut bytes = fs::read(&good).unwrap();
            let middle = bytes.len() / 2;
            bytes[4096..middle].fill(0);
            fs::write(bad, bytes).unwrap();
        },
        "damaged",
    );
    refused("stage", &sql("UPDATE prospects SET stage = 'closed'"), "its stage is not the fold of its log");
    refused(
        "gap",
        &sql("DROP TRIGGER transitions_no_delete; DELETE FROM transitions WHERE seq = 1"),
        "its log has a gap",
    );
    refused(
        "orphan",
        &sql("PRAGMA foreign_keys = OFF; DELETE FROM users"),
        "refers to one that is not there",
    );
    refused("keys", &sql("DELETE FROM backup_files"), "another secret");
    refused(
        "path",
        &sql("UPDATE backup_files SET name = '../secret' WHERE name = 'secret'"),
        "no key of ours",
    );
    place.says(&["restore", text(&good)]);
}

#[test]
fn neither_a_backup_nor_a_restore_takes_the_place_of_anything() {
    let world = World::new(Engine::Sqlite).unwrap();
    filled(&world);
    let (live, outside) = (Place::of(&world), tempfile::tempdir().unwrap());
    let file = outside.path().join("backup");
    live.says(&["backup", text(&file)]);
    assert!(live.refuses(&["backup", text(&file)]).contains("is there already"));
    assert!(live.refuses(&["restore", text(&file)]).contains("there is a database"));
    assert!(live.refuses(&["restore", text(&outside.path().join("other"))]).contains("there is no file"));
    let place = Place::empty(outside.path(), "place");
    assert!(
        place.refuses(&["backup", text(&outside.path().join("nothing"))]).contains("there is no database")
    );
    assert!(place.refuses(&["verify"]).contains("there is no database"));
    fs::create_dir(place.0.join("keys")).unwrap();
    fs::write(place.0.join("keys/secret"), "another one").unwrap();
    assert!(place.refuses(&["restore", text(&file)]).contains("holds other keys"));
    assert!(!place.database().exists());
}

#[test]
fn keys_are_part_of_a_backup_or_it_says_so() {
    let world = World::new(Engine::Sqlite).unwrap();
    filled(&world);
    let (live, outside) = (Place::of(&world), tempfile::tempdir().unwrap());
    let file = outside.path().join("without");
    let said = live.says(&["backup", text(&file), "--without-keys"]);
    assert!(said.contains("the keys are not in it"), "{said}");
    let place = Place::empty(outside.path(), "place");
    assert!(place.refuses(&["restore", text(&file)]).contains("another secret"));
    assert!(!place.database().exists());
    fs::create_dir(place.0.join("keys")).unwrap();
    fs::copy(live.0.join("keys/secret"), place.0.join("keys/secret")).unwrap();
    place.says(&["restore", text(&file)]);

    fs::rename(live.0.join("keys"), live.0.join("lost")).unwrap();
    let said = live.refuses(&["backup", text(&outside.path().join("lost"))]);
    assert!(said.contains("there are no keys"), "{said}");
}

#[test]
fn postgresql_is_restored_from_a_dump_and_from_its_archive_and_verified() {
    let Some(world) = World::new(Engine::Postgres) else { return };
    let url = world.database.url();
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", text(world.database.folder.path()))];
    filled(&world);
    let said = prospector(&["verify"], &settings);
    assert_eq!(
        String::from_utf8_lossy(&said.stdout),
        "verified: 5 prospects and the 10 records of their logs\n"
    );
    let refused = prospector(&["backup", "/nowhere/file"], &settings);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("pg_dump") && said.lines().count() == 1, "{said}");

    let drill = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/drill-postgres");
    let output = Command::new(drill).arg(env!("CARGO_BIN_EXE_prospector")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "who waits is seen",
        "from the dump: verified: ",
        "from the archive: verified: ",
        "nothing acknowledged is lost",
    ] {
        assert!(said.contains(line), "{said}");
    }
}
