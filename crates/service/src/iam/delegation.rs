//! Temporary delegation (IAM API Reference: CreateDelegationRequest, GetDelegationRequest, ListDelegationRequests,
//! GetHumanReadableSummary; User Guide, "IAM temporary delegation").

mod step;
mod template;
mod view;

use doorward_directory::{Account, Delegation, DelegationRequest, PolicyText, TemplateParameter, quota};
use doorward_policy::document::{Document, PolicyType};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};
use serde_json::json;

use crate::cx::{Cx, caller_is_gone};
use crate::delegation::{Found, find};
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::subject::Subject;
use crate::target::{Scope, Target};
use crate::world::random_u128;

pub(super) fn ops() -> Vec<Op> {
    let own = vec![
        Op::write("CreateDelegationRequest", created, create),
        Op::read(
            "GetDelegationRequest",
            |scope, input: &api::GetDelegationRequestRequest| owned(scope, &input.delegation_request_id),
            get,
        ),
        Op::read("ListDelegationRequests", listed, list),
        Op::read(
            "GetHumanReadableSummary",
            |scope, input: &api::GetHumanReadableSummaryRequest| owned(scope, id_in(scope.account, &input.entity_arn)?),
            summary,
        ),
    ];
    own.into_iter().chain(step::ops()).collect()
}

fn created(scope: &Scope<'_>, input: &api::CreateDelegationRequestRequest) -> Result<Vec<Target>, Error> {
    let target = scope
        .any()
        .key("iam:DelegationDuration", input.session_duration.to_string())
        .key("iam:NotificationChannel", input.notification_channel.clone())
        .key_if("iam:TemplateArn", input.permissions.policy_template_arn.as_deref());
    Ok(vec![target])
}

/// A request as the only target.
fn request(scope: &Scope<'_>, id: &str) -> Target {
    let target = scope.arn(scope.account.arn("delegation-request", "/", id));
    let delegation = scope.account.delegations().by_id(id);
    target.key_if("iam:DelegationRequestOwner", delegation.map(|delegation| delegation.owner.arn.as_str()))
}

/// The same, which its owner may touch without any policy that says so (User Guide, "Managing Permissions for Delegation
/// Requests"). What denies, denies.
fn owned(scope: &Scope<'_>, id: &str) -> Result<Vec<Target>, Error> {
    let target = request(scope, id);
    let subject = Subject::find(scope.cx.caller, Some(scope.account)).ok_or_else(caller_is_gone)?;
    let delegation = scope.account.delegations().by_id(id);
    let is_owner = delegation.is_some_and(|delegation| is_owner(delegation, &subject));
    Ok(vec![target.with_policy(is_owner.then(|| grant(&scope.action, &subject)))])
}

fn is_owner(delegation: &Delegation, subject: &Subject<'_>) -> bool {
    subject.user_id().is_some_and(|id| id == delegation.owner.user_id)
}

fn grant(action: &str, subject: &Subject<'_>) -> String {
    let (_, principal) = subject.issuer();
    let statement = json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

/// One's own need no policy.
fn listed(scope: &Scope<'_>, input: &api::ListDelegationRequestsRequest) -> Result<Vec<Target>, Error> {
    let subject = Subject::find(scope.cx.caller, Some(scope.account)).ok_or_else(caller_is_gone)?;
    let is_own = input.owner_id.as_deref() == Some(subject.arn());
    let target = scope
        .arn(scope.account.arn("delegation-request", "/", "*"))
        .key_if("iam:DelegationRequestOwner", input.owner_id.as_deref())
        .with_policy(is_own.then(|| grant(&scope.action, &subject)));
    Ok(vec![target])
}

fn invalid(text: &str) -> Error {
    error::invalid_input(text)
}

fn create(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateDelegationRequestRequest,
) -> Result<api::CreateDelegationRequestResponse, Error> {
    let owner = input.owner_account_id.ok_or_else(|| invalid("OwnerAccountId must name the account that is asked."))?;
    if cx.account(&owner)?.is_none() {
        return Err(invalid("OwnerAccountId names no account."));
    }
    let template = input.permissions.policy_template_arn.unwrap_or_default();
    let parameters = parameters(input.permissions.parameters.unwrap_or_default())?;
    let policy = policy(account, &template, &parameters)?;
    let old: Vec<String> =
        account.delegation_requests().iter().filter(|old| old.is_forgotten(cx.now)).map(|old| old.id.clone()).collect();
    old.iter().for_each(|id| account.remove::<DelegationRequest>(id));
    if account.delegation_requests().by_name(&input.requestor_workflow_id).is_some() {
        let text = format!("A delegation request with workflow id {} already exists.", input.requestor_workflow_id);
        return Err(error::entity_already_exists(text));
    }
    if account.delegation_requests().len() >= quota::DELEGATION_REQUESTS {
        let limit = quota::DELEGATION_REQUESTS;
        return Err(error::limit_exceeded(format!("Cannot exceed quota for DelegationRequestsPerAccount: {limit}")));
    }
    let id = DelegationRequest::new_id(account.id(), random_u128(cx.world()));
    account.put(DelegationRequest {
        id: id.clone(),
        requestor_id: account.id().to_owned(),
        requestor_name: account.settings().name.clone(),
        owner_account_id: owner,
        description: input.description,
        request_message: input.request_message,
        template_arn: template,
        parameters,
        policy,
        workflow_id: input.requestor_workflow_id,
        redirect_url: input.redirect_url,
        session_duration: input.session_duration,
        only_send_by_owner: input.only_send_by_owner.unwrap_or_default(),
        created: cx.date(),
    });
    // There is no console that a link could lead to.
    Ok(api::CreateDelegationRequestResponse { console_deep_link: None, delegation_request_id: Some(id) })
}

fn parameters(given: Vec<api::PolicyParameter>) -> Result<Vec<TemplateParameter>, Error> {
    let one = |parameter: api::PolicyParameter| {
        let is_list = matches!(parameter.r#type, Some(api::PolicyParameterTypeEnum::StringList));
        match (parameter.name, parameter.values) {
            (Some(name), Some(values)) => Ok(TemplateParameter { name, values, is_list }),
            _ => Err(invalid("A parameter must have a name and values.")),
        }
    };
    given.into_iter().map(one).collect()
}

/// The permissions that a managed policy of the account is a template of.
fn policy(account: &Account, template: &str, parameters: &[TemplateParameter]) -> Result<PolicyText, Error> {
    let of_this_account = account.arn("policy", "/", "");
    let policy = account.policy_by_arn(template).filter(|_| template.starts_with(&of_this_account));
    let version = policy.and_then(|policy| policy.versions.iter().find(|own| own.number == policy.default_version));
    let version = version
        .ok_or_else(|| invalid("PolicyTemplateArn must be a customer managed policy of the requesting account."))?;
    let text = template::filled(version.document.text(), parameters).map_err(invalid)?;
    let document = Document::parse(&text, PolicyType::Session);
    document
        .map(PolicyText::new)
        .map_err(|refused| invalid(&format!("The permissions are malformed: {}", refused.message)))
}

fn get(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetDelegationRequestRequest,
) -> Result<api::GetDelegationRequestResponse, Error> {
    let found = find(cx, account, &input.delegation_request_id)?;
    // A check of the caller's permissions may be asked for; an answer is promised nowhere, and none is made up.
    Ok(api::GetDelegationRequestResponse {
        delegation_request: Some(view::request(&found, cx.now)),
        permission_check_status: None,
        permission_check_result: None,
    })
}

fn list(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListDelegationRequestsRequest,
) -> Result<api::ListDelegationRequestsResponse, Error> {
    let owner = input.owner_id.as_deref();
    let request =
        PageRequest { list: &[owner.unwrap_or_default()], marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| account.delegations().after(after).filter(|one| owner.is_none_or(|owner| one.owner.arn == owner)),
        |delegation| delegation.request.id.as_str(),
        |delegation| view::request(&Found::Assigned((*delegation).clone()), cx.now),
    )?;
    Ok(api::ListDelegationRequestsResponse {
        delegation_requests: Some(page.items),
        marker: page.marker,
        is_truncated: Some(page.is_truncated),
    })
}

/// The request in the ARN of an entity: no other has a summary.
fn id_in<'a>(account: &Account, arn: &'a str) -> Result<&'a str, Error> {
    let id = arn.strip_prefix(&account.arn("delegation-request", "/", ""));
    id.ok_or_else(|| invalid("EntityArn must be the ARN of a delegation request."))
}

/// AWS has a language model write summaries. There is none here, and the API has a word for that.
fn summary(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetHumanReadableSummaryRequest,
) -> Result<api::GetHumanReadableSummaryResponse, Error> {
    find(cx, account, id_in(account, &input.entity_arn)?)?;
    Ok(api::GetHumanReadableSummaryResponse {
        summary_content: None,
        locale: input.locale,
        summary_state: Some(api::SummaryStateType::NotSupported),
    })
}
