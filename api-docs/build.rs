//! Extracts the files of Swagger UI that the page needs from their package, and compresses them.

use std::error::Error;
use std::fs::File;
use std::io::{Cursor, copy};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const FILES: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

#[expect(clippy::disallowed_methods, reason = "Cargo tells a build where it writes")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var("OUT_DIR")?;
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let Some(file) = FILES.iter().find(|file| name.ends_with(&format!("/dist/{file}"))) else { continue };
        let target = File::create(Path::new(&folder).join(format!("{file}.gz")))?;
        let mut compressed = GzEncoder::new(target, Compression::best());
        copy(&mut entry, &mut compressed)?;
        compressed.finish()?;
    }
    Ok(())
}
