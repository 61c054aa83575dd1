//! Places in the tree of an organization: its root, its units and its accounts.

use std::sync::Arc;

use super::{Member, Organization, OrganizationalUnit, Root};
use crate::Tags;

/// What a place in the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The root.
    Root,
    /// An organizational unit.
    Unit,
    /// An account.
    Account,
}

/// A place in the tree.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// The root.
    Root(&'a Arc<Root>),
    /// An organizational unit.
    Unit(&'a Arc<OrganizationalUnit>),
    /// An account.
    Account(&'a Arc<Member>),
}

impl<'a> Node<'a> {
    /// What it is.
    pub fn kind(self) -> NodeKind {
        match self {
            Node::Root(_) => NodeKind::Root,
            Node::Unit(_) => NodeKind::Unit,
            Node::Account(_) => NodeKind::Account,
        }
    }

    /// The id.
    pub fn id(self) -> &'a str {
        match self {
            Node::Root(root) => &root.id,
            Node::Unit(unit) => &unit.id,
            Node::Account(member) => &member.id,
        }
    }

    /// The name.
    pub fn name(self) -> &'a str {
        match self {
            Node::Root(root) => &root.name,
            Node::Unit(unit) => &unit.name,
            Node::Account(member) => &member.name,
        }
    }

    /// The id of the root or unit that it is in.
    pub fn parent(self) -> Option<&'a str> {
        match self {
            Node::Root(_) => None,
            Node::Unit(unit) => Some(&unit.parent),
            Node::Account(member) => Some(&member.parent),
        }
    }

    /// The ids of the attached policies.
    pub fn policies(self) -> &'a [String] {
        match self {
            Node::Root(root) => &root.policies,
            Node::Unit(unit) => &unit.policies,
            Node::Account(member) => &member.policies,
        }
    }

    /// The tags.
    pub fn tags(self) -> &'a Tags {
        match self {
            Node::Root(root) => &root.tags,
            Node::Unit(unit) => &unit.tags,
            Node::Account(member) => &member.tags,
        }
    }
}

impl Organization {
    /// The root, unit or account of this id.
    pub fn node(&self, id: &str) -> Option<Node<'_>> {
        let root = || self.roots().by_id(id).map(Node::Root);
        let unit = || self.units().by_id(id).map(Node::Unit);
        root().or_else(unit).or_else(|| self.members().by_id(id).map(Node::Account))
    }

    /// All places, the root first.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        let (units, members) = (self.units().iter().map(Node::Unit), self.members().iter().map(Node::Account));
        self.roots().iter().map(Node::Root).chain(units).chain(members)
    }

    /// The way from the root down to a place, both included; empty where there is no such place.
    pub fn lineage(&self, id: &str) -> Vec<Node<'_>> {
        let mut lineage: Vec<Node<'_>> =
            std::iter::successors(self.node(id), |node| self.node(node.parent()?)).take(MAX_LINEAGE).collect();
        lineage.reverse();
        lineage
    }

    /// `o-…/r-…/ou-…/`: the place of an account, as `aws:PrincipalOrgPaths` gives it.
    pub fn path_of_account(&self, account_id: &str) -> Option<String> {
        let parent = &self.members().by_id(account_id)?.parent;
        Some(self.path(parent))
    }

    /// `o-…/r-…/…/`: all ids on the way to a place, its own included.
    pub fn path(&self, id: &str) -> String {
        self.lineage(id).into_iter().fold(format!("{}/", self.id()), |path, node| path + node.id() + "/")
    }

    /// Puts other policies in place of those that are attached to a root, unit or account.
    pub fn put_policies(&mut self, id: &str, policies: Vec<String>) {
        match self.node(id) {
            Some(Node::Root(root)) => self.put(Root { policies, ..Root::clone(root) }),
            Some(Node::Unit(unit)) => self.put(OrganizationalUnit { policies, ..OrganizationalUnit::clone(unit) }),
            Some(Node::Account(member)) => self.put(Member { policies, ..Member::clone(member) }),
            None => (),
        }
    }

    /// Puts other tags in place of those of a root, unit or account.
    pub fn put_tags(&mut self, id: &str, tags: Tags) {
        match self.node(id) {
            Some(Node::Root(root)) => self.put(Root { tags, ..Root::clone(root) }),
            Some(Node::Unit(unit)) => self.put(OrganizationalUnit { tags, ..OrganizationalUnit::clone(unit) }),
            Some(Node::Account(member)) => self.put(Member { tags, ..Member::clone(member) }),
            None => (),
        }
    }
}

/// No place is deeper: a root, five levels of units, an account.
const MAX_LINEAGE: usize = 7;
