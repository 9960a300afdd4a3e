//! P5: nobody else on the machine reads the data, the keys or, in a start error, a password.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use crate::harness::running::{prospector, serve, serve_logging_to};

/// What others may do with everything in a folder, and with itself: `(path, rights)` of those who may anything.
fn open_to_others(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut all = vec![folder.to_owned()];
    while let Some(path) = all.pop() {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        if mode & 0o077 != 0 {
            found.push((path.display().to_string(), format!("{:o}", mode & 0o777)));
        }
        if path.is_dir() {
            all.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_the_service_makes_is_for_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("above").join("data");
    let settings = [("DATA_DIR", data.to_str().unwrap())];
    let running = serve(&[], &settings);
    // The write-ahead log and its index are there while the service runs.
    for name in ["prospector.db", "prospector.db-wal", "prospector.db-shm", "keys/secret"] {
        assert!(data.join(name).exists(), "{name}");
    }
    assert_eq!(open_to_others(&data), []);
    drop(running);
}

#[test]
fn what_stood_open_is_closed_and_said_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let settings = [("DATA_DIR", data.to_str().unwrap())];
    assert!(prospector(&["migrate"], &settings).status.success());
    drop(serve(&[], &settings));
    let opened = [("", 0o755), ("prospector.db", 0o644), ("keys", 0o755), ("keys/secret", 0o644)];
    for (name, mode) in opened {
        open(&data.join(name), mode);
    }
    let log = folder.path().join("log");
    drop(serve_logging_to(File::create(&log).unwrap(), &settings));
    assert_eq!(open_to_others(&data), []);
    let said = fs::read_to_string(&log).unwrap();
    let closed: Vec<&str> = said.lines().filter(|line| line.contains("others could read this")).collect();
    assert_eq!(closed.len(), opened.len(), "{said}");
    assert!(closed.iter().any(|line| line.contains("755") && line.contains("700")), "{said}");
    assert!(closed.iter().any(|line| line.contains("prospector.db\"") && line.contains("600")), "{said}");
}

#[test]
fn no_start_error_tells_what_an_address_or_a_setting_holds() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let hidden = "s3kret";
    let addresses = [
        "postgres//user:s3kret@localhost/x",
        "s3kret:5432",
        "s3kret",
        "postgres:s3kret@localhost/x",
        "postgres://user:s3kret@word@localhost/x",
        "postgres://user:s3kret/word@localhost/x",
        "postgres://user:s3kret#word@127.0.0.1:1/x",
        "postgres://user:s3kret@127.0.0.1:1/x?sslmode=s3kret",
        "postgres://user:s3kret@127.0.0.1:s3kret/x",
        "postgres://user:s3kret@127.0.0.1:1/x?pass=s3kret",
        "postgres://user:s3kret@127.0.0.1:1/x?keepalives=s3kret",
        "postgres://user:s3kret@127.0.0.1:1/x",
        "postgres://user:s%33kret@127.0.0.1:1/x",
    ];
    let cases = addresses.map(|url| ("DATABASE_URL", url)).into_iter().chain([
        ("BIND", "postgres://user:s3kret@localhost/x"),
        ("DB_THREADS", "password=s3kret"),
        ("CORS_ORIGINS", "https://user:s3kret@localhost/x"),
        ("SECRET_KEY", "s3kret"),
    ]);
    for (name, value) in cases {
        let mut settings = vec![("DATA_DIR", data), (name, value)];
        if name != "BIND" {
            settings.push(("BIND", "127.0.0.1:0"));
        }
        let output = prospector(&["serve"], &settings);
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(!output.status.success(), "{name}={value}");
        assert!(!said.contains(hidden) && !said.contains("s%33kret"), "{name}={value}: {said}");
        assert!(
            said.contains(name) || said.contains("cannot connect to PostgreSQL"),
            "{name}={value}: {said}"
        );
    }
}
