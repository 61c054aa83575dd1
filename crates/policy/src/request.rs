//! What is asked, and the policies that have a say in it.

mod layers;

use std::ops::{Deref, Range};

use crate::arn::Arn;
use crate::context::Context;

pub use layers::{Layer, Layers};

pub use crate::set::{Attached, PolicySet, Source};

/// One question: may this principal perform this action on this resource?
///
/// A call that touches several resources, or needs dependent actions, asks several questions; all must be allowed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// `service:Name`, in any case.
    pub action: &'a str,
    /// What is touched.
    pub resource: Resource<'a>,
    /// The condition keys.
    pub context: &'a Context<'a>,
}

/// The resource of a request.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// The ARN, in which `*` and `?` are ordinary characters, or `*` for an action that has no resource.
    pub arn: &'a str,
    /// The account that owns it; none where no account does, or where the action has no resource.
    pub account: Option<&'a str>,
    /// True for resources whose own policy alone can let an account in: IAM roles (their trust policy) and KMS keys.
    pub requires_own_grant: bool,
}

/// Who asks (User Guide, "AWS JSON policy elements: Principal"). Accounts and partitions are those of the ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An account's root user.
    Root {
        /// `arn:P:iam::A:root`.
        arn: PrincipalArn,
    },
    /// An IAM user, also with GetSessionToken credentials.
    User(User),
    /// A session of GetFederationToken.
    FederatedUser {
        /// `arn:P:sts::A:federated-user/name`.
        arn: PrincipalArn,
        /// The user that asked for it; none when the root user did.
        user: Option<User>,
    },
    /// A session of a role.
    RoleSession(RoleSession),
    /// A session of AssumeRoot: a member account's root user, held down by a task policy as its session policy.
    AssumedRoot {
        /// `arn:P:iam::A:root`.
        arn: PrincipalArn,
    },
    /// An AWS service calling in its own name, such as `ec2.amazonaws.com`.
    Service(String),
    /// An identity provider, in AssumeRoleWithSAML and AssumeRoleWithWebIdentity only: its ARN or built-in name.
    Federated(String),
    /// An unsigned request.
    Anonymous,
}

/// An IAM user as a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The ARN, path included.
    pub arn: PrincipalArn,
    /// `AIDA…`.
    pub unique_id: String,
}

/// A role session as a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSession {
    /// `arn:P:sts::A:assumed-role/name/session`.
    pub arn: PrincipalArn,
    /// The role's ARN, path included.
    pub role_arn: String,
    /// The role's id, `AROA…`.
    pub role_unique_id: String,
    /// Whether the role is a service-linked role, which service and resource control policies do not reach.
    pub service_linked: bool,
}

/// The ARN of a principal, split once for all questions that are asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalArn {
    text: String,
    /// Where the partition and the account stand; none of a text that is no ARN.
    parts: Option<(Range<usize>, Range<usize>)>,
}

impl PrincipalArn {
    /// The partition; none of a text that is no ARN.
    pub fn partition(&self) -> Option<&str> {
        self.text.get(self.parts.as_ref()?.0.clone())
    }

    /// The account; none where there is none in it.
    pub fn account(&self) -> Option<&str> {
        self.text.get(self.parts.as_ref()?.1.clone()).filter(|account| !account.is_empty())
    }
}

impl From<String> for PrincipalArn {
    fn from(text: String) -> PrincipalArn {
        let parts = Arn::parse(&text).map(|arn| {
            let partition = "arn:".len()..("arn:".len() + arn.partition.len());
            let account = text.len() - 1 - arn.resource.len();
            (partition, account - arn.account.len()..account)
        });
        PrincipalArn { text, parts }
    }
}

impl From<&str> for PrincipalArn {
    fn from(text: &str) -> PrincipalArn {
        text.to_owned().into()
    }
}

impl Deref for PrincipalArn {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Principal {
    /// The ARN of a principal that IAM or STS knows.
    pub fn arn(&self) -> Option<&PrincipalArn> {
        match self {
            Principal::Root { arn } | Principal::AssumedRoot { arn } | Principal::FederatedUser { arn, .. } => {
                Some(arn)
            }
            Principal::User(user) => Some(&user.arn),
            Principal::RoleSession(session) => Some(&session.arn),
            Principal::Service(_) | Principal::Federated(_) | Principal::Anonymous => None,
        }
    }

    /// The account of a principal that IAM or STS knows.
    pub fn account(&self) -> Option<&str> {
        self.arn().and_then(PrincipalArn::account)
    }

    /// The partition of a principal that IAM or STS knows.
    pub fn partition(&self) -> Option<&str> {
        self.arn().and_then(PrincipalArn::partition)
    }

    /// Whether service control policies reach this kind of principal.
    pub(crate) fn is_under_service_control(&self) -> bool {
        self.arn().is_some() && !self.is_service_linked()
    }

    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self, Principal::RoleSession(session) if session.service_linked)
    }
}

/// Whether resource control policies reach the action's service (Organizations User Guide, "Resource control policies").
pub fn resource_control_supports(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    !action.eq_ignore_ascii_case("kms:RetireGrant")
        && RESOURCE_CONTROL_SERVICES.iter().any(|known| known.eq_ignore_ascii_case(service))
}

/// Service prefixes that support resource control policies.
const RESOURCE_CONTROL_SERVICES: &[&str] = &[
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];
