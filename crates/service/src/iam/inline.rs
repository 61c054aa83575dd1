//! Inline policies of users, groups and roles (IAM API Reference: PutUserPolicy, PutGroupPolicy, PutRolePolicy,
//! GetUserPolicy, GetGroupPolicy, GetRolePolicy, DeleteUserPolicy, DeleteGroupPolicy, DeleteRolePolicy,
//! ListUserPolicies, ListGroupPolicies, ListRolePolicies).

use std::ops::Bound;

use doorward_directory::{Account, Group, Policies, Role, User};
use doorward_policy::document::PolicyType;
use doorward_policy::size::counted_size;
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::holder::Holder;
use super::policy::parsed;
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{Page, PageRequest, page};
use crate::percent::percent_encoded;

pub(super) fn ops() -> Vec<Op> {
    [puts(), gets(), deletes(), lists()].into_iter().flatten().collect()
}

fn puts() -> Vec<Op> {
    vec![
        Op::write(
            "PutUserPolicy",
            |scope, input: &api::PutUserPolicyRequest| Ok(vec![User::changed(scope, &input.user_name)]),
            |_, account, input: api::PutUserPolicyRequest| {
                put::<User>(account, &input.user_name, input.policy_name, &input.policy_document)
            },
        ),
        Op::write(
            "PutGroupPolicy",
            |scope, input: &api::PutGroupPolicyRequest| Ok(vec![Group::changed(scope, &input.group_name)]),
            |_, account, input: api::PutGroupPolicyRequest| {
                put::<Group>(account, &input.group_name, input.policy_name, &input.policy_document)
            },
        ),
        Op::write(
            "PutRolePolicy",
            |scope, input: &api::PutRolePolicyRequest| Ok(vec![Role::changed(scope, &input.role_name)]),
            |_, account, input: api::PutRolePolicyRequest| {
                put::<Role>(account, &input.role_name, input.policy_name, &input.policy_document)
            },
        ),
    ]
}

fn gets() -> Vec<Op> {
    vec![
        Op::read(
            "GetUserPolicy",
            |scope, input: &api::GetUserPolicyRequest| Ok(vec![User::target(scope, &input.user_name)]),
            |_, account, input: api::GetUserPolicyRequest| {
                let (user_name, policy_document) = get::<User>(account, &input.user_name, &input.policy_name)?;
                Ok(api::GetUserPolicyResponse { user_name, policy_name: input.policy_name, policy_document })
            },
        ),
        Op::read(
            "GetGroupPolicy",
            |scope, input: &api::GetGroupPolicyRequest| Ok(vec![Group::target(scope, &input.group_name)]),
            |_, account, input: api::GetGroupPolicyRequest| {
                let (group_name, policy_document) = get::<Group>(account, &input.group_name, &input.policy_name)?;
                Ok(api::GetGroupPolicyResponse { group_name, policy_name: input.policy_name, policy_document })
            },
        ),
        Op::read(
            "GetRolePolicy",
            |scope, input: &api::GetRolePolicyRequest| Ok(vec![Role::target(scope, &input.role_name)]),
            |_, account, input: api::GetRolePolicyRequest| {
                let (role_name, policy_document) = get::<Role>(account, &input.role_name, &input.policy_name)?;
                Ok(api::GetRolePolicyResponse { role_name, policy_name: input.policy_name, policy_document })
            },
        ),
    ]
}

fn deletes() -> Vec<Op> {
    vec![
        Op::write(
            "DeleteUserPolicy",
            |scope, input: &api::DeleteUserPolicyRequest| Ok(vec![User::changed(scope, &input.user_name)]),
            |_, account, input: api::DeleteUserPolicyRequest| {
                delete::<User>(account, &input.user_name, &input.policy_name)
            },
        ),
        Op::write(
            "DeleteGroupPolicy",
            |scope, input: &api::DeleteGroupPolicyRequest| Ok(vec![Group::changed(scope, &input.group_name)]),
            |_, account, input: api::DeleteGroupPolicyRequest| {
                delete::<Group>(account, &input.group_name, &input.policy_name)
            },
        ),
        Op::write(
            "DeleteRolePolicy",
            |scope, input: &api::DeleteRolePolicyRequest| Ok(vec![Role::changed(scope, &input.role_name)]),
            |_, account, input: api::DeleteRolePolicyRequest| {
                delete::<Role>(account, &input.role_name, &input.policy_name)
            },
        ),
    ]
}

fn lists() -> Vec<Op> {
    vec![
        Op::read(
            "ListUserPolicies",
            |scope, input: &api::ListUserPoliciesRequest| Ok(vec![User::target(scope, &input.user_name)]),
            |cx, account, input: api::ListUserPoliciesRequest| {
                let page = names::<User>(cx, account, &input.user_name, input.marker.as_deref(), input.max_items)?;
                Ok(api::ListUserPoliciesResponse {
                    policy_names: page.items,
                    is_truncated: Some(page.is_truncated),
                    marker: page.marker,
                })
            },
        ),
        Op::read(
            "ListGroupPolicies",
            |scope, input: &api::ListGroupPoliciesRequest| Ok(vec![Group::target(scope, &input.group_name)]),
            |cx, account, input: api::ListGroupPoliciesRequest| {
                let page = names::<Group>(cx, account, &input.group_name, input.marker.as_deref(), input.max_items)?;
                Ok(api::ListGroupPoliciesResponse {
                    policy_names: page.items,
                    is_truncated: Some(page.is_truncated),
                    marker: page.marker,
                })
            },
        ),
        Op::read(
            "ListRolePolicies",
            |scope, input: &api::ListRolePoliciesRequest| Ok(vec![Role::target(scope, &input.role_name)]),
            |cx, account, input: api::ListRolePoliciesRequest| {
                let page = names::<Role>(cx, account, &input.role_name, input.marker.as_deref(), input.max_items)?;
                Ok(api::ListRolePoliciesResponse {
                    policy_names: page.items,
                    is_truncated: Some(page.is_truncated),
                    marker: page.marker,
                })
            },
        ),
    ]
}

/// Sets an inline policy in place of the one of this name. The quota is on all of the holder's together.
pub(super) fn put<H: Holder>(account: &mut Account, name: &str, policy_name: String, text: &str) -> Result<(), Error> {
    let mut holder = H::modifiable(account, name)?;
    let document = parsed(text, PolicyType::Inline)?;
    holder.policies_mut().inline.insert(policy_name, document);
    if size(holder.policies()) > H::INLINE_SIZE {
        let (size, kind, name) = (H::INLINE_SIZE, H::KIND, holder.name());
        let text = format!("Maximum policy size of {size} bytes exceeded for {kind} {name}");
        return Err(error::limit_exceeded(text));
    }
    holder.put(account);
    Ok(())
}

fn size(policies: &Policies) -> usize {
    policies.inline.values().map(|policy| counted_size(policy.text())).sum()
}

/// The holder's name, and the document as submitted.
fn get<H: Holder>(account: &Account, name: &str, policy_name: &str) -> Result<(String, String), Error> {
    let holder = H::find(account, name)?;
    let policy = holder.policies().inline.get(policy_name).ok_or_else(|| missing::<H>(policy_name))?;
    Ok((holder.name().to_owned(), percent_encoded(policy.text())))
}

fn delete<H: Holder>(account: &mut Account, name: &str, policy_name: &str) -> Result<(), Error> {
    let mut holder = H::modifiable(account, name)?;
    holder.policies_mut().inline.remove(policy_name).ok_or_else(|| missing::<H>(policy_name))?;
    holder.put(account);
    Ok(())
}

fn names<H: Holder>(
    cx: &Cx<'_>,
    account: &Account,
    name: &str,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<String>, Error> {
    let holder = H::find(account, name)?;
    let request = PageRequest { list: &[holder.id()], marker, max_items };
    page(
        cx,
        &request,
        |after| holder.policies().inline.range::<str, _>((Bound::Excluded(after), Bound::Unbounded)),
        |(name, _)| name,
        |(name, _)| (*name).clone(),
    )
}

fn missing<H: Holder>(policy_name: &str) -> Error {
    error::no_such_entity(format!("The {} policy with name {policy_name} cannot be found.", H::KIND))
}
