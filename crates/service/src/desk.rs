//! What a call works on: private copies of the caller's account and of the organization that it is in.

use doorward_directory::{Account, Organization};
use doorward_shapes::Error;
use doorward_shapes::organizations::error;
use doorward_store::Revision;

/// Private copies: what is changed in them is what the call has changed.
pub(crate) struct Desk {
    /// The caller's account.
    pub account: Account,
    /// The organization that it is in, for operations that are about that.
    pub organization: Option<Organization>,
    /// Accounts that the call makes.
    pub founded: Vec<Account>,
    /// The revisions that the account and the organization are of, by id.
    pub revisions: Vec<(String, Revision)>,
}

impl Desk {
    /// The revision that the account is of.
    pub fn revision(&self) -> Revision {
        self.revisions.first().map_or(0, |(_, revision)| *revision)
    }

    /// The organization of the caller's account.
    pub fn organization(&self) -> Result<&Organization, Error> {
        self.organization.as_ref().filter(|known| known.has(self.account.id())).ok_or_else(not_in_use)
    }

    /// The same, to be changed.
    pub fn organization_mut(&mut self) -> Result<&mut Organization, Error> {
        let account_id = self.account.id();
        self.organization.as_mut().filter(|known| known.has(account_id)).ok_or_else(not_in_use)
    }
}

fn not_in_use() -> Error {
    error::aws_organizations_not_in_use("Your account is not a member of an organization.")
}

/// Which realms an operation is about: of these it gets the newest state where it changes something, and each of them
/// makes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touches {
    /// The caller's account.
    Account,
    /// The organization. The caller's account is only asked.
    Organization,
    /// Both.
    Both,
}

impl Touches {
    /// Whether it is about the caller's account.
    pub fn account(self) -> bool {
        self != Touches::Organization
    }

    /// Whether it is about the organization.
    pub fn organization(self) -> bool {
        self != Touches::Account
    }
}

/// What an operation's function takes: an account, an organization, or the whole desk.
pub(crate) trait Worked: Sized {
    /// Which realms it is of.
    const TOUCHES: Touches;

    /// Itself, on a desk.
    fn on(desk: &Desk) -> Result<&Self, Error>;

    /// The same, to be changed.
    fn on_mut(desk: &mut Desk) -> Result<&mut Self, Error>;
}

impl Worked for Account {
    const TOUCHES: Touches = Touches::Account;

    fn on(desk: &Desk) -> Result<&Account, Error> {
        Ok(&desk.account)
    }

    fn on_mut(desk: &mut Desk) -> Result<&mut Account, Error> {
        Ok(&mut desk.account)
    }
}

impl Worked for Organization {
    const TOUCHES: Touches = Touches::Organization;

    fn on(desk: &Desk) -> Result<&Organization, Error> {
        desk.organization()
    }

    fn on_mut(desk: &mut Desk) -> Result<&mut Organization, Error> {
        desk.organization_mut()
    }
}

impl Worked for Desk {
    const TOUCHES: Touches = Touches::Both;

    fn on(desk: &Desk) -> Result<&Desk, Error> {
        Ok(desk)
    }

    fn on_mut(desk: &mut Desk) -> Result<&mut Desk, Error> {
        Ok(desk)
    }
}
