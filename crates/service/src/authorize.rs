//! Whether the caller may: every target of a call is a question, and all answers must be Allow.

use doorward_policy::context::Context;
use doorward_policy::evaluate::decide;
use doorward_policy::message::{denial_message, federation_denial_message, short_denial_message};
use doorward_shapes::{Error, Protocol, Service, common};
use jiff::Timestamp;

use crate::caller::{Caller, Who};
use crate::cx::{Cx, caller_is_gone};
use crate::desk::Desk;
use crate::lookup::{Now, Unanswerable, describe_organizations};
use crate::question::{Question, ResourcePolicy};
use crate::session::{Session, SessionOf};
use crate::subject::Subject;
use crate::target::Target;

/// The proof that all that a call touches was allowed, or that its operation needs no permission. Running an operation
/// demands it.
pub(crate) struct Authorized(());

/// The region of services that have only one, and of requests that were not signed for any.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

impl Authorized {
    /// For an operation that no policy can deny, and whose caller still exists.
    pub fn without_policies(cx: &Cx<'_>, desk: &Desk) -> Result<Authorized, Error> {
        Subject::find(cx.caller, Some(&desk.account)).map(|_| Authorized(())).ok_or_else(caller_is_gone)
    }

    /// Asks about every target; what was asked is left in `asked`, whatever the answer.
    pub fn by_policies(
        cx: &Cx<'_>,
        desk: &Desk,
        targets: &[Target],
        asked: &mut Vec<Question>,
    ) -> Result<Authorized, Error> {
        let subject = Subject::find(cx.caller, Some(&desk.account)).ok_or_else(caller_is_gone)?;
        let now = Now { cx, desk: Some(desk) };
        if targets.is_empty() {
            return Err(common::access_denied("The operation names nothing that could be authorized."));
        }
        let own_action = cx.action();
        for target in targets {
            if target.action != own_action {
                cx.note_use(&target.action);
            }
            let question = question(&now, &subject, target)?;
            let refusal = refusal(&now, &question, target)?;
            asked.push(question);
            if let Some(message) = refusal {
                return Err(spelled(cx.call.service, common::access_denied(message)));
            }
        }
        Ok(Authorized(()))
    }
}

/// An error with its code as the service's protocol has it.
pub(crate) fn spelled(service: &Service, error: Error) -> Error {
    let (code, status) = match (service.protocol, error.code.as_ref()) {
        // awsJson 1.1 has one status for all that is the caller's fault.
        (Protocol::Json11, "AccessDenied") => ("AccessDeniedException", 400),
        (Protocol::RestJson, "AccessDenied") => ("AccessDeniedException", error.status),
        (Protocol::Json11 | Protocol::RestJson, "ValidationError") => ("ValidationException", error.status),
        _ => return error,
    };
    Error { code: code.into(), status, ..error }
}

/// Decides one question; the message of a denial.
fn refusal(now: &Now<'_>, question: &Question, target: &Target) -> Result<Option<String>, Error> {
    let cx = now.cx;
    let answer = question.ask(now, |request, layers, subject| {
        let decision = decide(request, layers);
        cx.doorward.heed(subject.arn(), decision, layers);
        (!decision.is_allowed()).then(|| {
            // Whoever has no name here is told of the operation alone.
            if matches!(question.caller.who, Who::Federated(_)) {
                return federation_denial_message(&format!("{}:{}", cx.call.service.id, cx.call.operation.name));
            }
            let (caller, action, resource) = (subject.arn(), &target.action, Some(target.display.as_str()));
            // AssumeRole gives no reason: the role may be another account's (User Guide, "Troubleshoot IAM roles").
            let Some(denial) = decision.denial().filter(|_| target.trust.is_none()) else {
                return short_denial_message(caller, action, resource);
            };
            // Policies of the caller's own account are named (User Guide, "Troubleshoot access denied error messages").
            let arn = decision.statements.iter().next().and_then(|at| layers.find(at)?.0.source.policy_arn());
            denial_message(caller, action, resource, denial, arn)
        })
    });
    Ok(answer?)
}

fn question(now: &Now<'_>, subject: &Subject<'_>, target: &Target) -> Result<Question, Unanswerable> {
    let cx = now.cx;
    let resource_account = (target.arn != "*").then(|| target.account_id.clone());
    let mut context = Context::new();
    subject.describe(&mut context);
    describe_second_factor(cx.caller, cx.gave_code(), cx.now, &mut context);
    describe_call(cx, &mut context);
    if let Some(account_id) = &resource_account {
        context.insert("aws:ResourceAccount", account_id.clone());
    }
    describe_organizations(now, cx.caller, resource_account.as_deref(), &mut context)?;
    for (key, values) in &target.keys {
        context.insert(key.clone(), values.clone());
    }
    let trust = target.trust.clone().map(|(account_id, role_id)| ResourcePolicy::Trust { account_id, role_id });
    let own = target.policy.clone().map(ResourcePolicy::Document);
    Ok(Question {
        caller: cx.caller.clone(),
        action: target.action.clone(),
        resource: target.arn.clone(),
        resource_account,
        resource_policy: trust.or(own),
        context,
    })
}

/// The keys of multi-factor authentication: of the code that came with the call, else of the session. Long-term keys have
/// no such key at all, nor have federated users; other sessions made without MFA have it and it is false; what an identity
/// provider asked for, its own keys say (User Guide, "AWS global condition context keys").
pub(crate) fn describe_second_factor(caller: &Caller, given: bool, now: Timestamp, context: &mut Context) {
    let federated =
        |session: &Session| session.federation.is_some() || matches!(session.of, SessionOf::FederatedUser { .. });
    let session = caller.session.as_ref().filter(|session| !federated(session));
    let age = if given { Some("0".to_owned()) } else { session.and_then(|session| session.mfa_age(now)) };
    if given || session.is_some() {
        context.insert("aws:MultiFactorAuthPresent", if age.is_some() { "true" } else { "false" });
    }
    if let Some(age) = age {
        context.insert("aws:MultiFactorAuthAge", age);
    }
}

/// The keys of the request and the network (User Guide, "AWS global condition context keys").
fn describe_call(cx: &Cx<'_>, context: &mut Context<'static>) {
    context.insert("aws:CurrentTime", cx.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    context.insert("aws:EpochTime", cx.now.as_second().to_string());
    context.insert("aws:SecureTransport", if cx.call.peer.secure_transport { "true" } else { "false" });
    context.insert("aws:ViaAWSService", "false");
    // IAM is a global service: its requests are us-east-1's wherever they were signed for.
    let region = if cx.call.service.id == "sts" { cx.region } else { GLOBAL_REGION };
    context.insert("aws:RequestedRegion", region.to_owned());
    if let Some(address) = cx.call.peer.source_ip {
        context.insert("aws:SourceIp", address.to_string());
    }
    for (header, key) in [("user-agent", "aws:UserAgent"), ("referer", "aws:referer")] {
        if let Some(value) = cx.call.header(header) {
            context.insert(key, value.into_owned());
        }
    }
}

/// Operations of the own API that are IAM's by their nature: on what proves a second factor.
const MFA_DEVICES: &[&str] = &[
    "ImportHardwareMFADevices",
    "ListHardwareMFADevices",
    "DeleteHardwareMFADevice",
    "BeginSecurityKeyRegistration",
    "FinishSecurityKeyRegistration",
];

/// What temporary credentials may not call, whatever policies say (User Guide, "Compare AWS STS credentials").
pub(crate) fn check_credentials(cx: &Cx<'_>) -> Result<(), Error> {
    let Some(session) = &cx.caller.session else { return Ok(()) };
    let operation = cx.call.operation.name;
    if session.delegation().is_some() {
        // For as long as was agreed, and no longer: no other sessions, and no further delegation.
        let prolongs = match cx.call.service.id {
            "sts" => operation != "GetCallerIdentity",
            _ => operation.contains("Delegation"),
        };
        return match prolongs {
            true => Err(common::access_denied(format!("Cannot call {operation} with delegated credentials"))),
            false => Ok(()),
        };
    }
    match (&session.of, cx.call.service.id) {
        (_, "sts") if matches!(operation, "GetSessionToken" | "GetFederationToken") => {
            Err(common::access_denied(format!("Cannot call {operation} with session credentials")))
        }
        (SessionOf::Root | SessionOf::User(_), "sts") if !matches!(operation, "AssumeRole" | "GetCallerIdentity") => {
            Err(common::access_denied(format!("Cannot call {operation} with session credentials")))
        }
        (SessionOf::FederatedUser { .. }, "sts") if operation != "GetCallerIdentity" => {
            Err(common::access_denied(format!("Cannot call {operation} with session credentials")))
        }
        // A federated user: no IAM at all. GetSessionToken without MFA: none either.
        (SessionOf::FederatedUser { .. }, "iam") => Err(caller_is_gone()),
        (SessionOf::Root | SessionOf::User(_), "iam") if session.mfa.is_none() => Err(caller_is_gone()),
        (SessionOf::Role { .. }, "doorward") => Ok(()),
        (_, "doorward") if session.mfa.is_none() && MFA_DEVICES.contains(&operation) => Err(caller_is_gone()),
        _ => Ok(()),
    }
}

/// Root users assume no roles (API Reference, AssumeRole).
pub(crate) fn refuse_root(cx: &Cx<'_>) -> Result<(), Error> {
    match cx.caller.who {
        Who::Root => Err(common::access_denied("Roles may not be assumed by root accounts.")),
        _ => Ok(()),
    }
}
