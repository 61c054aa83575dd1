//! The organization itself: CreateOrganization, DescribeOrganization, DeleteOrganization, LeaveOrganization, ListRoots.

use doorward_directory::{
    AccountCreation, AccountSettings, ControlKind, FULL_ACCESS, FeatureSet, Member, Organization, OrganizationSettings,
    Root, Tags, id,
};
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::listed;
use super::policy_type::summaries;
use super::target::arn;
use crate::cx::Cx;
use crate::desk::Desk;
use crate::op::Op;
use crate::world::random_u128;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateOrganization", |scope, _: &api::CreateOrganizationRequest| Ok(vec![scope.any()]), create),
        Op::read("DescribeOrganization", |scope, (): &()| Ok(vec![scope.any()]), describe),
        Op::write("DeleteOrganization", |scope, (): &()| Ok(vec![scope.any()]), delete),
        Op::write("LeaveOrganization", |scope, (): &()| Ok(vec![scope.any()]), leave),
        Op::read("ListRoots", |scope, _: &api::ListRootsRequest| Ok(vec![scope.any()]), list_roots),
    ]
}

/// The management account is its first member. Service control policies are enabled from the beginning (API Reference,
/// CreateOrganization).
fn create(
    cx: &Cx<'_>,
    desk: &mut Desk,
    input: api::CreateOrganizationRequest,
) -> Result<api::CreateOrganizationResponse, Error> {
    if desk.account.settings().organization.is_some() {
        return Err(error::already_in_organization("The AWS account is already a member of an organization."));
    }
    let features = match input.feature_set {
        Some(api::OrganizationFeatureSet::ConsolidatedBilling) => FeatureSet::ConsolidatedBilling,
        _ => FeatureSet::All,
    };
    let account_id = desk.account.id().to_owned();
    // Accounts here have no email addresses of their own; this one is nobody's (RFC 2606).
    let email = format!("{account_id}@account.invalid");
    let mut organization = Organization::new(OrganizationSettings {
        id: id::organization_id("o-", random_u128(cx.world()), 10),
        management_account: account_id.clone(),
        management_email: email.clone(),
        created: cx.date(),
        features,
        deleted: None,
    });
    let enabled = if features == FeatureSet::All { vec![ControlKind::Service] } else { Vec::new() };
    let policies = if features == FeatureSet::All { vec![FULL_ACCESS.to_owned()] } else { Vec::new() };
    let root = Root {
        id: id::organization_id("r-", random_u128(cx.world()), 4),
        name: "Root".to_owned(),
        enabled,
        policies: policies.clone(),
        tags: Tags::default(),
    };
    organization.put(Member {
        id: account_id,
        parent: root.id.clone(),
        name: desk.account.settings().name.clone(),
        email,
        joined: cx.date(),
        created: false,
        policies,
        tags: Tags::default(),
    });
    organization.put(root);
    let answer = summary(&organization);
    let settings = desk.account.settings().clone();
    desk.account.put_settings(AccountSettings { organization: Some(organization.id().to_owned()), ..settings });
    desk.organization = Some(organization);
    Ok(api::CreateOrganizationResponse { organization: Some(answer) })
}

fn describe(_: &Cx<'_>, organization: &Organization, (): ()) -> Result<api::DescribeOrganizationResponse, Error> {
    Ok(api::DescribeOrganizationResponse { organization: Some(summary(organization)) })
}

/// What is left is that it was there: the account can make another one.
fn delete(cx: &Cx<'_>, desk: &mut Desk, (): ()) -> Result<(), Error> {
    let now = cx.date();
    let organization = desk.organization_mut()?;
    if organization.members().len() > 1 || !organization.units().is_empty() || !organization.policies().is_empty() {
        return Err(error::organization_not_empty(
            "To delete the organization, you must first remove all member accounts, organizational units, and policies.",
        ));
    }
    let ids = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
    for id in ids(organization.roots().iter().map(|root| root.id.as_str()).collect()) {
        organization.remove::<Root>(&id);
    }
    for id in ids(organization.members().iter().map(|member| member.id.as_str()).collect()) {
        organization.remove::<Member>(&id);
    }
    for id in ids(organization.account_creations().iter().map(|creation| creation.id.as_str()).collect()) {
        organization.remove::<AccountCreation>(&id);
    }
    let settings = organization.settings().clone();
    organization.put_settings(OrganizationSettings { deleted: Some(now), ..settings });
    let settings = desk.account.settings().clone();
    desk.account.put_settings(AccountSettings { organization: None, ..settings });
    Ok(())
}

/// A member leaves by itself; what it has stays with it.
fn leave(_: &Cx<'_>, desk: &mut Desk, (): ()) -> Result<(), Error> {
    let account_id = desk.account.id().to_owned();
    let organization = desk.organization_mut()?;
    if organization.is_management(&account_id) {
        return Err(error::master_cannot_leave_organization(
            "You can't remove a management account from an organization. If you want the management account to become a \
             member account in another organization, you must first delete the current organization of the management \
             account.",
        ));
    }
    organization.remove::<Member>(&account_id);
    let settings = desk.account.settings().clone();
    desk.account.put_settings(AccountSettings { organization: None, ..settings });
    Ok(())
}

fn list_roots(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListRootsRequest,
) -> Result<api::ListRootsResponse, Error> {
    let from = (input.next_token.as_deref(), input.max_results);
    let roots = organization.roots().iter();
    let page = listed(cx, &[], from, roots, |root| &root.id, |root| self::root(organization, root))?;
    Ok(api::ListRootsResponse { roots: Some(page.items), next_token: page.marker })
}

/// A root as the API gives it.
pub(super) fn root(organization: &Organization, root: &Root) -> api::Root {
    api::Root {
        id: Some(root.id.clone()),
        arn: Some(arn(organization, "root", &root.id)),
        name: Some(root.name.clone()),
        policy_types: Some(summaries(&root.enabled)),
    }
}

/// `AvailablePolicyTypes` is not kept up to date by AWS either: ListRoots tells which types are enabled (API Reference,
/// Organization).
fn summary(organization: &Organization) -> api::Organization {
    let settings = organization.settings();
    let available: &[ControlKind] = if settings.features == FeatureSet::All { &[ControlKind::Service] } else { &[] };
    api::Organization {
        id: Some(settings.id.clone()),
        arn: Some(format!("arn:aws:organizations::{}:organization/{}", settings.management_account, settings.id)),
        feature_set: api::OrganizationFeatureSet::parse(settings.features.name()),
        master_account_arn: Some(arn(organization, "account", &settings.management_account)),
        master_account_id: Some(settings.management_account.clone()),
        master_account_email: Some(settings.management_email.clone().into()),
        available_policy_types: Some(summaries(available)),
    }
}
