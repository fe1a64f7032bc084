//! Files that cannot be used, put aside for somebody to look at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// How many files are kept aside; the newest.
const ASIDE_MAX: usize = 3;

/// Why a file is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It cannot be read.
    Bad,
    /// A later version has written it.
    Newer,
}

impl Reason {
    const ALL: [Self; 2] = [Self::Bad, Self::Newer];

    fn word(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Newer => "newer",
        }
    }
}

/// Renames a file to `NAME.bad-TIME` or `NAME.newer-TIME`, by UTC, and removes all but the newest of
/// those; the new name.
pub(super) fn set_aside(file: &Path, reason: Reason) -> io::Result<PathBuf> {
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%S%6fZ");
    let aside = beside(file, &format!("{}-{time}", reason.word()));
    fs::rename(file, &aside)?;
    // What cannot be removed is for the next time.
    let _ = remove_oldest(file);
    Ok(aside)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn remove_oldest(file: &Path) -> io::Result<()> {
    let mut aside: Vec<(String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(file.parent().unwrap_or(Path::new(".")))? {
        let path = entry?.path();
        let of_reason = |reason: Reason| {
            let start = beside(file, &format!("{}-", reason.word()));
            let time = path.to_str()?.strip_prefix(start.to_str()?)?;
            Some(time.to_owned())
        };
        if let Some(time) = Reason::ALL.into_iter().find_map(of_reason) {
            aside.push((time, path));
        }
    }
    aside.sort();
    let too_many = aside.len().saturating_sub(ASIDE_MAX);
    aside
        .into_iter()
        .take(too_many)
        .try_for_each(|(_, path)| fs::remove_file(path))
}
