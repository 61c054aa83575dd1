//! Every error that the API declares for an operation is met in a scenario, or cannot be met, and here is why.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::BTreeSet;
use std::path::Path;

use doorward_scenario::{Installation, Scenario};
use doorward_shapes::SERVICES;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

/// What no operation answers because of what a client sent: code, and why.
const OF_THE_SERVICE: &[(&str, &str)] = &[
    ("ServiceFailure", "the service's own failures; the tests of store and server bring them about"),
    ("AccessDeniedException", "the matrix tells it of every operation"),
    ("RegionDisabledException", "there are no regions to be switched off"),
    ("InternalServerException", "the same"),
    (
        "ConcurrentModification",
        "a change is made again on the newest state; only after many tries it is told, a test of the service",
    ),
    (
        "EntityTemporarilyUnmodifiable",
        "what was changed can be changed again at once: there is no propagation to wait for",
    ),
];

/// The same for Organizations.
const OF_ORGANIZATIONS: &[(&str, &str)] = &[
    ("ServiceException", "the service's own failures; the tests of store and server bring them about"),
    ("TooManyRequestsException", "there is no rate of Organizations' own"),
    ("ConcurrentModificationException", "a change is made again on the newest state, and told only after many tries"),
    ("UnsupportedAPIEndpointException", "every operation is in every Region"),
    ("PolicyChangesInProgressException", "a change of policies is whole at once"),
    ("FinalizingOrganizationException", "so is an organization"),
    ("AccessDeniedForDependencyException", "nothing else is asked for it"),
];

/// What these operations, or all that begin so, never answer: code, operations, and why.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "LimitExceeded",
        &["Deactivate", "Delete", "Detach", "Remove", "Resync", "SetDefault", "Update"],
        "they make nothing that there could be too much of",
    ),
    (
        "LimitExceeded",
        &["ChangePassword", "CreateLoginProfile", "CreateAccountAlias"],
        "there is one, and it is replaced or exists",
    ),
    (
        "InvalidInput",
        &[
            "Attach",
            "CreatePolicyVersion",
            "DeleteOpenIDConnectProvider",
            "DeletePolicy",
            "DeleteSAMLProvider",
            "Detach",
            "GetOpenIDConnectProvider",
            "GetPolicy",
            "GetSAMLProvider",
            "List",
            "Put",
            "SetDefaultPolicyVersion",
        ],
        "an ARN of another form is a ValidationError",
    ),
    (
        "InvalidInput",
        &["Untag", "UpdateAccessKey", "AddClientID", "RemoveClientID"],
        "the model's constraints are ValidationErrors",
    ),
    (
        "NoSuchEntity",
        &["CreateGroup", "CreateServiceLinkedRole", "UpdateAccountPasswordPolicy"],
        "they refer to nothing",
    ),
    ("NoSuchEntity", &["ListDelegationRequests"], "an owner who has none gets none"),
    (
        "PackedPolicyTooLarge",
        &["GetDelegatedAccessToken"],
        "the policy is no part of the token, and the tags have fitted into the approver's",
    ),
    (
        "InvalidInputException",
        &[
            "AttachPolicy",
            "CreateOrganization",
            "DeleteOrganization",
            "Describe",
            "LeaveOrganization",
            "MoveAccount",
            "UntagResource",
            "UpdateOrganizationalUnit",
        ],
        "the model's constraints are ValidationExceptions",
    ),
    (
        "ConstraintViolationException",
        &["CreateOrganization", "DeleteOrganization", "LeaveOrganization"],
        "of what Organizations asks of a payer there is nothing here",
    ),
    ("AccountNotFoundException", &["LeaveOrganization"], "it is the caller's, and there"),
    ("ConstraintViolationException", &["CreateAccount"], "it would take ten thousand of them"),
    ("ConstraintViolationException", &["DisablePolicyType", "EnablePolicyType"], "no service depends on a type"),
    ("ConstraintViolationException", &["UntagResource"], "there are no tag policies"),
    ("EntityAlreadyExists", &["AcquireRole"], "another role of the name is NameConflict"),
    ("InvalidInput", &["GetAccountProperties"], "it takes nothing"),
    ("LimitExceeded", &["GenerateCredentialReport"], "there is one report, and it is made at once"),
    ("ReportInProgress", &["GetCredentialReport"], "a report is there when it was asked for"),
    ("ExpiredTokenException", &["AssumeRole"], "there are no context providers whose tokens could be over"),
    ("IDPRejectedClaim", &["AssumeRoleWithWebIdentity"], "identity providers are not asked about single tokens"),
    ("EntityAlreadyExists", &["AddRoleToInstanceProfile"], "a second role is LimitExceeded"),
    ("EntityAlreadyExists", &["UploadSigningCertificate"], "the same certificate again is DuplicateCertificate"),
    ("MalformedPolicyDocument", &["UpdateAccountPasswordPolicy"], "it takes no document"),
    (
        "NotSupportedService",
        &["CreateServiceSpecificCredential", "ListServiceSpecificCredentials"],
        "an unknown service is NoSuchEntity",
    ),
    ("OpenIdIdpCommunicationError", &["CreateOpenIDConnectProvider"], "thumbprints that are not given are not fetched"),
    ("DeleteConflict", &["DeleteServerCertificate"], "nothing refers to a server certificate"),
    ("UnrecognizedPublicKeyEncoding", &["GetSSHPublicKey"], "another encoding is a ValidationError"),
    ("UnmodifiableEntity", &["UpdateRoleDescription"], "the description of a service-linked role can be changed"),
];

/// Operation and code of every error in the scenarios.
fn met(folder: &Path, out: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("decisions") {
            met(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let scenario: Scenario = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let errors = scenario.step.into_iter().filter_map(|step| Some((step.call?, step.error?.code)));
            out.extend(errors);
        }
    }
}

#[test]
fn every_declared_error_is_met_or_cannot_be() {
    let mut shown = BTreeSet::new();
    met(Path::new(ROOT), &mut shown);
    let (mut lacking, mut needless) = (Vec::new(), BTreeSet::from_iter(0..NEVER.len()));
    for (service, name) in Installation::new().unwrap().implemented() {
        let model = SERVICES.iter().find(|model| model.id == service).unwrap();
        for error in model.operation(name).unwrap().errors {
            let is_shown = shown.contains(&(format!("{service}:{name}"), error.code.to_owned()));
            let never = NEVER.iter().position(|(code, operations, _)| {
                *code == error.code && operations.iter().any(|operation| name.starts_with(operation))
            });
            let of_the_service = OF_THE_SERVICE.iter().chain(OF_ORGANIZATIONS).any(|(code, _)| *code == error.code);
            if let Some(reason) = never.filter(|_| !is_shown) {
                needless.remove(&reason);
            } else if !is_shown && !of_the_service {
                lacking.push(format!("{service}:{name} {}", error.code));
            }
        }
    }
    assert!(lacking.is_empty(), "{} declared errors are met in no scenario:\n{}", lacking.len(), lacking.join("\n"));
    let needless: Vec<_> = needless.iter().filter_map(|at| NEVER.get(*at)).collect();
    assert!(needless.is_empty(), "needless: {needless:#?}");
}
