//! The realms that a node has in memory, each loaded on first use.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use doorward_directory::{Account, Catalogue, LoadError, Organization, Record, id};
use doorward_store::{At, Change, Line, Loaded, RealmId};

use crate::realm::{Realm, Snapshot};
use crate::{Doorward, OpenError};

/// The state of a realm: a value that knows what has to be written of it.
pub(crate) trait State: Clone + Send + Sync + 'static {
    /// What the names of its realms begin with.
    const PREFIX: &'static str;

    /// Whether this can be the id of one.
    fn is_id(text: &str) -> bool;

    /// From its records.
    fn load<'a>(records: impl Iterator<Item = Record<'a>>, catalogue: &Catalogue) -> Result<Self, LoadError>;

    /// Where a node keeps those of its kind.
    fn shelf(doorward: &Doorward) -> &Shelf<Self>;

    /// What was changed since it was loaded.
    fn changed(&self) -> Vec<doorward_directory::Change>;

    /// Begins to count changes anew.
    fn forget_changes(&mut self);

    /// Its realm.
    fn realm_id(id: &str) -> RealmId {
        RealmId::new(format!("{}{id}", Self::PREFIX))
    }

    /// What the store has to write.
    fn stored_changes(&self) -> Vec<Change> {
        let stored =
            |change: doorward_directory::Change| Change { kind: change.kind, key: change.key, body: change.body };
        self.changed().into_iter().map(stored).collect()
    }
}

impl State for Account {
    const PREFIX: &'static str = "account/";

    fn is_id(text: &str) -> bool {
        id::is_account_id(text)
    }

    fn load<'a>(records: impl Iterator<Item = Record<'a>>, catalogue: &Catalogue) -> Result<Account, LoadError> {
        Ok(Account::load(records)?.with_catalogue(catalogue.clone()))
    }

    fn shelf(doorward: &Doorward) -> &Shelf<Account> {
        &doorward.accounts
    }

    fn changed(&self) -> Vec<doorward_directory::Change> {
        self.changes()
    }

    fn forget_changes(&mut self) {
        Account::forget_changes(self);
    }
}

impl State for Organization {
    const PREFIX: &'static str = "organization/";

    fn is_id(text: &str) -> bool {
        text.starts_with("o-")
    }

    fn load<'a>(records: impl Iterator<Item = Record<'a>>, _: &Catalogue) -> Result<Organization, LoadError> {
        Organization::load(records)
    }

    fn shelf(doorward: &Doorward) -> &Shelf<Organization> {
        &doorward.organizations
    }

    fn changed(&self) -> Vec<doorward_directory::Change> {
        self.changes()
    }

    fn forget_changes(&mut self) {
        Organization::forget_changes(self);
    }
}

/// Realms by the ids of what they hold.
pub(crate) struct Shelf<S>(RwLock<HashMap<String, Arc<Realm<S>>>>);

impl<S> Default for Shelf<S> {
    fn default() -> Shelf<S> {
        Shelf(RwLock::default())
    }
}

impl Doorward {
    /// A realm, loaded on first use; none where there is none.
    pub(crate) fn realm_of<S: State>(&self, id: &str) -> Result<Option<Arc<Realm<S>>>, OpenError> {
        let shelf = &S::shelf(self).0;
        let known = shelf.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(realm) = known {
            if realm.is_stale()
                && let Err(error) = realm.try_refresh(|| self.reload(&realm.id))
            {
                tracing::warn!(%error, id, "a realm cannot be reloaded: readers see an older state");
            }
            return Ok(Some(realm));
        }
        if !S::is_id(id) {
            return Ok(None);
        }
        let mut shelf = shelf.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(realm) = shelf.get(id) {
            return Ok(Some(Arc::clone(realm)));
        }
        let realm_id = S::realm_id(id);
        let Some(loaded) = self.store().load(&realm_id, At::Now)? else { return Ok(None) };
        let realm = Arc::new(Realm::new(realm_id, self.loaded(&loaded)?, self.line()));
        shelf.insert(id.to_owned(), Arc::clone(&realm));
        Ok(Some(realm))
    }

    /// An account or organization as it was at a revision.
    pub(crate) fn state_at<S: State>(&self, id: &str, revision: u64) -> Result<Option<Arc<Snapshot<S>>>, OpenError> {
        let loaded = self.store().load(&S::realm_id(id), At::Revision(revision))?;
        loaded.map(|loaded| Ok(Arc::new(self.loaded(&loaded)?))).transpose()
    }

    /// A realm's state in the store, and a new line to commit on.
    pub(crate) fn reload<S: State>(&self, realm: &RealmId) -> Result<(Snapshot<S>, Line), OpenError> {
        let line = self.line();
        let loaded = self.store().load(realm, At::Now)?.ok_or(OpenError::NotInitialized)?;
        Ok((self.loaded(&loaded)?, line))
    }

    fn loaded<S: State>(&self, loaded: &Loaded) -> Result<Snapshot<S>, OpenError> {
        let records =
            loaded.records.iter().map(|record| Record { kind: &record.kind, key: &record.key, body: &record.body });
        let state = S::load(records, self.catalogue()).map_err(OpenError::Account)?;
        Ok(Snapshot { state, revision: loaded.revision })
    }
}
