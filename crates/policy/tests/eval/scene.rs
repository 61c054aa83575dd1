//! A small world to ask questions in: who calls, which policies there are, and what must come out.

use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::evaluate::{Decision, Denial, Outcome, decide};
use doorward_policy::explain::explain;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Attached, Layers, PolicySet, Principal, Request, Resource, RoleSession, Source, User};

pub const A: &str = "111111111111";
pub const B: &str = "222222222222";
pub const ALICE: &str = "arn:aws:iam::111111111111:user/alice";
pub const ROLE: &str = "arn:aws:iam::111111111111:role/R";
pub const S1: &str = "arn:aws:sts::111111111111:assumed-role/R/s1";
pub const OBJECT: &str = "arn:aws:s3:::b/o";

/// What must come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    Allow,
    /// An explicit denial.
    DenyE,
    /// An implicit denial.
    DenyI,
}
pub use Expect::{Allow, DenyE, DenyI};

pub fn outcome(decision: &Decision) -> Expect {
    match decision.outcome {
        Outcome::Allowed => Allow,
        Outcome::Denied(Denial::Explicit(_)) => DenyE,
        Outcome::Denied(Denial::Implicit(_)) => DenyI,
        Outcome::Denied(other) => panic!("{other:?}"),
    }
}

/// A statement, written down part by part.
#[derive(Clone, Debug)]
pub struct Part(Vec<(&'static str, String)>);

fn list(items: &str) -> String {
    let items: Vec<_> = items.split(' ').map(|item| format!("{item:?}")).collect();
    format!("[{}]", items.join(","))
}

/// `Allow` for actions that are separated by spaces.
pub fn allow(actions: &str) -> Part {
    Part(vec![("Effect", "\"Allow\"".into()), ("Action", list(actions))])
}

pub fn deny(actions: &str) -> Part {
    Part(vec![("Effect", "\"Deny\"".into()), ("Action", list(actions))])
}

impl Part {
    fn set(mut self, name: &'static str, json: String) -> Self {
        let rivals = [name.to_owned(), format!("Not{name}"), name.trim_start_matches("Not").to_owned()];
        self.0.retain(|(held, _)| !rivals.iter().any(|rival| rival == held));
        self.0.push((name, json));
        self
    }

    pub fn with_effect(self, effect: &str) -> Self {
        self.set("Effect", format!("{effect:?}"))
    }

    /// Turns `Action` into `NotAction`.
    pub fn not_action(self) -> Self {
        let action = self.0.iter().find(|(name, _)| *name == "Action").unwrap().1.clone();
        self.set("NotAction", action)
    }

    pub fn on(self, resources: &str) -> Self {
        self.set(
            "Resource",
            format!("[{}]", resources.split('|').map(|r| format!("{r:?}")).collect::<Vec<_>>().join(",")),
        )
    }

    pub fn not_on(self, resources: &str) -> Self {
        self.set("NotResource", list(resources))
    }

    /// `Principal`, as JSON.
    pub fn to(self, principal: &str) -> Self {
        self.set("Principal", principal.into())
    }

    pub fn not_to(self, principal: &str) -> Self {
        self.set("NotPrincipal", principal.into())
    }

    /// `Condition`, as the JSON between its braces.
    pub fn given(self, condition: &str) -> Self {
        self.set("Condition", format!("{{{condition}}}"))
    }

    fn json(&self) -> String {
        let mut members = self.0.clone();
        if !members.iter().any(|(name, _)| name.ends_with("Resource")) {
            members.push(("Resource", "\"*\"".into()));
        }
        let members: Vec<_> = members.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

fn policy(kind: PolicyType, parts: &[Part]) -> Document {
    let statements: Vec<_> = parts.iter().map(Part::json).collect();
    let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", statements.join(","));
    Document::parse(&text, kind).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn alice() -> Principal {
    Principal::User(User { arn: ALICE.into(), unique_id: "AIDAALICE".into() })
}

pub fn user_in_b() -> Principal {
    Principal::User(User { arn: format!("arn:aws:iam::{B}:user/alice").into(), unique_id: "AIDAOTHER".into() })
}

pub fn root() -> Principal {
    Principal::Root { arn: format!("arn:aws:iam::{A}:root").into() }
}

pub fn session(name: &str) -> Principal {
    Principal::RoleSession(RoleSession {
        arn: format!("arn:aws:sts::{A}:assumed-role/R/{name}").into(),
        role_arn: ROLE.into(),
        role_unique_id: "AROAEXAMPLE".into(),
        service_linked: false,
    })
}

pub fn federated(name: &str) -> Principal {
    let Principal::User(user) = alice() else { unreachable!() };
    Principal::FederatedUser { arn: format!("arn:aws:sts::{A}:federated-user/{name}").into(), user: Some(user) }
}

/// Who asks, under which policies.
#[derive(Clone)]
pub struct Scene {
    principal: Principal,
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Option<Vec<Document>>,
    resource: Option<Document>,
    own_grant: bool,
    owner: &'static str,
    service_control: Option<Vec<Document>>,
    resource_control: Option<Vec<Document>>,
    endpoint: Option<Document>,
    keys: Vec<(String, Values<'static>)>,
}

/// No policies; alice calls unless said otherwise.
pub fn scene() -> Scene {
    Scene {
        principal: alice(),
        identity: Vec::new(),
        boundary: None,
        session: None,
        resource: None,
        own_grant: false,
        owner: A,
        service_control: None,
        resource_control: None,
        endpoint: None,
        keys: Vec::new(),
    }
    .called_by(alice())
}

impl Scene {
    pub fn called_by(mut self, principal: Principal) -> Self {
        self.keys = principal_keys(&principal);
        self.principal = principal;
        self
    }

    /// One more identity-based policy.
    pub fn id(mut self, parts: impl AsRef<[Part]>) -> Self {
        self.identity.push(policy(PolicyType::Inline, parts.as_ref()));
        self
    }

    pub fn boundary(mut self, parts: impl AsRef<[Part]>) -> Self {
        self.boundary = Some(policy(PolicyType::Managed, parts.as_ref()));
        self
    }

    /// One more session policy.
    pub fn session(mut self, parts: impl AsRef<[Part]>) -> Self {
        self.session.get_or_insert_default().push(policy(PolicyType::Session, parts.as_ref()));
        self
    }

    pub fn resource_policy(mut self, parts: impl AsRef<[Part]>) -> Self {
        self.resource = Some(policy(PolicyType::Resource, parts.as_ref()));
        self
    }

    /// A resource policy that cannot come out of the parser, or that is changed after it.
    pub fn resource_document(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(self.resource.as_mut().unwrap());
        self
    }

    pub fn identity_document(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(self.identity.last_mut().unwrap());
        self
    }

    pub fn resource_control_document(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(self.resource_control.as_mut().unwrap().last_mut().unwrap());
        self
    }

    /// A key policy: it alone lets the account in.
    pub fn key_policy(self, parts: impl AsRef<[Part]>) -> Self {
        let mut scene = self.resource_policy(parts);
        scene.own_grant = true;
        scene
    }

    pub fn owner(mut self, account: &'static str) -> Self {
        self.owner = account;
        self
    }

    /// One more level of service control policies, from the root down.
    pub fn scp(mut self, parts: impl AsRef<[Part]>) -> Self {
        self.service_control.get_or_insert_default().push(policy(PolicyType::ServiceControl, parts.as_ref()));
        self
    }

    /// A resource control policy beside RCPFullAWSAccess.
    pub fn rcp(mut self, part: Part) -> Self {
        let full = allow("*").on("*").to("\"*\"").json();
        let full = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{full}}}");
        let levels = self.resource_control.get_or_insert_default();
        levels.push(Document::parse(&full, PolicyType::Resource).unwrap());
        levels.push(policy(PolicyType::ResourceControl, &[part.to("\"*\"")]));
        self
    }

    pub fn endpoint(mut self, parts: impl AsRef<[Part]>) -> Self {
        self.endpoint = Some(policy(PolicyType::VpcEndpoint, parts.as_ref()));
        self
    }

    /// Sets a key of the context.
    pub fn key(mut self, key: &str, values: impl Into<Values<'static>>) -> Self {
        self.keys.retain(|(held, _)| !held.eq_ignore_ascii_case(key));
        self.second_key(key, values)
    }

    /// Adds a key beside one that differs only by case.
    pub fn second_key(mut self, key: &str, values: impl Into<Values<'static>>) -> Self {
        self.keys.push((key.to_owned(), values.into()));
        self
    }

    pub fn decide(&self, action: &str, resource: &str) -> Decision {
        let context: Context = self.keys.iter().cloned().collect();
        let owner = Some(self.owner).filter(|_| resource != "*");
        let resource = Resource { arn: resource, account: owner, requires_own_grant: self.own_grant };
        let request = Request { principal: &self.principal, action, resource, context: &context };
        self.with_layers(|layers| {
            let decision = decide(&request, layers);
            assert_eq!(explain(&request, layers).decision, decision, "explained otherwise");
            decision
        })
    }

    fn with_layers<T>(&self, then: impl FnOnce(&Layers<'_>) -> T) -> T {
        let managed = Source::Managed { arn: "arn:p".into(), attached_to: "it".into() };
        let attach = |document: &Document| Attached::new(managed.clone(), Policy::new(document.clone()));
        let set = |documents: &[Document]| documents.iter().map(attach).collect::<PolicySet>();
        let alone = |document: &Document| set(std::slice::from_ref(document));
        let boundary = self.boundary.as_ref().map(alone);
        let session = self.session.as_deref().map(set);
        let service_control = self.service_control.as_ref().map(|levels| levels.iter().map(alone).collect::<Vec<_>>());
        // One level, whose first policy is RCPFullAWSAccess.
        let resource_control = self.resource_control.as_deref().map(|list| vec![set(list)]);
        let own = |document: &Document| Some(Policy::new(document.clone()).into());
        let resource = Source::Resource { arn: OBJECT.into() };
        let resource = self.resource.as_ref().map(|document| PolicySet::one(resource, own(document)));
        let endpoint = self.endpoint.as_ref().map(alone);
        then(&Layers {
            identity: &set(&self.identity),
            boundary: boundary.as_ref(),
            session: session.as_ref(),
            resource: resource.as_ref(),
            service_control: service_control.as_deref(),
            resource_control: resource_control.as_deref(),
            endpoint: endpoint.as_ref(),
        })
    }

    /// Asks and compares; the scene can be asked again.
    #[track_caller]
    pub fn ask(self, action: &str, resource: &str, expect: Expect) -> Self {
        let decision = self.decide(action, resource);
        assert_eq!(outcome(&decision), expect, "{action} on {resource}: {decision:?}");
        self
    }
}

/// The keys that every request of the principal has.
fn principal_keys(principal: &Principal) -> Vec<(String, Values<'static>)> {
    let mut keys = vec![
        ("aws:CurrentTime", "2026-01-15T12:00:00Z".to_owned()),
        ("aws:EpochTime", "1768478400".to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("aws:RequestedRegion", "us-east-1".to_owned()),
        ("aws:ViaAWSService", "false".to_owned()),
    ];
    let mut add = |key, value: &str| keys.push((key, value.to_owned()));
    match principal.account() {
        Some(account) => add("aws:PrincipalAccount", account),
        None if *principal == Principal::Anonymous => add("aws:PrincipalAccount", "anonymous"),
        None => {}
    }
    match principal {
        Principal::User(user) => {
            add("aws:PrincipalArn", &user.arn);
            add("aws:PrincipalType", "User");
            add("aws:username", "alice");
            add("aws:userid", &user.unique_id);
        }
        Principal::RoleSession(session) => {
            add("aws:PrincipalArn", &session.role_arn);
            add("aws:PrincipalType", "AssumedRole");
            add("aws:userid", &format!("{}:{}", session.role_unique_id, session.arn.rsplit('/').next().unwrap()));
            add("aws:TokenIssueTime", "2026-01-15T11:00:00Z");
        }
        Principal::Root { arn } | Principal::AssumedRoot { arn } => add("aws:PrincipalArn", arn),
        Principal::FederatedUser { arn, .. } => {
            add("aws:PrincipalArn", arn);
            add("aws:TokenIssueTime", "2026-01-15T11:00:00Z");
        }
        Principal::Service(name) => add("aws:PrincipalServiceName", name),
        Principal::Federated(_) | Principal::Anonymous => {}
    }
    match principal {
        Principal::Anonymous => {}
        Principal::Service(_) => add("aws:PrincipalIsAWSService", "true"),
        _ => add("aws:PrincipalIsAWSService", "false"),
    }
    keys.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}
