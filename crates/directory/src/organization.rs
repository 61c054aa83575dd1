//! An organization: a realm of its own, which holds its tree of units and accounts, and its policies.

mod controls;
mod entity;
mod node;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::kinds::{Held, OrganizationTables};
use crate::record::{self, Change, LoadError, Record};
use crate::references::{ReferenceKind, Referrers};
use crate::{Entity, Table};
use controls::Prepared;

pub use controls::{Controls, FULL_ACCESS, RESOURCE_FULL_ACCESS};
pub use entity::{
    AccountCreation, ControlKind, FeatureSet, Member, OrganizationPolicy, OrganizationSettings, OrganizationalUnit,
    Root,
};
pub use node::{Node, NodeKind};

/// The kind of the settings record.
const SETTINGS: &str = "organization";

/// An organization with all that it holds. A value, as an [`Account`](crate::Account) is.
#[derive(Clone)]
pub struct Organization {
    settings: Arc<OrganizationSettings>,
    tables: OrganizationTables,
    /// Derived: what is in a root or unit, and to what a policy is attached.
    referrers: Referrers,
    /// Derived: what the engine is asked with, for this state of the root, the units and the policies.
    prepared: Prepared,
    /// Kind and id of what was put or removed since the organization was loaded.
    touched: BTreeSet<(&'static str, String)>,
}

impl Organization {
    /// An organization that holds nothing yet, not even its root.
    pub fn new(settings: OrganizationSettings) -> Organization {
        let touched = BTreeSet::from([(SETTINGS, settings.id.clone())]);
        Organization {
            settings: Arc::new(settings),
            tables: OrganizationTables::default(),
            referrers: Referrers::default(),
            prepared: Prepared::default(),
            touched,
        }
    }

    /// Makes an organization from its records.
    ///
    /// # Errors
    /// A record that cannot be read: a missing policy might hold a Deny, so the organization does not load without it.
    pub fn load<'a>(records: impl IntoIterator<Item = Record<'a>>) -> Result<Organization, LoadError> {
        let (settings, entities): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| record.kind == SETTINGS);
        let settings = settings.first().ok_or(LoadError::NoSettings)?;
        let mut organization = Organization::new(record::read(settings)?);
        for record in entities {
            organization.put_record(&record)?;
        }
        organization.forget_changes();
        Ok(organization)
    }

    /// The id, `o-…`.
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// The settings.
    pub fn settings(&self) -> &OrganizationSettings {
        &self.settings
    }

    /// The entities of one kind.
    pub(crate) fn table<E: Held<OrganizationTables>>(&self) -> &Table<E> {
        E::table(&self.tables)
    }

    /// The root; none once the organization is deleted.
    pub fn root(&self) -> Option<&Arc<Root>> {
        self.roots().iter().next()
    }

    /// Whether an account is in it.
    pub fn has(&self, account_id: &str) -> bool {
        self.members().by_id(account_id).is_some()
    }

    /// Whether this is the management account.
    pub fn is_management(&self, account_id: &str) -> bool {
        self.settings.management_account == account_id
    }

    /// The ids of the organizational units or accounts directly in a root or unit, in their order.
    pub fn children<'a>(&'a self, parent: &str, kind: NodeKind) -> impl Iterator<Item = &'a str> + use<'a> {
        let kind = if kind == NodeKind::Account { ReferenceKind::ParentOfAccount } else { ReferenceKind::ParentOfUnit };
        self.referrers(parent, kind)
    }

    /// The ids of the roots, units and accounts that a policy is attached to, in their order.
    pub fn targets<'a>(&'a self, policy: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.referrers(policy, ReferenceKind::OrganizationAttachment)
    }

    fn referrers<'a>(&'a self, target: &str, kind: ReferenceKind) -> impl Iterator<Item = &'a str> + use<'a> {
        let ids: Vec<&'a str> = self.referrers.of(target).filter(|(how, _)| *how == kind).map(|(_, id)| id).collect();
        ids.into_iter()
    }

    /// Puts the settings in place of the old ones.
    pub fn put_settings(&mut self, settings: OrganizationSettings) {
        self.settings = Arc::new(settings);
        self.touched.insert((SETTINGS, self.settings.id.clone()));
    }

    /// Puts an entity in place of the one of its kind with its id, or adds it.
    pub fn put<E: Held<OrganizationTables>>(&mut self, entity: E) {
        let new = Arc::new(entity);
        let old = E::table_mut(&mut self.tables).put(Arc::clone(&new));
        self.index(new.id(), old.as_deref(), Some(new.as_ref()));
    }

    /// Takes an entity out, by its id.
    pub fn remove<E: Held<OrganizationTables>>(&mut self, id: &str) {
        if let Some(old) = E::table_mut(&mut self.tables).take(id) {
            self.index(id, Some(old.as_ref()), None);
        }
    }

    /// What has to be written so that the store holds this organization, given that it held it as loaded.
    pub fn changes(&self) -> Vec<Change> {
        let settings = |id: &str| record::change(SETTINGS, id, Some(self.settings.as_ref()));
        let change = |(kind, id): &(&'static str, String)| self.tables.change(kind, id).unwrap_or_else(|| settings(id));
        self.touched.iter().map(change).collect()
    }

    /// Begins to count changes anew: what was touched is in the store, or on its way there.
    pub fn forget_changes(&mut self) {
        self.touched.clear();
    }

    fn index<E: Entity>(&mut self, id: &str, old: Option<&E>, new: Option<&E>) {
        self.referrers.replace(id, old, new);
        // A member's are known by the very member that they were prepared for.
        if ![Member::KIND, AccountCreation::KIND].contains(&E::KIND) {
            self.prepared = Prepared::default();
        }
        self.touched.insert((E::KIND, id.to_owned()));
    }
}

#[cfg(test)]
mod tests;
