//! Accounts of an organization: CreateAccount, DescribeCreateAccountStatus, ListCreateAccountStatus, DescribeAccount,
//! ListAccounts, ListAccountsForParent.

use std::collections::BTreeMap;

use doorward_directory::{
    Account, AccountCreation, AccountSettings, Member, NodeKind, Organization, Policies, PolicyText, Role, Tags,
    TrustPolicy, id,
};
use doorward_policy::document::{Document, PolicyType};
use doorward_shapes::Error;
use doorward_shapes::common;
use doorward_shapes::organizations::{self as api, error};

use super::policy::defaults;
use super::target::{self, arn};
use super::{limit, listed, parent, tag};
use crate::cx::Cx;
use crate::desk::Desk;
use crate::node::settings;
use crate::op::Op;
use crate::world::random_u128;

/// Accounts in an organization: the most that AWS grants on request (Organizations User Guide, "Quotas").
const ACCOUNTS: usize = 10_000;
/// The role that the management account can assume in each account that it makes (Organizations User Guide, "Accessing
/// member accounts").
const ROLE: &str = "OrganizationAccountAccessRole";

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreateAccount",
            |scope, input: &api::CreateAccountRequest| Ok(target::tagged(scope.any(), input.tags.as_deref())),
            create,
        ),
        Op::read(
            "DescribeCreateAccountStatus",
            |scope, _: &api::DescribeCreateAccountStatusRequest| Ok(vec![scope.any()]),
            describe_creation,
        ),
        Op::read(
            "ListCreateAccountStatus",
            |scope, _: &api::ListCreateAccountStatusRequest| Ok(vec![scope.any()]),
            list_creations,
        ),
        Op::read(
            "DescribeAccount",
            |scope, input: &api::DescribeAccountRequest| Ok(vec![target::place(scope, &input.account_id)]),
            describe,
        ),
        Op::read("ListAccounts", |scope, _: &api::ListAccountsRequest| Ok(vec![scope.any()]), list),
        Op::read(
            "ListAccountsForParent",
            |scope, input: &api::ListAccountsForParentRequest| Ok(vec![target::place(scope, &input.parent_id)]),
            list_for_parent,
        ),
    ]
}

/// The member of this id.
pub(super) fn member(organization: &Organization, id: &str) -> Result<Member, Error> {
    let member = organization.members().by_id(id).map(|member| Member::clone(member));
    member.ok_or_else(|| error::account_not_found("You specified an account that doesn't exist."))
}

/// The new account and its place in the organization become durable together. Where AWS answers that it is being made,
/// it is made already.
fn create(cx: &Cx<'_>, desk: &mut Desk, input: api::CreateAccountRequest) -> Result<api::CreateAccountResponse, Error> {
    let management = desk.account.id().to_owned();
    let organization = desk.organization_mut()?;
    if organization.members().len() >= ACCOUNTS {
        let text = "You have exceeded the allowed number of AWS accounts in an organization.";
        return Err(limit("ACCOUNT_NUMBER_LIMIT_EXCEEDED", text));
    }
    let root = organization.root().map(|root| root.id.clone()).unwrap_or_default();
    let (email, name) = (input.email.expose().to_owned(), input.account_name.expose().to_owned());
    let tags = tag::checked(input.tags)?;
    let mut creation = AccountCreation {
        id: id::organization_id("car-", random_u128(cx.world()), 24),
        name: name.clone(),
        requested: cx.date(),
        account: None,
        failure: None,
    };
    if organization.members().iter().any(|member| member.email.eq_ignore_ascii_case(&email)) {
        creation.failure = Some("EMAIL_ALREADY_EXISTS".to_owned());
    } else {
        let settings = settings(cx.world(), None, &name).map_err(|_| common::internal_failure("no account id"))?;
        let account_id = settings.id.clone();
        creation.account = Some(account_id.clone());
        organization.put(Member {
            id: account_id,
            parent: root,
            name,
            email,
            joined: cx.date(),
            created: true,
            policies: defaults(organization),
            tags,
        });
        let settings = AccountSettings { organization: Some(organization.id().to_owned()), ..settings };
        let mut account = Account::new(settings);
        account.put(role(cx, &management, input.role_name)?);
        desk.founded.push(account);
    }
    let answer = status(&creation);
    desk.organization_mut()?.put(creation);
    Ok(api::CreateAccountResponse { create_account_status: Some(answer) })
}

/// The role by which the management account comes in, with all permissions.
fn role(cx: &Cx<'_>, management: &str, name: Option<String>) -> Result<Role, Error> {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{management}:root"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let failed = |_| common::internal_failure("the role's policies cannot be read");
    let trust = Document::parse(&trust, PolicyType::Trust).map_err(failed)?;
    let all = Document::parse(all, PolicyType::Inline).map_err(failed)?;
    let inline = BTreeMap::from([("AdministratorAccess".to_owned(), PolicyText::new(all))]);
    Ok(Role {
        id: cx.unique_id(id::ROLE),
        name: name.unwrap_or_else(|| ROLE.to_owned()),
        path: "/".to_owned(),
        created: cx.date(),
        description: None,
        max_session_duration: 3_600,
        trust: TrustPolicy::new(trust, BTreeMap::new()),
        tags: Tags::default(),
        policies: Policies { inline, ..Policies::default() },
        boundary: None,
        source_template: None,
    })
}

fn describe_creation(
    _: &Cx<'_>,
    organization: &Organization,
    input: api::DescribeCreateAccountStatusRequest,
) -> Result<api::DescribeCreateAccountStatusResponse, Error> {
    let creation = organization.account_creations().by_id(&input.create_account_request_id);
    let missing =
        || error::create_account_status_not_found("You specified an account creation request that doesn't exist.");
    let answer = status(creation.ok_or_else(missing)?);
    Ok(api::DescribeCreateAccountStatusResponse { create_account_status: Some(answer) })
}

fn list_creations(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListCreateAccountStatusRequest,
) -> Result<api::ListCreateAccountStatusResponse, Error> {
    let states = input.states.unwrap_or_default();
    let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let is_asked = |creation: &AccountCreation| names.is_empty() || names.contains(&state(creation));
    let creations = organization.account_creations().iter().filter(|creation| is_asked(creation));
    let from = (input.next_token.as_deref(), input.max_results);
    let page = listed(cx, &names, from, creations, |creation| &creation.id, |creation| status(creation))?;
    Ok(api::ListCreateAccountStatusResponse { create_account_statuses: Some(page.items), next_token: page.marker })
}

fn describe(
    _: &Cx<'_>,
    organization: &Organization,
    input: api::DescribeAccountRequest,
) -> Result<api::DescribeAccountResponse, Error> {
    let member = member(organization, &input.account_id)?;
    Ok(api::DescribeAccountResponse { account: Some(summary(organization, &member)) })
}

fn list(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListAccountsRequest,
) -> Result<api::ListAccountsResponse, Error> {
    let from = (input.next_token.as_deref(), input.max_results);
    let members = organization.members().iter();
    let page = listed(cx, &[], from, members, |member| &member.id, |member| summary(organization, member))?;
    Ok(api::ListAccountsResponse { accounts: Some(page.items), next_token: page.marker })
}

fn list_for_parent(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListAccountsForParentRequest,
) -> Result<api::ListAccountsForParentResponse, Error> {
    let parent = parent(organization, &input.parent_id)?.id();
    let from = (input.next_token.as_deref(), input.max_results);
    let members = organization.children(parent, NodeKind::Account).filter_map(|id| organization.members().by_id(id));
    let page = listed(cx, &[parent], from, members, |member| &member.id, |member| summary(organization, member))?;
    Ok(api::ListAccountsForParentResponse { accounts: Some(page.items), next_token: page.marker })
}

fn state(creation: &AccountCreation) -> &'static str {
    if creation.failure.is_some() { "FAILED" } else { "SUCCEEDED" }
}

fn status(creation: &AccountCreation) -> api::CreateAccountStatus {
    api::CreateAccountStatus {
        id: Some(creation.id.clone()),
        account_name: Some(creation.name.clone().into()),
        state: api::CreateAccountState::parse(state(creation)),
        requested_timestamp: Some(creation.requested),
        completed_timestamp: Some(creation.requested),
        account_id: creation.account.clone(),
        gov_cloud_account_id: None,
        failure_reason: creation.failure.as_deref().and_then(api::CreateAccountFailureReason::parse),
    }
}

fn summary(organization: &Organization, member: &Member) -> api::Account {
    let joined = if member.created { api::AccountJoinedMethod::Created } else { api::AccountJoinedMethod::Invited };
    api::Account {
        id: Some(member.id.clone()),
        arn: Some(arn(organization, "account", &member.id)),
        email: Some(member.email.clone().into()),
        name: Some(member.name.clone().into()),
        status: Some(api::AccountStatus::Active),
        state: Some(api::AccountState::Active),
        paths: Some(vec![organization.path(&member.id)]),
        joined_method: Some(joined),
        joined_timestamp: Some(member.joined),
    }
}
