//! Lists the example sheets, so that the program carries them and `ingestd demo` needs no checkout.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("../../watch-dir.example");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut sheets: Vec<_> = fs::read_dir(&folder)
        .expect("the example sheets are checked in")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.is_file())
        .collect();
    sheets.sort();
    let mut list = String::from("[\n");
    for sheet in sheets {
        let sheet = sheet.canonicalize().expect("the sheet is there");
        let name = sheet
            .file_name()
            .and_then(|name| name.to_str())
            .expect("sheet names are plain text");
        writeln!(
            list,
            "({name:?}, include_bytes!({:?}).as_slice()),",
            sheet.to_str().expect("a plain path")
        )
        .expect("writing to a String never fails");
    }
    list.push(']');
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("example_sheets.rs");
    fs::write(out, list).expect("the build folder can be written");
}
