//! `prospector backup`, `prospector restore` and `prospector verify`: a copy that is known to be good before it is needed.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use diesel::Connection as _;

use super::terminal::say;
use crate::{
    app::{self, StartError},
    clock::{Clock, Ids},
    config::Config,
    domain::{exchange::event::Event, organisation::actor::ActedBy},
    security::keys::{self, Keys},
    store::{
        Conn, StoreError,
        db::{
            backup::{self, Kept},
            connection::{Engine, Purpose, Target},
            meta, migrate,
        },
        ledger::replay::{self, Replayed},
        organisation::audit,
    },
};

const POSTGRES: &str = "the database is PostgreSQL: back it up with pg_dump or its archive of WAL, as \
                        docs/operations/runbook.md shows; `prospector verify` checks what was restored";

/// Checks the database in use: for SQLite the file itself, and on both that the log says what the rows say.
pub(super) fn verify(config: &Config) -> Result<(), StartError> {
    let target = app::target(config)?;
    if let Target::Sqlite { path, .. } = &target {
        must_exist(path)?;
    }
    let replayed = verified(&mut target.connect(Purpose::Migrate)?)?;
    say(&format!("verified: {}", told(replayed)));
    Ok(())
}

fn told(replayed: Replayed) -> String {
    format!("{} prospects and the {} records of their logs", replayed.prospects, replayed.records)
}

fn verified(conn: &mut Conn) -> Result<Replayed, StartError> {
    migrate::check(conn)?;
    if conn.engine() == Engine::Sqlite {
        backup::check_integrity(conn)?;
    }
    let replayed: Result<Replayed, StoreError> = match conn {
        // One state of the database, whoever writes meanwhile.
        Conn::Postgres(_) => {
            use diesel::connection::SimpleConnection as _;
            conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .map_err(StoreError::from)?;
            let replayed = replay::replay(conn);
            conn.batch_execute("COMMIT").map_err(StoreError::from)?;
            replayed
        }
        Conn::Sqlite(_) => conn.transaction(replay::replay),
    };
    Ok(replayed?)
}

/// Copies the database in use into a new file, checks the copy, and puts the keys into it.
pub(super) fn back_up(config: &Config, file: &Path, without_keys: bool) -> Result<(), StartError> {
    let target = app::target(config)?;
    let Target::Sqlite { path, .. } = &target else { return Err(StartError::Refused(POSTGRES.to_owned())) };
    must_exist(path)?;
    if file.exists() {
        return Err(StartError::Refused(format!("{} is there already; nothing was written", file.display())));
    }
    let keys = if without_keys { Vec::new() } else { key_files(config)? };
    let ids = Ids;
    let live = &mut target.connect(Purpose::Write)?;
    migrate::check(live)?;
    // Before the copy, so that the copy tells of itself.
    let made = Event::BackupMade { backup_id: ids.id() };
    audit::record(live, ids, Clock::system().now(), ActedBy::System, &[made])?;
    let part = Staged::file(file)?;
    backup::copy_into(live, &part.0)?;
    let copy = Target::Sqlite { path: part.0.clone(), full_sync: true };
    let conn = &mut copy.connect(Purpose::Write)?;
    let replayed = verified(conn)?;
    if !keys.is_empty() {
        backup::keep(conn, &keys)?;
    }
    backup::settle(conn)?;
    let fault = |error| wrong(file, error);
    File::open(&part.0).and_then(|copy| copy.sync_all()).map_err(fault)?;
    fs::hard_link(&part.0, file).map_err(fault)?;
    drop(part);
    sync_folder(file).map_err(fault)?;
    say(&format!("{}: {}, verified; {}", file.display(), told(replayed), about_keys(config, &keys)));
    Ok(())
}

fn about_keys(config: &Config, keys: &[Kept]) -> String {
    match (keys.len(), &config.secret_key) {
        (0, None) => {
            "the keys are not in it: keep a copy of KEYS_DIR, nothing can be restored without".to_owned()
        }
        (0, Some(_)) => "the keys are not in it: keep SECRET_KEY, nothing can be restored without".to_owned(),
        (_, None) => "the keys are in it: keep it as safe as they are".to_owned(),
        (_, Some(_)) => "the signing keys are in it, the secret is not: keep SECRET_KEY".to_owned(),
    }
}

/// The files of the keys.
fn key_files(config: &Config) -> Result<Vec<Kept>, StartError> {
    let folder = &config.keys_dir;
    let fault = |error| wrong(folder, error);
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_plain(&name) && entry.file_type().map_err(fault)?.is_file() {
                files.push(Kept { name, content: fs::read(entry.path()).map_err(fault)? });
            }
        }
    }
    if config.secret_key.is_none() && !files.iter().any(|file| file.name == keys::SECRET_FILE) {
        return Err(StartError::Refused(format!(
            "there are no keys in {} (KEYS_DIR), and nothing can be restored without; `--without-keys` leaves them out",
            folder.display()
        )));
    }
    Ok(files)
}

/// What a copy holds must not be written anywhere but into the folder of the keys.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Checks a copy, and unless that was all, puts it in place: never over a database or over other keys.
pub(super) fn restore(config: &Config, file: &Path, verify_only: bool) -> Result<(), StartError> {
    let target = app::target(config)?;
    let Target::Sqlite { path, full_sync } = &target else {
        return Err(StartError::Refused(POSTGRES.to_owned()));
    };
    if !file.is_file() {
        return Err(StartError::Refused(format!("there is no file {}", file.display())));
    }
    if !verify_only && path.exists() {
        return Err(StartError::Refused(format!(
            "there is a database at {} already; nothing was changed. Move it away first",
            path.display()
        )));
    }
    let beside = if verify_only { std::env::temp_dir() } else { folder_of(path) };
    let staged = Staged::folder(&beside)?;
    let copy = staged.0.join("prospector.db");
    let fault = |error| wrong(&copy, error);
    private(&copy).and_then(|mut to| io::copy(&mut File::open(file)?, &mut to)).map_err(fault)?;
    let mine = Target::Sqlite { path: copy.clone(), full_sync: *full_sync };
    let (replayed, keys) = ready(config, &mine, &staged.0)?;
    if verify_only {
        say(&format!("{}: {}, verified; nothing was written", file.display(), told(replayed)));
        return Ok(());
    }
    place_keys(config, &keys)?;
    File::open(&copy).and_then(|copy| copy.sync_all()).map_err(fault)?;
    // A link, not a rename: it takes the place of nothing.
    fs::hard_link(&copy, path).map_err(fault)?;
    sync_folder(path).map_err(fault)?;
    say(&format!("{}: {}, verified and restored", path.display(), told(replayed)));
    Ok(())
}

/// Brings a copy into the state in which it can be used, and checks it and its keys.
fn ready(config: &Config, copy: &Target, folder: &Path) -> Result<(Replayed, Vec<Kept>), StartError> {
    // Soundness first: what is damaged is not migrated.
    let sound = copy.connect(Purpose::Write).and_then(|mut conn| backup::check_integrity(&mut conn));
    sound.map_err(|error| match error {
        StoreError::Database(_) => StoreError::Corrupt("the file is damaged, or no database".to_owned()),
        other => other,
    })?;
    let keys = backup::take(&mut copy.connect(Purpose::Write)?)?;
    migrate::run(copy)?;
    let conn = &mut copy.connect(Purpose::Write)?;
    let replayed = verified(conn)?;
    let fingerprint = meta::get(conn, meta::KEY_FINGERPRINT)?;
    backup::settle(conn)?;
    let mut with = config.clone();
    if keys.iter().any(|key| key.name == keys::SECRET_FILE) {
        with.secret_key = None;
    }
    if !keys.is_empty() {
        with.keys_dir = folder.join("keys");
        write_all(&with.keys_dir, &keys)?;
    }
    if let Some(fingerprint) = fingerprint {
        Keys::check(&with, &fingerprint)?;
    }
    Ok((replayed, keys))
}

fn place_keys(config: &Config, keys: &[Kept]) -> Result<(), StartError> {
    let other = keys.iter().find(|key| {
        let there = fs::read(config.keys_dir.join(&key.name));
        there.is_ok_and(|there| there != key.content)
    });
    if other.is_some() {
        return Err(StartError::Refused(format!(
            "{} (KEYS_DIR) holds other keys than the backup; nothing was changed. Move them away first",
            config.keys_dir.display()
        )));
    }
    write_all(&config.keys_dir, keys)
}

fn write_all(folder: &Path, files: &[Kept]) -> Result<(), StartError> {
    if files.is_empty() {
        return Ok(());
    }
    let fault = |error| wrong(folder, error);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fault)?;
    for file in files {
        if !is_plain(&file.name) {
            return Err(StartError::Refused("the backup holds a file that is no key of ours".to_owned()));
        }
        let text = String::from_utf8_lossy(&file.content);
        keys::write_private(folder, &folder.join(&file.name), &text, Ids).map_err(fault)?;
    }
    Ok(())
}

fn must_exist(path: &Path) -> Result<(), StartError> {
    if path.is_file() {
        return Ok(());
    }
    Err(StartError::Refused(format!("there is no database at {}", path.display())))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn wrong(path: &Path, error: io::Error) -> StartError {
    StartError::Refused(format!("cannot use {}: {error}", path.display()))
}

/// A file or a folder that is gone when we are done with it.
struct Staged(PathBuf);

impl Staged {
    /// An empty file beside the one that is wanted.
    fn file(wanted: &Path) -> Result<Self, StartError> {
        let name = wanted.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let part = folder_of(wanted).join(format!(".{name}-{}", Ids.id()));
        private(&part).map_err(|error| wrong(wanted, error))?;
        Ok(Staged(part))
    }

    /// An empty folder.
    fn folder(beside: &Path) -> Result<Self, StartError> {
        let folder = beside.join(format!(".prospector-restore-{}", Ids.id()));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| wrong(beside, error))?;
        Ok(Staged(folder))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.0.is_dir() {
            let _ = fs::remove_dir_all(&self.0);
        } else {
            let _ = fs::remove_file(&self.0);
            for log in ["-wal", "-shm"] {
                let _ = fs::remove_file(format!("{}{log}", self.0.display()));
            }
        }
    }
}
