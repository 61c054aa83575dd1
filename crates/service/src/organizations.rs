//! AWS Organizations (API Reference, AWS Organizations): one file a resource.
//!
//! An operation runs on the organization of the caller's account. Whoever the account's policies allow it may use it, but
//! most operations only from the management account.

mod account;
mod attachment;
mod organization;
mod policy;
mod policy_type;
mod tag;
mod target;
mod tree;
mod unit;

use doorward_directory::{Node, Organization};
use doorward_shapes::Error;
use doorward_shapes::organizations::error;

use crate::cx::Cx;
use crate::desk::Desk;
use crate::op::Op;
use crate::page::{Page, PageRequest, page};

/// Operations of every account.
const OF_ALL: &[&str] = &["CreateOrganization", "DescribeOrganization", "LeaveOrganization"];

/// How long a page is at most (API Reference, the List operations, `MaxResults`).
const PAGE: i32 = 20;

pub(crate) fn ops() -> Vec<Op> {
    let files = [
        organization::ops(),
        unit::ops(),
        tree::ops(),
        account::ops(),
        policy::ops(),
        policy_type::ops(),
        attachment::ops(),
        tag::ops(),
    ];
    let guarded = |op: Op| if OF_ALL.contains(&op.name) { op } else { op.guarded(of_management) };
    files.into_iter().flatten().map(guarded).collect()
}

/// The caller's account is the management account of its organization.
fn of_management(desk: &Desk) -> Result<(), Error> {
    match desk.organization()?.is_management(desk.account.id()) {
        true => Ok(()),
        false => Err(error::access_denied("You don't have permissions to access this resource.")),
    }
}

/// The root or unit of this id.
fn parent<'a>(organization: &'a Organization, id: &str) -> Result<Node<'a>, Error> {
    let parent = organization.node(id).filter(|node| !matches!(node, Node::Account(_)));
    parent.ok_or_else(|| error::parent_not_found("You specified parent that doesn't exist."))
}

/// A limit is reached.
fn limit(reason: &'static str, message: &str) -> Error {
    error::constraint_violation(message).because(reason)
}

/// What was sent makes no sense.
fn invalid(reason: &'static str, message: &str) -> Error {
    error::invalid_input(message).because(reason)
}

/// One page of entries that come in the order of their keys.
fn listed<'a, E, T>(
    cx: &Cx<'_>,
    list: &[&str],
    (token, most): (Option<&str>, Option<i32>),
    entries: impl IntoIterator<Item = E>,
    key: impl Fn(&E) -> &'a str + Copy,
    item: impl Fn(&E) -> T,
) -> Result<Page<T>, Error> {
    let request = PageRequest { list, marker: token, max_items: most.or(Some(PAGE)) };
    let after = |after: &str| {
        let after = after.to_owned();
        entries.into_iter().filter(move |entry| key(entry) > after.as_str())
    };
    page(cx, &request, after, key, item).map_err(|refused| match refused.code.as_ref() {
        "ValidationError" => invalid("INVALID_NEXT_TOKEN", "You specified an invalid value for NextToken."),
        _ => refused,
    })
}
