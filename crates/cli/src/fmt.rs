//! `doorward fmt`: the canonical form of policies.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use doorward_policy::display::position;
use doorward_policy::format::format;

use crate::document::{self, UNREADABLE};
use crate::failure::{Failure, Result};
use crate::output::{self, Style};

/// Arguments of `doorward fmt`.
#[derive(clap::Args)]
pub(crate) struct Fmt {
    /// Policies; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print nothing but the names of files that are not formatted
    #[arg(long)]
    check: bool,
    /// Write the files instead of printing their form
    #[arg(long, conflicts_with = "check")]
    write: bool,
}

impl Fmt {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let (mut code, mut unreadable) = (0, false);
        for file in &self.files {
            match self.file(file) {
                Ok(true) => {}
                Ok(false) => code = 1,
                Err(failure) => {
                    eprintln!("doorward: {failure}");
                    unreadable = true;
                }
            }
        }
        Ok(ExitCode::from(if unreadable { UNREADABLE } else { code }))
    }

    /// Formats one file; tells whether it is as it should be now.
    fn file(&self, path: &Path) -> Result<bool> {
        let text = document::read(path)?;
        let formatted = format(&text).map_err(|error| {
            let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
            let place = position(&text, offset);
            let excerpt =
                document::draw(&text, offset..offset.saturating_add(1), &error.message, false, Style::plain());
            let message = format_args!("{}:{}: not a policy\n{}", place.line, place.column, excerpt.trim_end());
            Failure::new(format!("{}:{message}", path.display()))
        })?;
        if self.check {
            if formatted != text {
                output::print(&format!("{}\n", output::safe(&path.display().to_string())))?;
            }
            return Ok(formatted == text);
        }
        if !self.write || document::is_stdin(path) {
            output::print(&formatted)?;
        } else if formatted != text {
            std::fs::write(path, formatted).map_err(|error| Failure::of_path("write", path, error))?;
        }
        Ok(true)
    }
}
