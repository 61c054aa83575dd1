//! A caller found in its account: what policies hold for it, and what conditions can say of it.

use std::sync::Arc;

use doorward_directory::{Account, Role, User};
use doorward_policy::context::Context;
use doorward_policy::document::PolicyType;
use doorward_policy::request::{self, Attached, Layers, PolicySet, Principal, Source};

use crate::caller::{Caller, Who};
use crate::session::{Session, SessionPolicy};

enum Entity<'a> {
    Root,
    User(&'a Arc<User>),
    Role {
        role: &'a Arc<Role>,
        session_name: &'a str,
    },
    /// The user who asked for the session; none: the root user did.
    FederatedUser {
        name: &'a str,
        by: Option<&'a Arc<User>>,
    },
    Federated(&'a str),
    Service(&'a str),
    Anonymous,
}

/// A caller in its account as it is at one revision.
pub(crate) struct Subject<'a> {
    account: Option<&'a Account>,
    entity: Entity<'a>,
    session: Option<&'a Session>,
    /// The root user's, the user's, the role's or the federated user's ARN (`aws:PrincipalArn`).
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
            (Who::Root, Some(account)) => (Entity::Root, root_arn(account.id())),
            (Who::User { id }, Some(account)) => {
                let user = account.users().by_id(id)?;
                (Entity::User(user), account.user_arn(user))
            }
            (Who::Role { id, session_name }, Some(account)) => {
                let role = account.roles().by_id(id)?;
                (Entity::Role { role, session_name }, account.role_arn(role))
            }
            (Who::FederatedUser { name, by }, Some(account)) => {
                let by = match by {
                    Some(id) => Some(account.users().by_id(id)?),
                    None => None,
                };
                (Entity::FederatedUser { name, by }, federated_user_arn(account.id(), name))
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
            Entity::FederatedUser { name, .. } => Some(format!("{}:{name}", self.account?.id())),
            Entity::Federated(_) | Entity::Service(_) | Entity::Anonymous => None,
        }
    }

    /// The friendly name of a user, of the role of a session, or of the user behind a federated one.
    pub fn name(&self) -> Option<&'a str> {
        match &self.entity {
            Entity::User(user) | Entity::FederatedUser { by: Some(user), .. } => Some(&user.name),
            Entity::Role { role, .. } => Some(&role.name),
            _ => None,
        }
    }

    /// Unique id and ARN of whom a session was issued for: the user or role. The root user has no id.
    pub fn issuer(&self) -> (Option<&'a str>, String) {
        match (&self.entity, self.account) {
            (Entity::User(user), _) => (Some(&user.id), self.entity_arn.clone()),
            (Entity::Role { role, .. }, _) => (Some(&role.id), self.entity_arn.clone()),
            (Entity::FederatedUser { by: Some(user), .. }, Some(account)) => (Some(&user.id), account.user_arn(user)),
            (Entity::FederatedUser { by: None, .. }, Some(account)) => (None, root_arn(account.id())),
            _ => (None, self.entity_arn.clone()),
        }
    }

    fn principal(&self) -> Principal {
        let arn = request::PrincipalArn::from(self.arn.as_str());
        match &self.entity {
            Entity::Root => Principal::Root { arn },
            Entity::User(user) => Principal::User(request::User { arn, unique_id: user.id.clone() }),
            Entity::Role { role, .. } => Principal::RoleSession(request::RoleSession {
                arn,
                role_arn: self.entity_arn.clone(),
                role_unique_id: role.id.clone(),
                service_linked: role.is_service_linked(),
            }),
            Entity::FederatedUser { by, .. } => {
                let user = |user: &Arc<User>| {
                    Some(request::User { arn: self.account?.user_arn(user).into(), unique_id: user.id.clone() })
                };
                Principal::FederatedUser { arn, user: by.and_then(user) }
            }
            Entity::Federated(provider) => Principal::Federated((*provider).to_owned()),
            Entity::Service(name) => Principal::Service((*name).to_owned()),
            Entity::Anonymous => Principal::Anonymous,
        }
    }

    /// Runs `decide` with the principal and the policies that have a say about it; `resource` is the resource's own.
    pub fn with_layers<R>(&self, resource: Option<&PolicySet>, decide: impl FnOnce(&Principal, &Layers<'_>) -> R) -> R {
        let principal = self.principal();
        let policies = match (self.account, &self.entity) {
            (Some(account), Entity::User(user) | Entity::FederatedUser { by: Some(user), .. }) => {
                Some(account.policies_of_user(user))
            }
            (Some(account), Entity::Role { role, .. }) => Some(account.policies_of_role(role)),
            _ => None,
        };
        let session = self.session.filter(|session| !session.policies.is_empty());
        let session = session.map(|session| self.session_policies(session));
        let mut layers = Layers { session: session.as_ref(), resource, ..Layers::default() };
        if let Some(policies) = &policies {
            layers.identity = &policies.identity;
            layers.boundary = policies.boundary.as_ref();
        }
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

    fn session_policies(&self, session: &Session) -> PolicySet {
        let attached_to = self.arn.as_str().into();
        let attached = |policy: &SessionPolicy| match policy {
            SessionPolicy::Inline(text) => {
                Attached { source: Source::Session, policy: text.policy(PolicyType::Session).cloned() }
            }
            SessionPolicy::Managed { arn, version } => match self.account {
                Some(account) => account.attached_policy(arn, Some(*version), &attached_to),
                None => {
                    let source = Source::Managed { arn: arn.as_str().into(), attached_to: Arc::clone(&attached_to) };
                    Attached { source, policy: None }
                }
            },
        };
        session.policies.iter().map(attached).collect()
    }

    /// The keys that say who calls (User Guide, "AWS global condition context keys": properties of the principal and
    /// of the role session).
    pub fn describe(&self, context: &mut Context<'static>) {
        let kind = match &self.entity {
            Entity::Root => "Account",
            Entity::User(_) => "User",
            Entity::Role { .. } => "AssumedRole",
            Entity::FederatedUser { .. } => "FederatedUser",
            // Only what its provider says of it; that comes with the call.
            Entity::Federated(_) => return,
            Entity::Service(name) => {
                context.insert("aws:PrincipalIsAWSService", "true");
                context.insert("aws:PrincipalServiceName", (*name).to_owned());
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
        context.insert("aws:PrincipalArn", self.entity_arn.clone());
        context.insert("aws:PrincipalIsAWSService", "false");
        if let Some(account) = self.account {
            context.insert("aws:PrincipalAccount", account.id().to_owned());
        }
        if let Some(id) = self.user_id() {
            context.insert("aws:userid", id);
        }
        if let Entity::User(user) = &self.entity {
            context.insert("aws:username", user.name.clone());
        }
        for (key, value) in self.tags() {
            context.insert(format!("aws:PrincipalTag/{key}"), value);
        }
        if let Some(session) = self.session {
            context.insert("aws:TokenIssueTime", session.issued.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            if let Some(federation) = &session.federation {
                context.insert("aws:FederatedProvider", federation.provider.clone());
                for (key, values) in federation.keys.iter() {
                    context.insert(key.to_owned(), values.clone());
                }
            }
            if let Some(identity) = &session.source_identity {
                context.insert("aws:SourceIdentity", identity.clone());
            }
        }
    }

    /// `aws:PrincipalTag`: the tags of the user or role, overridden by the session's, whose casing wins.
    pub fn tags(&self) -> Vec<(String, String)> {
        let own = match &self.entity {
            Entity::User(user) | Entity::FederatedUser { by: Some(user), .. } => Some(&user.tags),
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

fn root_arn(account_id: &str) -> String {
    format!("arn:aws:iam::{account_id}:root")
}

/// `arn:aws:sts::ACCOUNT:federated-user/NAME`, of whoever asked for the session.
pub(crate) fn federated_user_arn(account_id: &str, name: &str) -> String {
    format!("arn:aws:sts::{account_id}:federated-user/{name}")
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`; the role's path is not part of it.
pub(crate) fn session_arn(account_id: &str, role_name: &str, session_name: &str) -> String {
    format!("arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}")
}
