//! All documents of a run in one ZIP file, the same bytes for the same documents.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::File;

/// The name of the file with all documents.
pub const ARCHIVE: &str = "artifacts.zip";
/// The most bytes of documents that are packed; sessions keep fewer of results.
const BYTES_MAX: usize = 512 * 1024 * 1024;
/// Read and write for the owner, read for the rest.
const MODE: u32 = 0o644;

/// Why documents cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum Unpackable {
    /// Together they are too large.
    #[error("the documents have {0} bytes, more than are packed")]
    TooLarge(usize),
    /// The packer failed.
    #[error("the documents cannot be packed: {0}")]
    Broken(#[from] zip::result::ZipError),
}

impl From<std::io::Error> for Unpackable {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Packs files in their order. Their time is the first that the format knows, because a
/// document has none: made again, it is the same.
pub(super) fn pack(files: &[File]) -> Result<Vec<u8>, Unpackable> {
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    if bytes > BYTES_MAX {
        return Err(Unpackable::TooLarge(bytes));
    }
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        archive.start_file(file.name, options)?;
        archive.write_all(&file.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
