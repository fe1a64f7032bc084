//! Files written whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::artifacts::{ARCHIVE, File};

/// Why documents cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The directory cannot be made.
    #[error("--out: {} cannot be made: {cause}", directory.display())]
    NoDirectory {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Files are there already.
    #[error("--out: {} holds {names} already; --force overwrites", directory.display())]
    There {
        /// The directory.
        directory: PathBuf,
        /// Their names.
        names: String,
    },
    /// A file cannot be written.
    #[error("--out: {} cannot be written: {cause}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
}

/// Writes all files into a directory. Each is complete under another name before any gets
/// its own, so a failure leaves no half file, and nothing of this under other names.
pub(super) fn write(directory: &Path, files: &[File], force: bool) -> Result<(), WriteError> {
    fs::create_dir_all(directory).map_err(|cause| WriteError::NoDirectory {
        directory: directory.to_owned(),
        cause,
    })?;
    // The archive of an earlier run would not be of this one.
    let with_archive = files.iter().any(|file| file.name == ARCHIVE);
    let names = files.iter().map(|file| file.name);
    let there: Vec<&str> = names
        .chain((!with_archive).then_some(ARCHIVE))
        .filter(|name| fs::symlink_metadata(directory.join(name)).is_ok())
        .collect();
    if !there.is_empty() && !force {
        return Err(WriteError::There {
            directory: directory.to_owned(),
            names: there.join(", "),
        });
    }
    // Before anything has its new name: half of a run beside half of another is worse than either.
    if let Some(file) = files.iter().find(|file| directory.join(file.name).is_dir()) {
        return Err(WriteError::Unwritable {
            file: directory.join(file.name),
            cause: std::io::ErrorKind::IsADirectory.into(),
        });
    }
    let mut unfinished = Unfinished(Vec::new());
    for file in files {
        let temporary = directory.join(format!(".{}.{}.part", file.name, std::process::id()));
        unfinished.0.push(temporary.clone());
        complete(&temporary, &file.bytes).map_err(|cause| WriteError::Unwritable {
            file: directory.join(file.name),
            cause,
        })?;
    }
    for (file, temporary) in files.iter().zip(&unfinished.0) {
        let target = directory.join(file.name);
        fs::rename(temporary, &target).map_err(|cause| WriteError::Unwritable {
            file: target,
            cause,
        })?;
    }
    if !with_archive {
        remove(&directory.join(ARCHIVE))?;
    }
    Ok(())
}

fn remove(file: &Path) -> Result<(), WriteError> {
    match fs::remove_file(file) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(WriteError::Unwritable {
            file: file.to_owned(),
            cause,
        }),
        _ => Ok(()),
    }
}

fn complete(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Files under other names than their own, removed with this.
struct Unfinished(Vec<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in &self.0 {
            // Those that got their own names are not there any more.
            let _gone = fs::remove_file(path);
        }
    }
}
