//! `doorward init`: makes an installation.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use doorward_service::{Doorward, NewAccount};
use doorward_store::{Durability, Sqlite, Store};
use serde_json::json;

use crate::failure::{Failure, Result};
use crate::world::System;
use crate::{harden, kek, output};

/// Arguments of `doorward init`.
#[derive(clap::Args)]
pub(crate) struct Init {
    /// Directory of the installation; made if need be
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Account id of the first account, 12 digits; random by default
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    /// Name of the first account
    #[arg(long, value_name = "NAME", default_value = "main")]
    account_name: String,
    /// File with the key-encryption key, 32 random bytes, mode 0400; made in the data directory by default
    #[arg(long, value_name = "FILE", env = "DOORWARD_KEK_FILE")]
    kek_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self) -> Result<ExitCode> {
        harden::harden();
        make_private(&self.data)?;
        let account = self.install()?;
        if self.json {
            output::print_json(&json!({
                "accountId": account.account_id,
                "accessKeyId": account.access_key_id,
                "secretAccessKey": account.secret_access_key.as_str(),
            }))?;
        } else {
            output::print(&self.told(&account))?;
        }
        crate::done()
    }

    fn install(&self) -> Result<NewAccount> {
        let made = kek::in_data(&self.data);
        let (key, is_new) = match &self.kek_file {
            Some(path) => (kek::Place::file(path).read()?, false),
            // Left by an `init` that did not come to its end; or the installation is complete, and refused below.
            None if made.exists() => (kek::Place::file(&made).read()?, false),
            None => {
                let key = kek::generate(&System);
                kek::write(&made, &key)?;
                (key, true)
            }
        };
        let account =
            Sqlite::open(&self.data.join("store"), Durability::Full).map_err(Failure::from).and_then(|store| {
                let store: Arc<dyn Store> = Arc::new(store);
                let id = self.account_id.as_deref();
                Ok(Doorward::initialize(&store, &System, &key, id, &self.account_name)?)
            });
        if account.is_err() && is_new {
            // Nothing was sealed with it, and a second key beside a named one would be taken for the right one.
            let _ = fs::remove_file(&made);
        }
        account
    }

    fn told(&self, account: &NewAccount) -> String {
        let data = self.data.display();
        let key_file = match &self.kek_file {
            Some(path) => format!("kept in {}, as you said", path.display()),
            None => {
                format!("made in {}; whoever has it and the data has every secret", kek::in_data(&self.data).display())
            }
        };
        format!(
            "installation   {data}
account        {id} ({name})
key            {key_file}

root access key  {access_key_id}
secret           {secret}

This is the only time that the secret is shown. Root may do everything: keep it offline, make an administrator with it,
and use that one from then on.

next:  doorward serve --data {data}
",
            id = account.account_id,
            name = output::safe(&self.account_name),
            access_key_id = account.access_key_id,
            secret = account.secret_access_key.as_str(),
        )
    }
}

/// Makes the directory for its owner alone. One that is there must be its owner's alone already: what was put there
/// while others could write is not trusted.
fn make_private(directory: &Path) -> Result<()> {
    if !directory.exists() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        return made.map_err(|error| Failure::of_path("make the directory", directory, error));
    }
    let metadata = fs::metadata(directory).map_err(|error| Failure::of_path("read", directory, error))?;
    if !metadata.is_dir() {
        return Err(Failure::of_path("use", directory, "it is not a directory"));
    }
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Failure::new(format!(
            "refusing the data directory {0}: others have access to it (mode {mode:04o}). Run: chmod 0700 {0}",
            directory.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    fn init(data: &Path) -> Init {
        let account_id = Some("111122223333".into());
        Init { data: data.into(), account_id, account_name: "main".into(), kek_file: None, json: true }
    }

    fn refusal(init: &Init) -> String {
        make_private(&init.data).and_then(|()| init.install()).err().expect("it must be refused").to_string()
    }

    #[test]
    fn a_used_directory_is_refused_and_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("a/data");
        make_private(&data).unwrap();
        let account = init(&data).install().unwrap();
        assert_eq!(account.account_id, "111122223333");
        assert_eq!(fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
        let key = fs::read(kek::in_data(&data)).unwrap();
        assert!(refusal(&init(&data)).contains("there is an installation here already"));
        assert_eq!(fs::read(kek::in_data(&data)).unwrap(), key);
    }

    #[test]
    fn no_second_key_is_left_beside_a_named_one() {
        let directory = tempfile::tempdir().unwrap();
        let named = directory.path().join("key");
        kek::write(&named, &kek::generate(&System)).unwrap();
        let data = directory.path().join("data");
        make_private(&data).unwrap();
        Init { kek_file: Some(named), ..init(&data) }.install().unwrap();
        assert!(refusal(&init(&data)).contains("there is an installation here already"));
        assert!(!kek::in_data(&data).exists());
    }

    #[test]
    fn an_init_that_failed_can_be_made_again() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let wrong = Init { account_id: Some("12".into()), ..init(&data) };
        assert!(refusal(&wrong).contains("12 digits"));
        init(&data).install().unwrap();
    }

    #[test]
    fn a_directory_that_others_can_enter_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for mode in [0o750, 0o705, 0o777] {
            fs::set_permissions(directory.path(), Permissions::from_mode(mode)).unwrap();
            assert!(refusal(&init(directory.path())).contains("chmod 0700"));
        }
    }

    #[test]
    fn a10_two_installations_share_no_secret() {
        let directory = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| {
            let data = directory.path().join(name);
            make_private(&data).unwrap();
            let account = init(&data).install().unwrap();
            (fs::read(kek::in_data(&data)).unwrap(), account)
        });
        assert_ne!(one.0, two.0);
        assert_ne!(one.1.access_key_id, two.1.access_key_id);
        assert_ne!(one.1.secret_access_key.as_str(), two.1.secret_access_key.as_str());
    }
}
