//! What is asked, and the policies that have a say in it.

use crate::arn::{Arn, is_account_id};
use crate::context::Context;
use crate::document::{Document, PolicyType, Statement};
use crate::evaluate::StatementRef;

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
    pub context: &'a Context,
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

impl<'a> Resource<'a> {
    /// The account that owns it: the given one or, so that a forgotten account never makes a foreign resource the
    /// caller's own, the one in the ARN.
    pub(crate) fn owner(&self) -> Option<&'a str> {
        let in_arn = || Arn::parse(self.arn).map(|arn| arn.account).filter(|account| is_account_id(account));
        self.account.or_else(in_arn)
    }
}

/// Who asks (User Guide, "AWS JSON policy elements: Principal"). Accounts and partitions are those of the ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An account's root user.
    Root {
        /// `arn:P:iam::A:root`.
        arn: String,
    },
    /// An IAM user, also with GetSessionToken credentials.
    User(User),
    /// A session of GetFederationToken.
    FederatedUser {
        /// `arn:P:sts::A:federated-user/name`.
        arn: String,
        /// The user that asked for it; none when the root user did.
        user: Option<User>,
    },
    /// A session of a role.
    RoleSession(RoleSession),
    /// A session of AssumeRoot: a member account's root user, held down by a task policy as its session policy.
    AssumedRoot {
        /// `arn:P:iam::A:root`.
        arn: String,
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
    pub arn: String,
    /// `AIDA…`.
    pub unique_id: String,
}

/// A role session as a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSession {
    /// `arn:P:sts::A:assumed-role/name/session`.
    pub arn: String,
    /// The role's ARN, path included.
    pub role_arn: String,
    /// The role's id, `AROA…`.
    pub role_unique_id: String,
    /// Whether the role is a service-linked role, which service and resource control policies do not reach.
    pub service_linked: bool,
}

impl Principal {
    /// The ARN of a principal that IAM or STS knows.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Principal::Root { arn } | Principal::AssumedRoot { arn } | Principal::FederatedUser { arn, .. } => Some(arn),
            Principal::User(user) => Some(&user.arn),
            Principal::RoleSession(session) => Some(&session.arn),
            Principal::Service(_) | Principal::Federated(_) | Principal::Anonymous => None,
        }
    }

    /// The account of a principal that IAM or STS knows.
    pub fn account(&self) -> Option<&str> {
        self.arn().and_then(Arn::parse).map(|arn| arn.account).filter(|account| !account.is_empty())
    }

    /// The partition of a principal that IAM or STS knows.
    pub fn partition(&self) -> Option<&str> {
        self.arn().and_then(Arn::parse).map(|arn| arn.partition)
    }

    /// Whether service control policies reach this kind of principal.
    pub(crate) fn is_under_service_control(&self) -> bool {
        self.arn().is_some() && !self.is_service_linked()
    }

    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self, Principal::RoleSession(session) if session.service_linked)
    }
}

/// A policy as it is attached to something.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// Which policy it is.
    pub source: Source<'a>,
    /// Its content. None is a policy that could not be read: every request that it would have a say in is denied.
    pub document: Option<&'a Document>,
}

/// Where a policy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A managed policy or an organization's policy.
    Managed {
        /// The policy's ARN.
        arn: &'a str,
        /// What it is attached to: the ARN of a user, group or role, or the id of a root, OU or account.
        attached_to: &'a str,
    },
    /// An inline policy of a user, group or role.
    Inline {
        /// Its name.
        name: &'a str,
        /// The ARN of the entity that it is embedded in.
        owner: &'a str,
    },
    /// The session policy passed as text.
    Session,
    /// A role's trust policy.
    Trust {
        /// The role's ARN.
        role: &'a str,
    },
    /// A resource's own policy.
    Resource {
        /// The resource's ARN.
        arn: &'a str,
    },
    /// A VPC endpoint's policy.
    Endpoint {
        /// The endpoint's id.
        id: &'a str,
    },
}

impl<'a> Source<'a> {
    /// The policy's ARN, name or id; none of a policy that is part of something else.
    pub fn name(&self) -> Option<&'a str> {
        match self {
            Source::Managed { arn: name, .. } | Source::Inline { name, .. } | Source::Endpoint { id: name } => Some(name),
            Source::Session | Source::Trust { .. } | Source::Resource { .. } => None,
        }
    }

    /// What the policy is attached to or part of.
    pub fn attached_to(&self) -> Option<&'a str> {
        match self {
            Source::Managed { attached_to: it, .. }
            | Source::Inline { owner: it, .. }
            | Source::Trust { role: it }
            | Source::Resource { arn: it } => Some(it),
            Source::Session | Source::Endpoint { .. } => None,
        }
    }

    /// The ARN of a policy that has one of its own.
    pub fn policy_arn(&self) -> Option<&'a str> {
        match self {
            Source::Managed { arn, .. } => Some(arn),
            _ => None,
        }
    }
}

/// All policies that have a say, by kind. None where a kind does not take part at all: an empty list takes part and
/// allows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers<'a> {
    /// Identity-based policies: the user's or role's own and those of the user's groups.
    pub identity: &'a [Attached<'a>],
    /// The permissions boundary.
    pub boundary: Option<&'a [Attached<'a>]>,
    /// Session policies, or the task policy of AssumeRoot.
    pub session: Option<&'a [Attached<'a>]>,
    /// The resource's own policy; the trust policy when a role is assumed.
    pub resource: Option<Attached<'a>>,
    /// Service control policies of the principal's account, one list per level from the root down to the account. None
    /// for accounts outside an organization and for the management account.
    pub service_control: Option<&'a [Vec<Attached<'a>>]>,
    /// Resource control policies of the resource's account, likewise.
    pub resource_control: Option<&'a [Vec<Attached<'a>>]>,
    /// The policy of the VPC endpoint that the call came through.
    pub endpoint: Option<Attached<'a>>,
}

impl<'a> Layers<'a> {
    /// The policies of one layer; `level` counts only where a layer has levels.
    pub(crate) fn policies(&self, layer: Layer, level: usize) -> &[Attached<'a>] {
        let level_of = |levels: Option<&'a [Vec<Attached<'a>>]>| levels.and_then(|levels| levels.get(level));
        match layer {
            Layer::ResourceControl => level_of(self.resource_control).map_or(&[], Vec::as_slice),
            Layer::ServiceControl => level_of(self.service_control).map_or(&[], Vec::as_slice),
            Layer::Endpoint => self.endpoint.as_slice(),
            Layer::Resource | Layer::Trust => self.resource.as_slice(),
            Layer::Identity => self.identity,
            Layer::Boundary => self.boundary.unwrap_or_default(),
            Layer::Session => self.session.unwrap_or_default(),
        }
    }

    /// The policy and statement that a decision refers to.
    pub fn find(&self, at: StatementRef) -> Option<(Attached<'a>, &'a Statement)> {
        let attached = *self.policies(at.layer, at.level).get(at.policy)?;
        Some((attached, attached.document?.statements.get(at.statement)?))
    }

    /// What the resource's own policy is called: a role's is its trust policy.
    pub(crate) fn resource_layer(&self) -> Layer {
        match self.resource {
            Some(Attached { source: Source::Trust { .. }, .. }) => Layer::Trust,
            _ => Layer::Resource,
        }
    }
}

/// A kind of policy in the evaluation (User Guide, "Policy evaluation logic"), in the order in which denials are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Resource control policies.
    ResourceControl,
    /// Service control policies.
    ServiceControl,
    /// The VPC endpoint policy.
    Endpoint,
    /// The resource-based policy.
    Resource,
    /// The role trust policy, in the place of the resource-based policy.
    Trust,
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}

impl Layer {
    /// Whether statements of this layer name principals.
    pub(crate) fn has_principals(self) -> bool {
        matches!(self, Layer::ResourceControl | Layer::Endpoint | Layer::Resource | Layer::Trust)
    }

    /// The grammar of its documents, as far as matching depends on it.
    pub(crate) fn policy_type(self) -> PolicyType {
        match self {
            Layer::ResourceControl => PolicyType::ResourceControl,
            Layer::ServiceControl => PolicyType::ServiceControl,
            Layer::Endpoint => PolicyType::VpcEndpoint,
            Layer::Resource => PolicyType::Resource,
            Layer::Trust => PolicyType::Trust,
            Layer::Identity => PolicyType::Inline,
            Layer::Boundary => PolicyType::Managed,
            Layer::Session => PolicyType::Session,
        }
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
