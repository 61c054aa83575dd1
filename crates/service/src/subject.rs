//! A caller found in its account: what policies hold for it, and what conditions can say of it.

use std::sync::{Arc, LazyLock};

use doorward_directory::{Account, Policies, Role, User};
use doorward_policy::context::Context;
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::request::{self, Attached, Layers, Principal, Source};

use crate::caller::{Caller, Who};
use crate::session::{Session, SessionPolicy};

enum Entity<'a> {
    Root,
    User(&'a Arc<User>),
    Role { role: &'a Arc<Role>, session_name: &'a str },
    Federated(&'a str),
    Service(&'a str),
    Anonymous,
}

/// What `AllowUsersToChangePassword` of a password policy grants to every user (User Guide, "Permit IAM users to change
/// their own passwords").
static OWN_PASSWORD: LazyLock<Option<Document>> = LazyLock::new(|| {
    let own = r#""arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}""#;
    let change = format!(r#"{{"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": [{own}]}}"#);
    let read = r#"{"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}"#;
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{change}, {read}]}}"#);
    Document::parse(&text, PolicyType::Inline).ok()
});

/// A caller in its account as it is at one revision.
pub(crate) struct Subject<'a> {
    account: Option<&'a Account>,
    entity: Entity<'a>,
    session: Option<&'a Session>,
    /// The root user's, the user's or the role's ARN (`aws:PrincipalArn`).
    entity_arn: String,
    /// The ARN that messages and events give: for a role, the session's.
    arn: String,
}

impl<'a> Subject<'a> {
    /// Finds the caller; none when its principal is no more.
    pub fn find(caller: &'a Caller, account: Option<&'a Account>) -> Option<Subject<'a>> {
        let (entity, entity_arn) = match (&caller.who, account) {
            (Who::Service { name }, _) => (Entity::Service(name), String::new()),
            (Who::Anonymous, _) => (Entity::Anonymous, String::new()),
            (Who::Federated(user), Some(account)) => {
                account.oidc_provider_by_arn(&user.provider)?;
                (Entity::Federated(&user.provider), user.provider.clone())
            }
            (Who::Root, Some(account)) => (Entity::Root, format!("arn:aws:iam::{}:root", account.id())),
            (Who::User { id }, Some(account)) => {
                let user = account.users().by_id(id)?;
                (Entity::User(user), account.user_arn(user))
            }
            (Who::Role { id, session_name }, Some(account)) => {
                let role = account.roles().by_id(id)?;
                (Entity::Role { role, session_name }, account.role_arn(role))
            }
            (_, None) => return None,
        };
        let arn = match &entity {
            Entity::Role { role, session_name } => session_arn(account?.id(), &role.name, session_name),
            _ => entity_arn.clone(),
        };
        Some(Subject { account, entity, session: caller.session.as_ref(), entity_arn, arn })
    }

    /// The caller's ARN, as messages and events give it.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// `aws:userid`.
    pub fn user_id(&self) -> Option<String> {
        match &self.entity {
            Entity::Root => Some(self.account?.id().to_owned()),
            Entity::User(user) => Some(user.id.clone()),
            Entity::Role { role, session_name } => Some(format!("{}:{session_name}", role.id)),
            Entity::Federated(_) | Entity::Service(_) | Entity::Anonymous => None,
        }
    }

    /// The friendly name of a user, or of the role of a session.
    pub fn name(&self) -> Option<&'a str> {
        match &self.entity {
            Entity::User(user) => Some(&user.name),
            Entity::Role { role, .. } => Some(&role.name),
            _ => None,
        }
    }

    /// Unique id and ARN of the user or role.
    pub fn entity(&self) -> (Option<&'a str>, &str) {
        let id: Option<&'a str> = match &self.entity {
            Entity::User(user) => Some(&user.id),
            Entity::Role { role, .. } => Some(&role.id),
            _ => None,
        };
        (id, &self.entity_arn)
    }

    fn principal(&self) -> Principal {
        let arn = self.arn.clone();
        match &self.entity {
            Entity::Root => Principal::Root { arn },
            Entity::User(user) => Principal::User(request::User { arn, unique_id: user.id.clone() }),
            Entity::Role { role, .. } => Principal::RoleSession(request::RoleSession {
                arn,
                role_arn: self.entity_arn.clone(),
                role_unique_id: role.id.clone(),
                service_linked: role.path.starts_with("/aws-service-role/"),
            }),
            Entity::Federated(provider) => Principal::Federated((*provider).to_owned()),
            Entity::Service(name) => Principal::Service((*name).to_owned()),
            Entity::Anonymous => Principal::Anonymous,
        }
    }

    /// Runs `decide` with the principal and the policies that have a say about it; `resource` is the resource's own.
    pub fn with_layers<R>(
        &self,
        resource: Option<Attached<'_>>,
        decide: impl FnOnce(&Principal, &Layers<'_>) -> R,
    ) -> R {
        let principal = self.principal();
        let groups = self.groups();
        let mut identity = Vec::new();
        let (policies, boundary) = match &self.entity {
            Entity::User(user) => (Some(&user.policies), user.boundary.as_deref()),
            Entity::Role { role, .. } => (Some(&role.policies), role.boundary.as_deref()),
            _ => (None, None),
        };
        if let (Some(account), Some(policies)) = (self.account, policies) {
            attach(&mut identity, account, policies, &self.entity_arn);
            for (policies, arn) in &groups {
                attach(&mut identity, account, policies, arn);
            }
            identity.extend(self.own_password(account));
        }
        let boundary: Option<Vec<Attached<'_>>> = match (self.account, boundary) {
            (Some(account), Some(arn)) => Some(vec![managed(account, arn, &self.entity_arn)]),
            _ => None,
        };
        let session =
            self.session.filter(|session| !session.policies.is_empty()).map(|session| self.session_policies(session));
        let layers = Layers {
            identity: &identity,
            boundary: boundary.as_deref(),
            session: session.as_deref(),
            resource,
            ..Layers::default()
        };
        decide(&principal, &layers)
    }

    /// The version of a managed policy that has a say: a session's own, else the default one.
    pub fn policy_version(&self, arn: &str) -> Option<u32> {
        let pinned = self.session.into_iter().flat_map(|session| &session.policies).find_map(|policy| match policy {
            SessionPolicy::Managed { arn: held, version } if held == arn => Some(*version),
            _ => None,
        });
        pinned.or_else(|| Some(self.account?.policy_by_arn(arn)?.default_version))
    }

    /// The grant of an account whose password policy lets users change their own passwords.
    fn own_password(&self, account: &Account) -> Option<Attached<'_>> {
        let allows = account.settings().password_policy.as_ref()?.allow_users_to_change_password;
        (allows && matches!(self.entity, Entity::User(_))).then(|| Attached {
            source: Source::Inline { name: "AllowUsersToChangePassword", owner: &self.entity_arn },
            document: OWN_PASSWORD.as_ref(),
        })
    }

    fn groups(&self) -> Vec<(&'a Policies, String)> {
        let (Some(account), Entity::User(user)) = (self.account, &self.entity) else { return Vec::new() };
        let group = |id: &String| account.groups().by_id(id).map(|group| (&group.policies, account.group_arn(group)));
        user.groups.iter().filter_map(group).collect()
    }

    fn session_policies(&self, session: &'a Session) -> Vec<Attached<'_>> {
        let attached = |policy: &'a SessionPolicy| match policy {
            SessionPolicy::Inline(text) => {
                Attached { source: Source::Session, document: text.document(PolicyType::Session).map(Arc::as_ref) }
            }
            SessionPolicy::Managed { arn, version } => {
                let policy = self.account.and_then(|account| account.policy_by_arn(arn));
                let version = policy.and_then(|policy| policy.version(*version));
                let document = version.and_then(|version| version.document.document(PolicyType::Managed));
                Attached {
                    source: Source::Managed { arn, attached_to: &self.arn },
                    document: document.map(Arc::as_ref),
                }
            }
        };
        session.policies.iter().map(attached).collect()
    }

    /// The keys that say who calls (User Guide, "AWS global condition context keys": properties of the principal and
    /// of the role session).
    pub fn describe(&self, context: &mut Context) {
        let kind = match &self.entity {
            Entity::Root => "Account",
            Entity::User(_) => "User",
            Entity::Role { .. } => "AssumedRole",
            // Only what its provider says of it; that comes with the call.
            Entity::Federated(_) => return,
            Entity::Service(name) => {
                context.insert("aws:PrincipalIsAWSService", "true");
                context.insert("aws:PrincipalServiceName", *name);
                context.insert("aws:PrincipalServiceNamesList", vec![(*name).to_owned()]);
                return;
            }
            Entity::Anonymous => {
                context.insert("aws:PrincipalType", "Anonymous");
                context.insert("aws:PrincipalAccount", "anonymous");
                return;
            }
        };
        context.insert("aws:PrincipalType", kind);
        context.insert("aws:PrincipalArn", self.entity_arn.as_str());
        context.insert("aws:PrincipalIsAWSService", "false");
        if let Some(account) = self.account {
            context.insert("aws:PrincipalAccount", account.id());
        }
        if let Some(id) = self.user_id() {
            context.insert("aws:userid", id);
        }
        if let Entity::User(user) = &self.entity {
            context.insert("aws:username", user.name.as_str());
        }
        for (key, value) in self.tags() {
            context.insert(format!("aws:PrincipalTag/{key}"), value);
        }
        if let Some(session) = self.session {
            context.insert("aws:TokenIssueTime", session.issued.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            if let Some(federation) = &session.federation {
                context.insert("aws:FederatedProvider", federation.provider.as_str());
                for (key, values) in federation.keys.iter() {
                    context.insert(key, values.clone());
                }
            }
            if let Some(identity) = &session.source_identity {
                context.insert("aws:SourceIdentity", identity.as_str());
            }
        }
    }

    /// `aws:PrincipalTag`: a role's tags, overridden by the session's, whose casing wins.
    pub fn tags(&self) -> Vec<(String, String)> {
        let own = match &self.entity {
            Entity::User(user) => Some(&user.tags),
            Entity::Role { role, .. } => Some(&role.tags),
            _ => None,
        };
        let session = self.session.map(|session| &session.tags);
        let overridden = |key: &str| session.is_some_and(|tags| tags.get(key).is_some());
        let own = own.into_iter().flat_map(|tags| tags.iter()).filter(|tag| !overridden(&tag.key));
        let session = session.into_iter().flat_map(|tags| tags.iter());
        own.chain(session).map(|tag| (tag.key.clone(), tag.value.clone())).collect()
    }
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`; the role's path is not part of it.
pub(crate) fn session_arn(account_id: &str, role_name: &str, session_name: &str) -> String {
    format!("arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}")
}

fn attach<'a>(out: &mut Vec<Attached<'a>>, account: &'a Account, policies: &'a Policies, owner: &'a str) {
    for (name, text) in &policies.inline {
        let document = text.document(PolicyType::Inline).map(Arc::as_ref);
        out.push(Attached { source: Source::Inline { name, owner }, document });
    }
    out.extend(policies.attached.iter().map(|arn| managed(account, arn, owner)));
}

/// A managed policy as attached. One that cannot be found or read has no document, and denies (it may hold a Deny).
fn managed<'a>(account: &'a Account, arn: &'a str, attached_to: &'a str) -> Attached<'a> {
    let version = account.policy_by_arn(arn).and_then(|policy| policy.default());
    let document = version.and_then(|version| version.document.document(PolicyType::Managed)).map(Arc::as_ref);
    Attached { source: Source::Managed { arn, attached_to }, document }
}
