//! Who refers to what: group members, attachments and boundaries, found from the side that is referred to.

use rpds::{HashTrieMapSync, RedBlackTreeSetSync};

use crate::Entity;

/// How one thing refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// A user is a member of a group.
    Member,
    /// A managed policy is attached to a user.
    UserAttachment,
    /// A managed policy is attached to a group.
    GroupAttachment,
    /// A managed policy is attached to a role.
    RoleAttachment,
    /// A managed policy is the permissions boundary of a user.
    UserBoundary,
    /// A managed policy is the permissions boundary of a role.
    RoleBoundary,
    /// A role is in an instance profile.
    InstanceProfileRole,
    /// An MFA device is assigned to a user, or to the root user; a security key is registered for a user.
    MfaDevice,
    /// An organizational unit is in a root or another unit.
    ParentOfUnit,
    /// An account is in a root or an organizational unit.
    ParentOfAccount,
    /// An organization's policy is attached to a root, organizational unit or account.
    OrganizationAttachment,
    /// A challenge to a security key is a user's.
    Challenge,
}

/// A reference to a target: a group's, role's or user's unique id, `root`, or a managed policy's ARN; in an organization
/// the id of a root, unit or policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The kind.
    pub kind: ReferenceKind,
    /// What is referred to.
    pub target: String,
}

/// For every target, who refers to it. Derived from the entities; never stored.
#[derive(Clone, Debug)]
pub(crate) struct Referrers(HashTrieMapSync<String, RedBlackTreeSetSync<(ReferenceKind, String)>>);

impl Default for Referrers {
    fn default() -> Self {
        Referrers(HashTrieMapSync::new_sync())
    }
}

impl Referrers {
    fn add(&mut self, reference: Reference, referrer: &str) {
        let mut set = self.0.get(&reference.target).cloned().unwrap_or_else(RedBlackTreeSetSync::new_sync);
        set.insert_mut((reference.kind, referrer.to_owned()));
        self.0.insert_mut(reference.target, set);
    }

    fn remove(&mut self, reference: &Reference, referrer: &str) {
        let Some(mut set) = self.0.get(&reference.target).cloned() else { return };
        set.remove_mut(&(reference.kind, referrer.to_owned()));
        if set.is_empty() {
            self.0.remove_mut(&reference.target);
        } else {
            self.0.insert_mut(reference.target.clone(), set);
        }
    }

    /// Brings it in line with an entity that was put or taken out.
    pub(crate) fn replace<E: Entity>(&mut self, id: &str, old: Option<&E>, new: Option<&E>) {
        let old = old.map(E::references).unwrap_or_default();
        let new = new.map(E::references).unwrap_or_default();
        for reference in old.iter().filter(|reference| !new.contains(reference)) {
            self.remove(reference, id);
        }
        for reference in new.into_iter().filter(|reference| !old.contains(reference)) {
            self.add(reference, id);
        }
    }

    /// The unique ids of those who refer to `target`, with how.
    pub(crate) fn of(&self, target: &str) -> impl Iterator<Item = (ReferenceKind, &str)> {
        self.0.get(target).into_iter().flat_map(|set| set.iter().map(|(kind, id)| (*kind, id.as_str())))
    }
}
