//! AssumeRoleWithWebIdentity (STS API Reference): a token of an OpenID Connect provider for a session of a role.

use std::sync::Arc;

use doorward_directory::{Account, OidcProvider, quota};
use doorward_federation::{Token, TokenError, VerifiedToken};
use doorward_policy::context::{Context, Values};
use doorward_shapes::sts::{self as api, error};
use doorward_shapes::{Error, common};
use jiff::Timestamp;
use serde_json::Value;

use super::role_session::{self, Assumed, Bounds, Wanted};
use crate::Doorward;
use crate::authenticate::{Attributed, Refused};
use crate::cx::{Cx, caller_is_gone};
use crate::evidence::{Evidence, FederatedUser, Federation, Verifying};
use crate::issuer_keys::NoKey;
use crate::op::Op;
use crate::target::{Scope, Target};

/// Claims that are condition keys, by the providers that AWS knows (User Guide, "IAM and AWS STS condition context keys").
const CLAIMS: &[(&str, &[&str])] = &[
    (
        "token.actions.githubusercontent.com",
        &[
            "actor",
            "actor_id",
            "enterprise_id",
            "environment",
            "job_workflow_ref",
            "ref",
            "repository",
            "repository_id",
            "repository_owner_id",
            "workflow",
        ],
    ),
    (
        "gitlab.com",
        &[
            "namespace_id",
            "pipeline_source",
            "project_id",
            "ref_protected",
            "runner_environment",
            "user_access_level",
            "user_email",
            "user_id",
            "user_login",
        ],
    ),
    (
        "agent.buildkite.com",
        &[
            "build_branch",
            "cluster_id",
            "cluster_name",
            "organization_id",
            "organization_slug",
            "pipeline_id",
            "pipeline_slug",
        ],
    ),
];

/// Characters of tag keys and values, and of a source identity (STS API Reference, Tag and AssumeRole).
const TAG_KEY_CHARS: std::ops::RangeInclusive<usize> = 1..=128;
const TAG_VALUE_CHARS_MAX: usize = 256;
const SOURCE_IDENTITY_CHARS: std::ops::RangeInclusive<usize> = 2..=64;

pub(super) fn ops() -> Vec<Op> {
    vec![Op::issue("AssumeRoleWithWebIdentity", targets, assume).by_evidence(evidence)]
}

fn evidence<'a>(doorward: &'a Doorward, tree: &'a Value, now: Timestamp) -> Verifying<'a> {
    Box::pin(verified(doorward, tree, now))
}

/// Verifies the token of a request with the provider of the role's account. Refusals are events of that account.
async fn verified(doorward: &Doorward, tree: &Value, now: Timestamp) -> Result<Evidence, Refused> {
    let member = |name: &str| tree.get(name).and_then(Value::as_str);
    let role_arn = member("RoleArn").unwrap_or_default();
    let account_id = role_session::account_of(role_arn)?;
    let account = doorward.account(account_id).map_err(|error| {
        tracing::error!(%error, account_id, "an account could not be loaded");
        common::service_unavailable("The account could not be read.")
    })?;
    let is_here = account.is_some();
    let refused = |error: Error| {
        let attributed = is_here.then(|| Attributed { account_id: account_id.to_owned(), access_key_id: None });
        Refused { error, attributed }
    };
    if member("ProviderId").is_some() {
        return Err(refused(common::invalid_parameter_value(
            "ProviderId is for OAuth 2.0 access tokens of www.amazon.com and graph.facebook.com, which are not accepted here.",
        )));
    }
    let token = Token::parse(member("WebIdentityToken").unwrap_or_default()).map_err(told).map_err(refused)?;
    let issuer = token.issuer().to_owned();
    // What an account vouches for is for others (User Guide, "Getting started with outbound identity federation").
    if doorward.is_own_issuer(&issuer) {
        let text = "Tokens of GetWebIdentityToken cannot be used for AssumeRoleWithWebIdentity.";
        return Err(refused(error::invalid_identity_token(text)));
    }
    let url = issuer.strip_prefix("https://");
    let provider = account.as_ref().zip(url).and_then(|(account, url)| account.oidc_providers().by_name(url));
    let (Some(account), Some(provider)) = (&account, provider.filter(|provider| Some(provider.url.as_str()) == url))
    else {
        let text = format!("No OpenIDConnect provider found in your account for {issuer}");
        return Err(refused(error::invalid_identity_token(text)));
    };
    let addressed = token.addressed(&issuer, |audience| provider.client_ids.contains(audience));
    let addressed = addressed.map_err(told).map_err(refused)?;
    let keys = doorward.issuer_keys().with(&issuer, &provider.thumbprints, addressed.key_id(), now).await;
    let keys = keys.map_err(no_key).map_err(refused)?;
    let token = addressed.verify(&keys, now.as_second()).map_err(told).map_err(refused)?;
    said(account, provider, &token, role_arn).map_err(refused)
}

fn told(refused: TokenError) -> Error {
    match refused {
        TokenError::Expired { .. } => error::expired_token(refused.to_string()),
        _ => error::invalid_identity_token(refused.to_string()),
    }
}

fn no_key(why: NoKey) -> Error {
    let text = "Couldn't retrieve verification key from your identity provider,  please reference \
                AssumeRoleWithWebIdentity documentation for requirements";
    match why {
        NoKey::Unreachable => error::idp_communication_error(text),
        NoKey::Unusable => error::invalid_identity_token(text),
        NoKey::Certificate => error::invalid_identity_token(
            "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
        ),
    }
}

/// What the token says, in our terms.
fn said(
    account: &Account,
    provider: &Arc<OidcProvider>,
    token: &VerifiedToken,
    role_arn: &str,
) -> Result<Evidence, Error> {
    let arn = account.oidc_provider_arn(provider);
    let key = |claim: &str| format!("{}:{claim}", provider.url);
    let mut lasting = Context::new();
    lasting.insert(key("aud"), token.audience().to_owned());
    lasting.insert(key("sub"), token.subject().to_owned());
    if let Some(methods) = token.methods() {
        lasting.insert(key("amr"), Values::Many(methods.to_vec()));
    }
    let mut keys = lasting.clone();
    if let Some(audience) = token.claim("aud").filter(|audience| audience != token.audience()) {
        keys.insert(key("oaud"), audience.to_owned());
    }
    let known = CLAIMS.iter().filter(|(url, _)| *url == provider.url).flat_map(|(_, claims)| claims.iter());
    for claim in known {
        if let Some(value) = token.claim(claim) {
            keys.insert(key(claim), value.to_owned());
        }
    }
    if let Some(roles) = token.roles() {
        let authorized = roles.iter().any(|role| role == role_arn);
        keys.insert("sts:RoleAuthorizedByIdp", if authorized { "true" } else { "false" });
    }
    let tags = token.session_tags();
    let evidence = Evidence {
        account_id: account.id().to_owned(),
        who: FederatedUser {
            principal_id: format!("{arn}:{}:{}", token.audience(), token.subject()),
            name: token.subject().to_owned(),
            audience: token.audience().to_owned(),
            issuer: token.issuer().to_owned(),
            provider: arn.clone(),
        },
        keys,
        lasting: Federation { provider: arn, keys: lasting },
        tags: tags.map(|tags| {
            tags.tags.iter().map(|(key, value)| api::Tag { key: key.clone(), value: value.clone() }).collect()
        }),
        transitive_tag_keys: tags.map(|tags| tags.transitive_keys.clone()).filter(|keys| !keys.is_empty()),
        source_identity: token.source_identity().map(str::to_owned),
    };
    check_claims(&evidence).map(|()| evidence)
}

/// What the model demands of the parameters whose place these claims take.
fn check_claims(evidence: &Evidence) -> Result<(), Error> {
    let tags = evidence.tags.as_deref().unwrap_or_default();
    let is_tag = |tag: &api::Tag| {
        TAG_KEY_CHARS.contains(&tag.key.chars().count()) && tag.value.chars().count() <= TAG_VALUE_CHARS_MAX
    };
    let is_identity = |text: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        SOURCE_IDENTITY_CHARS.contains(&text.chars().count()) && text.chars().all(is_allowed)
    };
    if tags.len() > quota::TAGS || !tags.iter().all(is_tag) {
        return Err(error::invalid_identity_token(
            "The claim https://aws.amazon.com/tags holds what cannot be a session tag.",
        ));
    }
    match evidence.source_identity.as_deref() {
        Some(text) if !is_identity(text) => Err(error::invalid_identity_token(
            "The claim https://aws.amazon.com/source_identity is no source identity.",
        )),
        _ => Ok(()),
    }
}

fn proven<'a>(cx: &Cx<'a>) -> Result<&'a Evidence, Error> {
    cx.evidence.ok_or_else(caller_is_gone)
}

fn wanted<'a>(input: &'a api::AssumeRoleWithWebIdentityRequest, evidence: &'a Evidence) -> Wanted<'a> {
    Wanted {
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        tags: evidence.tags.as_deref(),
        transitive_tag_keys: evidence.transitive_tag_keys.as_deref(),
        source_identity: evidence.source_identity.as_deref(),
    }
}

fn targets(scope: &Scope<'_>, input: &api::AssumeRoleWithWebIdentityRequest) -> Result<Vec<Target>, Error> {
    let evidence = proven(scope.cx)?;
    role_session::targets(scope, &wanted(input, evidence), |target| target.context(&evidence.keys))
}

fn assume(
    cx: &Cx<'_>,
    _: &Account,
    input: api::AssumeRoleWithWebIdentityRequest,
) -> Result<api::AssumeRoleWithWebIdentityResponse, Error> {
    let evidence = proven(cx)?;
    let bounds = Bounds {
        duration_seconds: input.duration_seconds,
        policy: input.policy.as_deref(),
        policy_arns: input.policy_arns.as_deref(),
        ..Bounds::default()
    };
    let Assumed { issued, user, packed_policy_size, source_identity } =
        role_session::assume(cx, &wanted(&input, evidence), &bounds, Some(evidence.lasting.clone()))?;
    Ok(api::AssumeRoleWithWebIdentityResponse {
        credentials: Some(issued.credentials),
        subject_from_web_identity_token: Some(evidence.who.name.clone()),
        assumed_role_user: Some(user),
        packed_policy_size,
        provider: Some(evidence.who.issuer.clone()),
        audience: Some(evidence.who.audience.clone()),
        source_identity,
        ..Default::default()
    })
}
