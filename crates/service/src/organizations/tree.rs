//! The tree: ListChildren, ListParents, MoveAccount.

use doorward_directory::{Member, Node, NodeKind, Organization};
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::{account, listed, parent, target};
use crate::cx::Cx;
use crate::op::Op;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::read(
            "ListChildren",
            |scope, input: &api::ListChildrenRequest| Ok(vec![target::place(scope, &input.parent_id)]),
            list_children,
        ),
        Op::read(
            "ListParents",
            |scope, input: &api::ListParentsRequest| Ok(vec![target::place(scope, &input.child_id)]),
            list_parents,
        ),
        Op::write(
            "MoveAccount",
            |scope, input: &api::MoveAccountRequest| {
                let ids = [&input.account_id, &input.source_parent_id, &input.destination_parent_id];
                Ok(ids.map(|id| target::place(scope, id)).into())
            },
            move_account,
        ),
    ]
}

fn list_children(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListChildrenRequest,
) -> Result<api::ListChildrenResponse, Error> {
    let parent = parent(organization, &input.parent_id)?.id();
    let kind = match input.child_type {
        api::ChildType::Account => NodeKind::Account,
        _ => NodeKind::Unit,
    };
    let from = (input.next_token.as_deref(), input.max_results);
    let list = [parent, input.child_type.as_str()];
    let child = |id: &&str| api::Child { id: Some((*id).to_owned()), r#type: Some(input.child_type) };
    let page = listed(cx, &list, from, organization.children(parent, kind), |id| *id, child)?;
    Ok(api::ListChildrenResponse { children: Some(page.items), next_token: page.marker })
}

/// A child has one parent.
fn list_parents(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListParentsRequest,
) -> Result<api::ListParentsResponse, Error> {
    let missing = || error::child_not_found("You specified a child that doesn't exist.");
    let parent = organization.node(&input.child_id).and_then(Node::parent).ok_or_else(missing)?;
    let kind = if organization.root().is_some_and(|root| root.id == parent) {
        api::ParentType::Root
    } else {
        api::ParentType::OrganizationalUnit
    };
    let from = (input.next_token.as_deref(), input.max_results);
    let item = |id: &&str| api::Parent { id: Some((*id).to_owned()), r#type: Some(kind) };
    let page = listed(cx, &[&input.child_id], from, [parent], |id| *id, item)?;
    Ok(api::ListParentsResponse { parents: Some(page.items), next_token: page.marker })
}

fn move_account(_: &Cx<'_>, organization: &mut Organization, input: api::MoveAccountRequest) -> Result<(), Error> {
    let member = account::member(organization, &input.account_id)?;
    parent(organization, &input.source_parent_id)
        .ok()
        .filter(|source| source.id() == member.parent)
        .ok_or_else(|| error::source_parent_not_found("You specified a source parent that doesn't exist."))?;
    let destination = parent(organization, &input.destination_parent_id)
        .map_err(|_| error::destination_parent_not_found("You specified a destination parent that doesn't exist."))?;
    if destination.id() == member.parent {
        return Err(error::duplicate_account("That account is already present in the specified destination."));
    }
    let parent = destination.id().to_owned();
    organization.put(Member { parent, ..member });
    Ok(())
}
