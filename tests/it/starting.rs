//! Starting the binary: it works, or it says in one line why not.

use std::{fs, net::TcpListener};

use crate::harness::{
    both, people,
    running::{prospector, serve},
};

#[track_caller]
fn refuses(arguments: &[&str], settings: &[(&str, &str)], words: &[&str]) {
    // Without what the log says of folders that stood open.
    let settings = [settings, &[("LOG_LEVEL", "error")]].concat();
    let output = prospector(arguments, &settings);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
}

#[test]
fn the_service_answers() {
    both(|world| {
        world.get("/livez").status(200);
    });
}

#[test]
fn a_wrong_address_of_the_database_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let with = |url| [("DATABASE_URL", url), ("DATA_DIR", data), ("BIND", "127.0.0.1:0")];
    refuses(&["serve"], &with("mysql://root@localhost/x"), &["unknown scheme", "postgres://"]);
    refuses(&["serve"], &with("prospector.db"), &["no scheme", "sqlite:PATH"]);
    refuses(&["serve"], &with("sqlite:/no/such/folder/x.db"), &["cannot open"]);
    refuses(&["serve"], &with("postgres://nobody:secret@127.0.0.1:1/x"), &["cannot connect to PostgreSQL"]);
}

#[test]
fn every_faulty_setting_is_told_at_once() {
    let settings = [("BIND", "nowhere"), ("DB_THREADS", "many"), ("CORS_ORIGINS", "*")];
    refuses(&["serve"], &settings, &["BIND", "DB_THREADS", "CORS_ORIGINS"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let data = file.join("data");
    refuses(
        &["serve"],
        &[("DATA_DIR", data.to_str().unwrap()), ("BIND", "127.0.0.1:0")],
        &["cannot write to the folder"],
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "in the way");
}

#[test]
fn a_port_in_use_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refuses(
        &["serve"],
        &[("DATA_DIR", data.to_str().unwrap()), ("BIND", &address)],
        &["cannot listen on", &address],
    );
    assert!(!data.exists());
}

#[test]
fn another_secret_than_the_databases_is_refused() {
    both(|world| {
        let url = world.database.url();
        let folder = tempfile::tempdir().unwrap();
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("DATA_DIR", folder.path().to_str().unwrap()),
            ("BIND", "127.0.0.1:0"),
        ];
        refuses(&["serve"], &settings, &["another secret", "KEYS_DIR"]);
    });
}

#[test]
fn every_setting_of_the_table_is_read() {
    // The table feeds the help and the README; a setting that nobody reads would be a lie there.
    let read = std::sync::Mutex::new(Vec::new());
    prospector::config::Config::read(|name| {
        read.lock().unwrap().push(name.to_owned());
        None
    })
    .unwrap();
    let read = read.into_inner().unwrap();
    for setting in prospector::config::SETTINGS {
        assert!(read.iter().any(|name| name == setting.name), "{} is not read", setting.name);
    }
}

#[test]
fn threads_follow_the_machine_until_a_setting_says_how_many() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let threads = |set: Option<&'static str>| {
        let named = |name: &str| set.filter(|_| ["HTTP_WORKERS", "DB_THREADS"].contains(&name));
        let config = prospector::config::Config::read(|name| named(name).map(str::to_owned)).unwrap();
        (config.http_workers, config.db_threads)
    };
    assert_eq!(threads(None), (cores.min(64), (2 * cores).clamp(4, 64)));
    assert_eq!(threads(Some("3")), (3, 3));
}

#[test]
fn the_first_supervisor_is_made_at_the_command_line() {
    both(|world| {
        let url = world.database.url();
        let data = world.database.folder.path().to_str().unwrap().to_owned();
        let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", data.as_str())];
        let made = prospector(&["user", "create", "anna", "--team", "一部"], &settings);
        let said = String::from_utf8(made.stdout).unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert!(said.starts_with("user anna (supervisor) in the team 一部"), "{said}");
        let password = said.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
        let login = serde_json::json!({"username": "anna", "password": password});
        let token = world.post("/v1/auth/login", login.clone()).status(200);
        refuses(&["user", "create", "anna"], &settings, &["the user name anna is taken"]);
        assert!(prospector(&["user", "disable", "anna"], &settings).status.success());
        world.post("/v1/auth/login", login).status(401);
        drop(token);
        refuses(&["user", "disable", "nobody"], &settings, &["no such user"]);
    });
}

#[test]
fn names_at_the_command_line_keep_the_rules_of_those_in_bodies() {
    both(|world| {
        let url = world.database.url();
        let data = world.database.folder.path().to_str().unwrap().to_owned();
        let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", data.as_str())];
        let long = "x".repeat(101);
        for wrong in [" ", "\u{200B}", "a\nb", "a\u{7}b", &long] {
            refuses(&["user", "create", "anna", "--name", wrong], &settings, &["--name takes", "not blank"]);
            refuses(&["user", "create", "anna", "--team", wrong], &settings, &["--team takes", "not blank"]);
        }
        let create = |name: &str, team: &str| {
            let made =
                prospector(&["user", "create", name, "--name", " Mu\u{308}ller ", "--team", team], &settings);
            String::from_utf8(made.stdout).unwrap()
        };
        assert!(create("anna", " Te\u{301}am ").contains("in the team Téam"));
        // In another spelling it is the same team.
        assert!(create("berta", "ＴÉＡＭ").contains("in the team Téam"));
        let found = world.app.db.read_blocking(|conn| {
            prospector::store::organisation::users::by_username(conn, &"anna".parse().unwrap())
        });
        assert_eq!(found.unwrap().display_name, "Müller");
        people::team(&world, None);
        assert!(create("carl", "TEAM").contains("in the team team"));
        people::team(&world, None);
        refuses(&["user", "create", "cora"], &settings, &["several teams", "--team NAME or --team ID"]);
        refuses(
            &["user", "create", "cora", "--team", "Team"],
            &settings,
            &["several teams are called", "--team ID"],
        );
        refuses(&["user", "create", "cora", "--team", "Tam"], &settings, &["there is no team \"Tam\""]);
    });
}

fn login(address: &str, username: &str) -> (serde_json::Value, Option<String>) {
    let body = serde_json::json!({"username": username, "password": "prospector-demo"});
    let mut answer = ureq::post(format!("http://{address}/v1/auth/login")).send_json(body).unwrap();
    let date = answer.headers().get("business-date").map(|value| value.to_str().unwrap().to_owned());
    (answer.body_mut().read_json().unwrap(), date)
}

#[test]
fn the_demo_is_loaded_once_and_its_business_date_only_goes_forward() {
    both(|world| {
        let Some(database) = crate::harness::database::Database::blank(world.engine) else { return };
        let url = database.url();
        let data = database.folder.path().to_str().unwrap().to_owned();
        let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", data.as_str())];
        {
            let running = serve(&["--demo", "--today", "2009-12-14"], &settings);
            assert!(running.said.iter().any(|line| line.contains("curl ")), "{:?}", running.said);
            let users =
                ["supervisor-a", "supervisor-b", "yang.xiaoling", "shi.haibing", "agent-a", "agent-b"];
            for user in users {
                let (_, date) = login(&running.address, user);
                assert_eq!(date.as_deref(), Some("2009-12-14"), "{user}");
            }
        }
        {
            let running = serve(&["--demo", "--today", "2010-01-04"], &settings);
            assert!(running.said.iter().any(|line| line.contains("already")), "{:?}", running.said);
            assert_eq!(login(&running.address, "agent-a").1.as_deref(), Some("2010-01-04"));
        }
        refuses(
            &["serve", "--demo", "--today", "2009-12-31"],
            &[settings[0], settings[1], ("BIND", "127.0.0.1:0")],
            &["2010-01-04", "forward"],
        );
        // Without --today the demo keeps its own time.
        let running = serve(&["--demo"], &settings);
        assert_eq!(login(&running.address, "agent-a").1.as_deref(), Some("2010-01-04"));
    });
}

#[test]
fn the_demo_is_refused_by_a_database_with_other_data() {
    both(|world| {
        world.cast();
        let url = world.database.url();
        let data = world.database.folder.path().to_str().unwrap().to_owned();
        let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", data.as_str()), ("BIND", "127.0.0.1:0")];
        refuses(&["serve", "--demo"], &settings, &["not the demo", "nothing was changed"]);
        refuses(&["serve", "--today", "2009-12-14"], &settings, &["--demo"]);
    });
}
