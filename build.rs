//! Packs what is built into the program, and the program itself: what is mapped counts as memory, too.

use std::env;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// What is embedded compressed: each `NAME` becomes `NAME.gz` below `OUT_DIR`.
const PACKED: [&str; 4] = [
    "assets/console",
    "assets/docs",
    "data/catalog.json",
    "data/requests",
];
/// What the page of the documentation loads of Swagger UI; it comes with as much again that it does not.
const SWAGGER_UI: [&str; 3] = ["index.css", "swagger-ui-bundle.js", "swagger-ui.css"];

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or(io::ErrorKind::NotFound)?;
    for path in PACKED {
        println!("cargo:rerun-if-changed={path}");
        pack_all(Path::new(path), &out)?;
    }
    pack_swagger_ui(&out)?;
    if has_packed_relocations() {
        // Half a megabyte of addresses that are set at the start, as bits.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}

/// Whether the system that builds, for itself, starts programs with packed relocations (`DT_RELR`): glibc does
/// since version 2.36.
fn has_packed_relocations() -> bool {
    if env::var_os("HOST") != env::var_os("TARGET") {
        return false;
    }
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let version = said.unwrap_or_default();
    let version = version.trim().strip_prefix("glibc ");
    let Some((major, minor)) = version.and_then(|version| version.split_once('.')) else {
        return false;
    };
    matches!((major.parse(), minor.parse()), (Ok(2_u32), Ok(36_u32..)))
}

/// Compresses a file, or all files of a folder.
fn pack_all(path: &Path, out: &Path) -> io::Result<()> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_for_each(|entry| pack_all(&entry?.path(), out));
    }
    pack(&mut File::open(path)?, path, out)
}

/// Compresses what the archive of Swagger UI holds of those files, as if it were in `swagger-ui/`.
fn pack_swagger_ui(out: &Path) -> io::Result<()> {
    let mut archive =
        ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).map_err(io::Error::other)?;
    let mut found = 0;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(io::Error::other)?;
        let path = file.enclosed_name().unwrap_or_default();
        let wanted = SWAGGER_UI
            .iter()
            .find(|name| path.ends_with(Path::new("dist").join(name)));
        if let Some(name) = wanted {
            pack(&mut file, &Path::new("swagger-ui").join(name), out)?;
            found += 1;
        }
    }
    if found == SWAGGER_UI.len() {
        Ok(())
    } else {
        Err(io::Error::other("Swagger UI has other files than expected"))
    }
}

fn pack(content: &mut impl Read, path: &Path, out: &Path) -> io::Result<()> {
    let packed = out.join(format!("{}.gz", path.display()));
    fs::create_dir_all(packed.parent().unwrap_or(out))?;
    let mut encoder = GzEncoder::new(File::create(packed)?, Compression::best());
    io::copy(content, &mut encoder)?;
    encoder.finish()?;
    Ok(())
}
