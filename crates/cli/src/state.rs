//! The state file of `serve --dev`: how the other verbs find this user's running server, and the demo credentials.
//!
//! One file for each server, in a directory that only this user can enter. The server holds a lock on its file as long
//! as it runs, so a file that is not locked is what a killed server left behind.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::secret::{AccessKey, Secret};

#[cfg(test)]
mod tests;

/// The largest state file that is read.
const BYTES_MAX: u64 = 256 * 1024;
/// How the directories of temporary stores are called.
pub(crate) const DATA_PREFIX: &str = "doorward-dev-";

/// A running `serve --dev`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DevServer {
    /// `http://127.0.0.1:4460`
    pub endpoint: String,
    /// The process id.
    pub pid: u32,
    /// When it became ready.
    pub started: Timestamp,
    /// The directory of the temporary store.
    pub data: PathBuf,
    /// The demo account.
    pub account_id: String,
    /// The demo users and `root`, by name.
    pub users: BTreeMap<String, User>,
    /// The demo roles, by name.
    pub roles: BTreeMap<String, Role>,
}

/// A demo user, or the root user.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct User {
    /// The ARN.
    pub arn: String,
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
}

/// A demo role.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Role {
    /// The ARN.
    pub arn: String,
    /// The demo user who may assume it.
    pub assumed_by: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
}

impl User {
    pub(crate) fn key(&self) -> AccessKey {
        AccessKey::long_term(&self.access_key_id, self.secret_access_key.clone())
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "arn": self.arn,
            "accessKeyId": self.access_key_id,
            "secretAccessKey": self.secret_access_key.expose(),
        })
    }
}

impl DevServer {
    fn to_json(&self) -> Value {
        let role =
            |role: &Role| json!({ "arn": role.arn, "assumedBy": role.assumed_by, "externalId": role.external_id });
        let users: BTreeMap<_, _> = self.users.iter().map(|(name, user)| (name, user.to_json())).collect();
        let roles: BTreeMap<_, _> = self.roles.iter().map(|(name, it)| (name, role(it))).collect();
        json!({
            "endpoint": self.endpoint,
            "pid": self.pid,
            "started": self.started,
            "data": self.data,
            "accountId": self.account_id,
            "users": users,
            "roles": roles,
        })
    }
}

/// The published state of this process; removed when dropped.
pub(crate) struct Published {
    path: PathBuf,
    _locked: File,
}

impl Drop for Published {
    fn drop(&mut self) {
        // Should it stay, nobody holds its lock, which says the same.
        let _ = fs::remove_file(&self.path);
    }
}

/// The directory of the state files. It is found by the same rule at both ends.
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// This user's: `$XDG_RUNTIME_DIR/doorward`, else `~/.local/state/doorward`, else one under the system's temporary
    /// directory that carries the user's id.
    pub(crate) fn of_user() -> Self {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        if let Some(runtime) = variable("XDG_RUNTIME_DIR").filter(|path| path.is_dir()) {
            return Self(runtime.join("doorward"));
        }
        match variable("HOME").filter(|path| path.is_dir()) {
            Some(home) => Self(home.join(".local/state/doorward")),
            None => Self(std::env::temp_dir().join(format!("doorward-{}", own_uid()))),
        }
    }

    /// Writes this process's state file and holds its lock.
    pub(crate) fn publish(&self, server: &DevServer) -> Result<Published> {
        let Self(directory) = self;
        if !directory.exists() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
            made.map_err(|error| Failure::of_path("make the directory", directory, error))?;
        }
        self.check()?;
        self.sweep();
        let path = directory.join(format!("dev-{}.json", server.pid));
        let unfinished = path.with_extension("new");
        let write = || -> io::Result<File> {
            let _ = fs::remove_file(&unfinished);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
            // Locked before it can be found under its name: what is found unlocked is dead.
            file.lock()?;
            file.write_all(server.to_json().to_string().as_bytes())?;
            fs::rename(&unfinished, &path)?;
            Ok(file)
        };
        let locked = write().map_err(|error| Failure::of_path("write", &path, error))?;
        Ok(Published { path, _locked: locked })
    }

    /// This user's running servers, the one started last first.
    pub(crate) fn running(&self) -> Result<Vec<DevServer>> {
        if !self.0.exists() {
            return Ok(Vec::new());
        }
        self.check()?;
        let mut servers = Vec::new();
        for (path, file) in self.files() {
            if let Some(file) = file.map_err(|error| Failure::of_path("read", &path, error))? {
                servers.push(read(&path, file)?);
            }
        }
        servers.sort_by_key(|server| std::cmp::Reverse(server.started));
        Ok(servers)
    }

    /// Refuses a directory that others could have written to: whoever controls it says where requests go.
    fn check(&self) -> Result<()> {
        let Self(directory) = self;
        let metadata = fs::symlink_metadata(directory).map_err(|error| Failure::of_path("read", directory, error))?;
        let refuse = |reason: String| {
            let directory = directory.display();
            Err(Failure::new(format!("refusing the directory {directory}: {reason}. Remove it, or mend it")))
        };
        if !metadata.is_dir() {
            return refuse("it is not a directory".into());
        }
        if metadata.uid() != own_uid() {
            return refuse(format!("it belongs to another user (id {})", metadata.uid()));
        }
        match metadata.mode() & 0o777 {
            0o700 => Ok(()),
            mode => refuse(format!("others have access to it (mode {mode:04o}, wanted 0700)")),
        }
    }

    /// The state files; with each its handle, if a running server holds its lock.
    fn files(&self) -> Vec<(PathBuf, io::Result<Option<File>>)> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_state = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("dev-") && name.ends_with(".json")
        };
        entries
            .filter(is_state)
            .map(|path| {
                let held = held(&path);
                (path, held)
            })
            .collect()
    }

    /// Removes what killed servers left behind: their state files and their temporary stores.
    fn sweep(&self) {
        for (path, held) in self.files() {
            let Ok(None) = held else { continue };
            let dead = File::open(&path).ok().and_then(|file| read(&path, file).ok());
            if let Some(data) = dead.map(|server| server.data)
                && data.parent() == Some(&*std::env::temp_dir())
                && data.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(DATA_PREFIX))
                && fs::symlink_metadata(&data).is_ok_and(|it| it.is_dir() && it.uid() == own_uid())
            {
                let _ = fs::remove_dir_all(&data);
            }
            let _ = fs::remove_file(&path);
        }
    }
}

/// The file, if another process holds its lock.
fn held(path: &Path) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(file)),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn read(path: &Path, file: File) -> Result<DevServer> {
    let refused = |reason: &dyn std::fmt::Display| {
        let path = path.display();
        Failure::new(format!("refusing the state file {path}: {reason}. Stop the server, remove the file, start again"))
    };
    let metadata = file.metadata().map_err(|error| refused(&error))?;
    if !metadata.is_file() || metadata.uid() != own_uid() || metadata.mode() & 0o177 != 0 {
        return Err(refused(&format!(
            "it must be this user's own, with mode 0600 (is {:04o})",
            metadata.mode() & 0o7777
        )));
    }
    let mut text = zeroize::Zeroizing::new(String::new());
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| refused(&error))?;
    serde_json::from_str(&text).map_err(|_| refused(&"it is not of this version of doorward"))
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}
