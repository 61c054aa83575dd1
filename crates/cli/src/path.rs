//! How a person in another terminal reaches this very program.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of this program, unless the search path leads to it anyway.
pub(crate) fn folder_to_add() -> Option<PathBuf> {
    let program = env::current_exe().ok()?.canonicalize().ok()?;
    let folder = program.parent()?.to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let first = env::split_paths(&path).map(|folder| folder.join("doorward")).find(|found| found.is_file());
    let leads_here = first.and_then(|found| found.canonicalize().ok()).is_some_and(|found| found == program);
    (!leads_here).then_some(folder)
}

/// What to type for this program: its name where the search path leads to it, else where it lies, as seen from the
/// working directory where that is shorter.
pub(crate) fn command() -> String {
    let Some(folder) = folder_to_add() else { return "doorward".to_owned() };
    let program = folder.join("doorward");
    let here = env::current_dir().and_then(|here| here.canonicalize());
    let inside = here.ok().and_then(|here| program.strip_prefix(here).map(Path::to_owned).ok());
    let shown = inside.map_or(program, |inside| Path::new(".").join(inside));
    shown.display().to_string()
}
