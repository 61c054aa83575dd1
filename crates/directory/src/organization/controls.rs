//! Service and resource control policies: what holds for an account, made ready for the engine once for many decisions.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use doorward_policy::document::PolicyType;
use doorward_policy::request::{Attached, PolicySet, Source};

use super::{ControlKind, Member, Organization, OrganizationPolicy};
use crate::{PolicyText, Tags};

/// The id of the service control policy that allows everything (Organizations User Guide, "SCP evaluation").
pub const FULL_ACCESS: &str = "p-FullAWSAccess";
/// The id of the resource control policy that allows everything (Organizations User Guide, "Resource control policies").
pub const RESOURCE_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

static AWS_MANAGED: LazyLock<[Arc<OrganizationPolicy>; 2]> = LazyLock::new(|| {
    let service = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let resource =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let policy = |id: &str, kind: ControlKind, description: &str, text: &str| {
        Arc::new(OrganizationPolicy {
            id: id.to_owned(),
            name: id.trim_start_matches("p-").to_owned(),
            kind,
            description: description.to_owned(),
            document: PolicyText::unparsed(text.to_owned()),
            tags: Tags::default(),
            aws_managed: true,
        })
    };
    [
        policy(FULL_ACCESS, ControlKind::Service, "Allows access to every operation", service),
        policy(RESOURCE_FULL_ACCESS, ControlKind::Resource, "Allows access to every resource", resource),
    ]
});

/// What holds for an account: one set for each level, from the root down to the account. None of a type that is not
/// enabled.
#[derive(Debug, Default)]
pub struct Controls {
    /// The service control policies.
    pub service: Option<Vec<PolicySet>>,
    /// The resource control policies.
    pub resource: Option<Vec<PolicySet>>,
}

/// What has been prepared for one state of the root, the units and the policies, by account id, each with the very
/// member that it was prepared for. With a change of those an organization begins a new one.
#[derive(Clone, Default)]
pub(super) struct Prepared(Arc<Mutex<Entries>>);

type Entries = HashMap<String, (Arc<Member>, Arc<Controls>)>;

impl ControlKind {
    /// Both.
    pub const ALL: [ControlKind; 2] = [ControlKind::Resource, ControlKind::Service];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            ControlKind::Service => "SERVICE_CONTROL_POLICY",
            ControlKind::Resource => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// The type of this name in the API.
    pub fn named(name: &str) -> Option<ControlKind> {
        ControlKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The policy that everything has from the beginning.
    pub fn full_access(self) -> &'static str {
        match self {
            ControlKind::Service => FULL_ACCESS,
            ControlKind::Resource => RESOURCE_FULL_ACCESS,
        }
    }

    /// The grammar of its documents.
    pub fn policy_type(self) -> PolicyType {
        match self {
            ControlKind::Service => PolicyType::ServiceControl,
            ControlKind::Resource => PolicyType::ResourceControl,
        }
    }
}

impl Organization {
    /// Which types of policies are enabled.
    pub fn enabled(&self) -> &[ControlKind] {
        self.root().map_or(&[], |root| &root.enabled)
    }

    /// The policy of this id, the organization's own or AWS's.
    pub fn policy(&self, id: &str) -> Option<&Arc<OrganizationPolicy>> {
        let own = || self.policies().by_id(id);
        AWS_MANAGED.iter().find(|policy| policy.id == id).or_else(own)
    }

    /// All policies of a type: AWS's, then its own.
    pub fn policies_of(&self, kind: ControlKind) -> impl Iterator<Item = &Arc<OrganizationPolicy>> {
        AWS_MANAGED.iter().chain(self.policies().iter()).filter(move |policy| policy.kind == kind)
    }

    /// `arn:aws:organizations::ACCOUNT:policy/ORGANIZATION/TYPE/ID`; AWS's own are in no organization.
    pub fn policy_arn(&self, policy: &OrganizationPolicy) -> String {
        let (kind, id) = (policy.kind.name().to_ascii_lowercase(), &policy.id);
        match policy.aws_managed {
            true => format!("arn:aws:organizations::aws:policy/{kind}/{id}"),
            false => format!(
                "arn:aws:organizations::{}:policy/{}/{kind}/{id}",
                self.settings.management_account, self.settings.id
            ),
        }
    }

    /// What holds for the principals and the resources of an account. None where nothing does: it is in another
    /// organization, or this one's management account (Organizations User Guide, "Service control policies").
    pub fn controls(&self, account_id: &str) -> Option<Arc<Controls>> {
        let member = self.members().by_id(account_id)?;
        if self.is_management(account_id) || self.enabled().is_empty() {
            return None;
        }
        if let Some((known, controls)) = self.prepared.entries().get(account_id)
            && Arc::ptr_eq(known, member)
        {
            return Some(Arc::clone(controls));
        }
        let levels = |kind| self.enabled().contains(&kind).then(|| self.levels(account_id, kind));
        let (service, resource) = (levels(ControlKind::Service), levels(ControlKind::Resource));
        let controls = Arc::new(Controls { service, resource });
        self.prepared.entries().insert(account_id.to_owned(), (Arc::clone(member), Arc::clone(&controls)));
        Some(controls)
    }

    fn levels(&self, account_id: &str, kind: ControlKind) -> Vec<PolicySet> {
        let of_kind = |id: &&String| self.policy(id).is_none_or(|policy| policy.kind == kind);
        let level = |node: super::Node<'_>| {
            let attached_to: Arc<str> = node.id().into();
            node.policies().iter().filter(of_kind).map(|id| self.attached(id, &attached_to)).collect()
        };
        self.lineage(account_id).into_iter().map(level).collect()
    }

    /// One that cannot be found or read denies: it may hold a Deny.
    fn attached(&self, id: &str, attached_to: &Arc<str>) -> Attached {
        let policy = self.policy(id);
        let arn = policy.map_or_else(|| id.to_owned(), |policy| self.policy_arn(policy));
        let compiled = policy.and_then(|policy| {
            // AWS's own resource control policy has an Allow, which those of others cannot have.
            let kind = if policy.id == RESOURCE_FULL_ACCESS { PolicyType::Resource } else { policy.kind.policy_type() };
            policy.document.policy(kind).cloned()
        });
        Attached { source: Source::Managed { arn: arn.into(), attached_to: Arc::clone(attached_to) }, policy: compiled }
    }
}

impl Prepared {
    /// What a thread that panicked left is whole: entries are only ever put in place at once.
    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
