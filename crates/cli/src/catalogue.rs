//! `doorward catalogue`: the AWS-managed policies of an installation.
//!
//! A build carries them where it was made with `cargo xtask`. One that was made without, or whose policies are old, reads
//! them from a file in the installation's directory, which `import` writes.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use doorward_directory::Catalogue;
use serde_json::json;

use crate::failure::{Failure, Result};
use crate::output;

/// The imported catalogue in an installation's directory.
const FILE: &str = "aws-managed-policies";
/// No source is larger, in bytes.
const MAX_SOURCE: u64 = 64 << 20;

/// Verbs of `doorward catalogue`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show which AWS-managed policies an installation has
    Show {
        /// Directory of the installation; without it, what this build carries is shown
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give an installation the AWS-managed policies of a file; a running server uses them after its next start
    #[command(after_help = "The file is moto/iam/aws_managed_policies.py of the Python package moto:\n\n  \
        pip download --no-deps moto\n  \
        unzip -p moto-*.whl moto/iam/aws_managed_policies.py | doorward catalogue import - --data DIR")]
    Import {
        /// `aws_managed_policies.py`, or a catalogue that was exported from another installation; `-` reads standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Directory of the installation
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// What the policies are called in `show`, such as `moto 5.2.5`; by default the file's name
        #[arg(long, value_name = "TEXT")]
        source: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Command::Show { data, json } => show(&of(data.as_deref())?, json)?,
            Command::Import { file, data, source, json } => {
                let bytes = read(&file)?;
                let source = source.unwrap_or_else(|| file.display().to_string());
                let (catalogue, bytes) = understood(bytes, &source)
                    .map_err(|failure| Failure::new(format!("{} cannot be imported: {failure}", file.display())))?;
                if !data.join("store").is_dir() {
                    let data = data.display();
                    let mend = format!("make one with `doorward init --data {data}`");
                    return Err(Failure::new(format!("there is no installation in {data}: {mend}")));
                }
                write(&data, &bytes)?;
                show(&catalogue, json)?;
            }
        }
        crate::done()
    }
}

/// The catalogue of an installation: the imported one, or else the build's; none where there is neither.
pub(crate) fn of(data: Option<&Path>) -> Result<Catalogue> {
    let imported = data.map(|data| data.join(FILE));
    match imported.as_ref().map(fs::read) {
        Some(Ok(bytes)) => Catalogue::open(bytes).map_err(|error| {
            let path = imported.as_deref().unwrap_or(Path::new(FILE)).display();
            Failure::new(format!("{path}: {error}; import it again with `doorward catalogue import`, or remove it"))
        }),
        Some(Err(error)) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::of_path("read", imported.as_deref().unwrap_or(Path::new(FILE)), error))
        }
        _ => Ok(doorward_managed::embedded().map(Catalogue::open).transpose()?.unwrap_or_default()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().lock().take(MAX_SOURCE).read_to_end(&mut bytes),
        _ => File::open(file).and_then(|opened| opened.take(MAX_SOURCE).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Failure::of_path("read", file, error))?;
    Ok(bytes)
}

/// A catalogue as it is, or one derived from the package's text.
fn understood(bytes: Vec<u8>, source: &str) -> Result<(Catalogue, Vec<u8>)> {
    let bytes = match std::str::from_utf8(&bytes) {
        Ok(text) => doorward_managed::derive(text, source)?,
        Err(_) => bytes,
    };
    Ok((Catalogue::open(bytes.clone())?, bytes))
}

/// Writes beside and renames, so that a server that starts meanwhile finds the one or the other.
fn write(data: &Path, bytes: &[u8]) -> Result<()> {
    let (path, beside) = (data.join(FILE), data.join(format!("{FILE}.new")));
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&beside, &path))
        .and_then(|()| File::open(data)?.sync_all())
        .map_err(|error| Failure::of_path("write", &path, error))
}

fn show(catalogue: &Catalogue, as_json: bool) -> Result<()> {
    let (source, policies) = (catalogue.source(), catalogue.len());
    if as_json {
        return output::print_json(&json!({ "source": source, "policies": policies }));
    }
    output::print(&match source {
        Some(source) => format!("{policies} AWS-managed policies, from {source}\n"),
        None => "no AWS-managed policies: see `doorward catalogue import --help`\n".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"x = """{"Admin":{"CreateDate":"2015-02-06T18:39:46+00:00","DefaultVersionId":"v1","Document":{"Statement":[]},"Path":"/","UpdateDate":"2015-02-06T18:39:46+00:00"}}""""#;

    #[test]
    fn an_imported_catalogue_is_the_installations() {
        let data = tempfile::tempdir().unwrap();
        let (_, bytes) = understood(TEXT.into(), "somewhere").unwrap();
        // What was imported once can be imported elsewhere as it is.
        let (catalogue, again) = understood(bytes.clone(), "elsewhere").unwrap();
        assert_eq!((catalogue.source(), &again), (Some("somewhere"), &bytes));
        write(data.path(), &bytes).unwrap();
        let found = of(Some(data.path())).unwrap();
        assert_eq!((found.source(), found.len()), (Some("somewhere"), 1));
    }

    #[test]
    fn a_damaged_one_is_refused_with_the_mend() {
        let data = tempfile::tempdir().unwrap();
        let (_, mut bytes) = understood(TEXT.into(), "somewhere").unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        write(data.path(), &bytes).unwrap();
        let refused = of(Some(data.path())).unwrap_err().to_string();
        assert!(refused.contains("damaged") && refused.contains("doorward catalogue import"), "{refused}");
        assert!(understood(bytes, "").is_err());
        assert!(understood(b"hello".to_vec(), "").is_err());
    }
}
