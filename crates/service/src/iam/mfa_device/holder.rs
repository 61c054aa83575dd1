//! Who has MFA devices: users, and the root user.

use std::sync::Arc;

use doorward_directory::{Account, MfaHolder, User};
use doorward_shapes::Error;
use doorward_shapes::iam as api;

use crate::caller::Who;
use crate::cx::Cx;
use crate::iam::user::{self, optional};
use crate::target::{Scope, Target};

/// What the root user calls itself where a `UserName` is required, and what answers call it.
const ROOT: &str = "root";

/// A user, or the root user.
pub(super) enum Holder {
    Root,
    User(Arc<User>),
}

/// Whether a call of the root user is about the root user. Nobody else's ever is: whoever may do everything to users must
/// not be able to give the root user a device, or to take one away.
fn is_root(cx: &Cx<'_>, account: &Account, name: Option<&str>) -> bool {
    let own = name.is_none_or(|name| name == ROOT && account.users().by_name(ROOT).is_none());
    own && matches!(cx.caller.who, Who::Root)
}

impl Holder {
    /// The user named, or the caller.
    pub fn find(cx: &Cx<'_>, account: &Account, name: Option<&str>) -> Result<Holder, Error> {
        match is_root(cx, account, name) {
            true => Ok(Holder::Root),
            false => cx.user(account, name).map(|user| Holder::User(Arc::clone(user))),
        }
    }

    /// The target of an operation on somebody's devices.
    pub fn target(scope: &Scope<'_>, name: Option<&str>) -> Target {
        let named = name.filter(|name| !is_root(scope.cx, scope.account, Some(name)));
        optional(scope, &named.map(str::to_owned))
    }

    /// Whom a device is assigned to; none where that user is no more.
    pub fn of(account: &Account, holder: &MfaHolder) -> Option<Holder> {
        match holder {
            MfaHolder::Root => Some(Holder::Root),
            MfaHolder::User(id) => account.users().by_id(id).map(|user| Holder::User(Arc::clone(user))),
        }
    }

    /// As devices name it.
    pub fn key(&self) -> MfaHolder {
        match self {
            Holder::Root => MfaHolder::Root,
            Holder::User(user) => MfaHolder::User(user.id.clone()),
        }
    }

    /// The user's name, or `root`.
    pub fn name(&self) -> &str {
        match self {
            Holder::Root => ROOT,
            Holder::User(user) => &user.name,
        }
    }

    /// As lists show it.
    pub fn summary(&self, account: &Account) -> api::User {
        match self {
            Holder::Root => user::root(account),
            Holder::User(user) => user::summary(account, user),
        }
    }
}
