//! Files and folders that nobody else on the machine may read: the data folder, the embedded database, the keys.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
/// Any right of anybody else.
const OTHERS: u32 = 0o077;
/// A folder that everybody may put files into, such as `/tmp`: not ours to close.
const STICKY: u32 = 0o1000;

/// Makes a folder that only we may enter, and those above it that are missing; one that is there and stands open is closed,
/// and said to have been.
///
/// # Errors
/// When it cannot be made.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)?;
    close(path, FOLDER);
    Ok(())
}

/// Closes a folder that is there.
pub fn standing_folder(path: &Path) {
    close(path, FOLDER);
}

/// Closes every file of a folder.
pub fn files_in(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            close(&entry.path(), FILE);
        }
    }
}

/// Makes the empty file of an embedded database, if there is none.
pub fn database(path: &Path) {
    // Where that is not possible, the database says so in its own words.
    let _ = OpenOptions::new().create(true).append(true).mode(FILE).open(path);
}

/// Closes the file of an embedded database, and what the database keeps beside it, which takes the rights of the file.
pub fn standing_database(path: &Path) {
    for beside in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(beside);
        close(&PathBuf::from(name), FILE);
    }
}

/// Takes away whatever others may do, and says that they could.
fn close(path: &Path, wanted: u32) {
    let Ok(mode) = fs::metadata(path).map(|about| about.permissions().mode()) else { return };
    if mode & OTHERS == 0 {
        return;
    }
    let (path_is, was) = (path.display(), format!("{:o}", mode & 0o777));
    if mode & STICKY != 0 {
        tracing::warn!(path = %path_is, was, "everybody may use this folder; give the data one of its own");
        return;
    }
    match fs::set_permissions(path, Permissions::from_mode(wanted)) {
        Ok(()) => {
            tracing::warn!(path = %path_is, was, now = format!("{wanted:o}"), "others could read this; closed")
        }
        Err(error) => {
            tracing::warn!(path = %path_is, was, %error, "others can read this, and it cannot be closed")
        }
    }
}
