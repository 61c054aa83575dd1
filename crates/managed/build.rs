//! Takes the catalogue of AWS-managed policies into the build where `cargo xtask managed` has derived one.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // The folder's time changes when the file comes or goes.
    println!("cargo:rerun-if-changed=data");
    println!("cargo:rerun-if-changed=build.rs");
    let source = Path::new("data/policies.bin");
    if source.exists() {
        println!("cargo:rerun-if-changed=data/policies.bin");
    }
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&folder).join("policies.bin"), fs::read(source).unwrap_or_default())
}
