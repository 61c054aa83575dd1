//! The door for resource services: Authorize (`POST /v1/authorize`).

use doorward_directory::Account;
use doorward_policy::arn::Arn;
use doorward_policy::context::{Context, Lookup};
use doorward_policy::document::{Document, Effect, PolicyType};
use doorward_policy::evaluate::{Confusion, Denial};
use doorward_policy::explain::{Explanation, StatementReport, explain};
use doorward_policy::request::Layers;
use doorward_shapes::Error;
use doorward_shapes::doorward::{self as api, error};

use super::explanation::{kind, layer_name, place_json};
use crate::authorize::{GLOBAL_REGION, describe_second_factor};
use crate::caller::{Caller, Who};
use crate::cx::Cx;
use crate::lookup::{Now, Unanswerable, describe_organizations};
use crate::op::Op;
use crate::question::{Question, ResourcePolicy};
use crate::subject::Subject;
use crate::uses::Use;

/// Keys that hold lists even when there is one value (User Guide, "AWS global condition context keys": multivalued).
const MULTIVALUED: &[&str] = &[
    "aws:TagKeys",
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:VpceOrgPaths",
    "sts:TransitiveTagKeys",
    "sts:RequestContextProviders",
    "sts:IdentityTokenAudience",
    "iam:AccountPropertyNamespaces",
];

/// Keys that follow from the principal (User Guide, "AWS global condition context keys": properties of the principal).
const OF_THE_PRINCIPAL: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
];

/// Keys that follow from the credentials. A principal that is only named can be asked about with any of them.
const OF_THE_SESSION: &[&str] = &[
    "aws:AssumedRoot",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:SourceIdentity",
    "aws:TokenIssueTime",
];
const PRINCIPAL_TAG: &str = "aws:PrincipalTag/";

pub(super) fn ops() -> Vec<Op> {
    vec![Op::decide("Authorize", |scope, _: &api::AuthorizeRequest| Ok(vec![scope.any()]), authorize)]
}

fn authorize(cx: &Cx<'_>, _: &Account, input: api::AuthorizeRequest) -> Result<api::AuthorizeResponse, Error> {
    let caller = principal(cx, &input)?;
    if !caller.account_id.is_empty() {
        super::check_reach(cx, &caller.account_id)?;
    }
    let account = match caller.account_id.as_str() {
        "" => None,
        id => Some(cx.account(id)?.ok_or_else(|| unknown(&input))?),
    };
    let subject = Subject::find(&caller, account.as_deref()).ok_or_else(|| unknown(&input))?;
    let now = Now { cx, desk: None };
    let (resource_account, resource_policy) = resource(cx, &input)?;
    let mut context = context(cx, &caller, &subject, &input)?;
    describe_organizations(&now, &caller, resource_account.as_deref(), &mut context)?;
    let question = Question {
        caller: caller.clone(),
        action: input.action,
        resource: input.resource,
        resource_account,
        resource_policy,
        context,
    };
    let answer = question.ask(&now, |request, layers, subject| {
        let explanation = explain(request, layers);
        cx.doorward.heed(subject.arn(), explanation.decision, layers);
        answer(cx, &caller.account_id, layers, &explanation)
    });
    let answer = answer.map_err(|why| match why {
        Unanswerable::NoPrincipal => error::validation("The principal does not exist."),
        Unanswerable::Unreadable => why.into(),
    })?;
    let region = question.region(GLOBAL_REGION);
    cx.doorward.note_use(&Use::by(&question.caller, &question.action, region, cx.now));
    cx.asked(question);
    Ok(answer)
}

fn unknown(input: &api::AuthorizeRequest) -> Error {
    let named = input.principal.as_deref().unwrap_or("of these credentials");
    error::validation(format!("The principal {named} does not exist."))
}

/// The principal: named by ARN (a role's ARN stands for any session of it), a service's name, `*` for an anonymous
/// caller; or the one that credentials are of.
fn principal(cx: &Cx<'_>, input: &api::AuthorizeRequest) -> Result<Caller, Error> {
    let named = match (&input.principal, &input.credentials) {
        (Some(named), None) => named,
        (None, Some(credentials)) => {
            let token = credentials.session_token.as_ref().map(|token| token.expose());
            return cx.doorward.caller_of(&credentials.access_key_id, token, cx.now);
        }
        _ => return Err(error::validation("Give either principal or credentials.")),
    };
    let asked = |who| Caller { account_id: String::new(), who, access_key_id: None, session: None };
    if named == "*" {
        return Ok(asked(Who::Anonymous));
    }
    if named.ends_with(".amazonaws.com") && !named.contains(':') {
        return Ok(asked(Who::Service { name: named.clone() }));
    }
    let arn = Arn::parse(named).ok_or_else(|| unknown(input))?;
    let account = cx.account(arn.account)?.ok_or_else(|| unknown(input))?;
    let name = named.rsplit('/').next().unwrap_or_default();
    let who = match (arn.service, arn.resource.split('/').next().unwrap_or_default()) {
        ("iam", "root") => Some(Who::Root),
        ("iam", "user") => {
            let user = account.users().by_name(name).filter(|user| account.user_arn(user) == *named);
            user.map(|user| Who::User { id: user.id.clone() })
        }
        ("iam", "role") => {
            let role = account.roles().by_name(name).filter(|role| account.role_arn(role) == *named);
            role.map(|role| Who::Role { id: role.id.clone(), session_name: "session".to_owned() })
        }
        ("sts", "assumed-role") => {
            let role = arn.resource.split('/').nth(1).and_then(|name| account.roles().by_name(name));
            role.map(|role| Who::Role { id: role.id.clone(), session_name: name.to_owned() })
        }
        ("sts", "federated-user") => {
            return Err(error::validation("A federated user is known by its credentials alone: give credentials."));
        }
        _ => None,
    };
    let who = who.ok_or_else(|| unknown(input))?;
    Ok(Caller { account_id: account.id().to_owned(), ..asked(who) })
}

/// The condition keys: what is known of the principal, the time, and what the service says of the request. What is
/// derived from the principal cannot be said otherwise.
fn context(
    cx: &Cx<'_>,
    caller: &Caller,
    subject: &Subject<'_>,
    input: &api::AuthorizeRequest,
) -> Result<Context<'static>, Error> {
    let mut context = Context::new();
    subject.describe(&mut context);
    describe_second_factor(caller, false, cx.now, &mut context);
    for (key, values) in input.context.iter().flatten() {
        if is_known(key, input.credentials.is_some()) || context.get(key) != Lookup::Absent {
            let text = format!("The condition key {key} is known from the principal, or given twice.");
            return Err(error::validation(text));
        }
        let many = MULTIVALUED.iter().any(|known| known.eq_ignore_ascii_case(key));
        match values.as_slice() {
            [only] if !many => context.insert(key.clone(), only.clone()),
            values => context.insert(key.clone(), values.to_vec()),
        }
    }
    let defaults = [("aws:CurrentTime", crate::event::date(cx.now)), ("aws:EpochTime", cx.now.as_second().to_string())];
    for (key, value) in defaults {
        if context.get(key) == Lookup::Absent {
            context.insert(key, value);
        }
    }
    Ok(context)
}

/// Whether a key is a property of the principal, or of its session where that is known: such a key cannot be claimed,
/// and where it is absent, it is absent.
fn is_known(key: &str, session_is_known: bool) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|known| known.eq_ignore_ascii_case(key));
    let is_tag = key.get(..PRINCIPAL_TAG.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PRINCIPAL_TAG));
    has(OF_THE_PRINCIPAL) || session_is_known && (is_tag || has(OF_THE_SESSION))
}

/// The account of the resource, and its policy: the one given, or a role's trust policy when the role is to be assumed.
fn resource(cx: &Cx<'_>, input: &api::AuthorizeRequest) -> Result<(Option<String>, Option<ResourcePolicy>), Error> {
    let arn = Arn::parse(&input.resource);
    if arn.is_none() && input.resource != "*" {
        return Err(error::validation(format!("The resource {} is neither an ARN nor `*`.", input.resource)));
    }
    let in_arn = arn.as_ref().map(|arn| arn.account).filter(|account| !account.is_empty()).map(str::to_owned);
    let account_id = input.resource_account.clone().or(in_arn);
    if let Some(text) = &input.resource_policy {
        let refused = Document::parse(text, PolicyType::Resource).err();
        if let Some(refused) = refused {
            return Err(error::validation(format!("resourcePolicy: {} {}", refused.message, refused.detail)));
        }
        return Ok((account_id, Some(ResourcePolicy::Document(text.clone()))));
    }
    let assumes = input.action.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("sts:"));
    let is_role = arn.is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
    if !(assumes && is_role) {
        return Ok((account_id, None));
    }
    let owner = account_id.clone().unwrap_or_default();
    let name = input.resource.rsplit('/').next().unwrap_or_default();
    let account = cx.account(&owner)?;
    let role = account
        .as_ref()
        .and_then(|account| account.roles().by_name(name).filter(|role| account.role_arn(role) == input.resource));
    let role_id = role.map(|role| role.id.clone()).unwrap_or_default();
    Ok((account_id, Some(ResourcePolicy::Trust { account_id: owner, role_id })))
}

fn answer(cx: &Cx<'_>, account_id: &str, layers: &Layers<'_>, explanation: &Explanation) -> api::AuthorizeResponse {
    let is_allowed = explanation.decision.is_allowed();
    let (kind, layer) = kind(explanation.decision.denial());
    let deciding: Vec<&StatementReport> = explanation.ladder.iter().flat_map(|rung| &rung.matched).collect();
    let is_deciding = |report: &&&StatementReport| explanation.decision.statements.iter().any(|at| at == report.at);
    let stated = deciding.iter().filter(|report| is_deciding(report)).map(|report| reason(layers, report));
    let reasons = stated.chain(unread(layers, explanation)).collect();
    api::AuthorizeResponse {
        decision: if is_allowed { api::Decision::Allow } else { api::Decision::Deny },
        kind: api::DecisionKind::parse(kind).unwrap_or_default(),
        layer: layer.map(|layer| layer_name(layer).to_owned()),
        id: cx.decision_id(),
        reasons,
        missing_context: explanation.missing_keys.clone(),
        // Services put it into their errors: it tells nothing to whoever has no permission to decode it.
        encoded_authorization_message: (!is_allowed).then(|| cx.encoded_message(account_id)).flatten(),
    }
}

/// A policy that is attached and cannot be found or read denies as a whole: it has no statement to show.
fn unread(layers: &Layers<'_>, explanation: &Explanation) -> Option<api::Reason> {
    let Some(Denial::NotUnderstood(Confusion::Policy { layer, level, policy })) = explanation.decision.denial() else {
        return None;
    };
    let source = layers.policies(layer, level).get(policy)?.source.name().map(str::to_owned);
    Some(api::Reason {
        layer: layer_name(layer).to_owned(),
        source,
        effect: api::Effect::Deny,
        ..api::Reason::default()
    })
}

fn reason(layers: &Layers<'_>, report: &StatementReport) -> api::Reason {
    let text = layers.text(report.at);
    let place = place_json(text, report.span);
    let number = |name: &str| place.get(name).and_then(serde_json::Value::as_i64).and_then(|n| i32::try_from(n).ok());
    let range = usize::try_from(report.span.start).ok().zip(usize::try_from(report.span.end).ok());
    api::Reason {
        layer: layer_name(report.at.layer()).to_owned(),
        source: report.policy.clone(),
        sid: report.sid.clone(),
        effect: if report.effect == Effect::Allow { api::Effect::Allow } else { api::Effect::Deny },
        statement_index: i32::try_from(report.at.statement()).ok(),
        start_line: number("startLine"),
        start_column: number("startColumn"),
        end_line: number("endLine"),
        end_column: number("endColumn"),
        start: number("start"),
        end: number("end"),
        text: range.and_then(|(start, end)| text.get(start..end)).map(str::to_owned),
    }
}
