//! A question to the engine, as a value: asked when a call is authorized, by `/v1/authorize`, and again by `why`.

use std::sync::Arc;

use doorward_policy::arn::Arn;
use doorward_policy::context::{Context, Values};
use doorward_policy::document::PolicyType;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Layers, PolicySet, Principal, Request, Resource, Source};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::lookup::{Lookup, Unanswerable};
use crate::subject::Subject;

/// The resource's own policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ResourcePolicy {
    /// The trust policy of a role, by account and unique id.
    Trust { account_id: String, role_id: String },
    /// A document that came with the question.
    Document(String),
}

/// May this principal perform this action on this resource? With all that the answer depends on, except the policies:
/// those are the accounts' at a revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    /// Who.
    pub caller: Caller,
    /// The action.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// The account that owns the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_account: Option<String>,
    /// The resource's own policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<ResourcePolicy>,
    /// All condition keys, in the order in which they were set.
    #[serde(with = "stored_context")]
    pub context: Context<'static>,
}

impl Question {
    /// Asks: finds the principal and the policies that have a say, and hands them to `ask`, which decides or explains.
    pub fn ask<R>(
        &self,
        lookup: &impl Lookup,
        ask: impl FnOnce(&Request<'_>, &Layers<'_>, &Subject<'_>) -> R,
    ) -> Result<R, Unanswerable> {
        let account = lookup.account(&self.caller.account_id)?;
        let account = account.as_ref().map(|account| &account.state);
        let subject = Subject::find(&self.caller, account).ok_or(Unanswerable::NoPrincipal)?;
        let controls = |account_id: &str| {
            let organization = lookup.organization_of(account_id)?;
            Ok(organization.and_then(|organization| organization.state.controls(account_id)))
        };
        let of_principal = controls(&self.caller.account_id)?;
        let of_resource = self.resource_account.as_deref().map_or(Ok(None), controls)?;
        let with = |resource: Option<&PolicySet>, own_grant: bool| {
            subject.with_layers(resource, |principal: &Principal, layers| {
                let layers = Layers {
                    service_control: of_principal.as_ref().and_then(|controls| controls.service.as_deref()),
                    resource_control: of_resource.as_ref().and_then(|controls| controls.resource.as_deref()),
                    ..*layers
                };
                let resource = Resource {
                    arn: &self.resource,
                    account: self.resource_account.as_deref(),
                    requires_own_grant: own_grant,
                };
                let request = Request { principal, action: &self.action, resource, context: &self.context };
                ask(&request, &layers, &subject)
            })
        };
        Ok(match &self.resource_policy {
            None => with(None, false),
            Some(ResourcePolicy::Document(text)) => {
                let policy = Policy::parse(text, PolicyType::Resource).ok().map(Arc::new);
                let source = Source::Resource { arn: self.resource.as_str().into() };
                with(Some(&PolicySet::one(source, policy)), false)
            }
            Some(ResourcePolicy::Trust { account_id, role_id }) => {
                let owner = lookup.account(account_id)?;
                let role = owner.as_ref().and_then(|owner| owner.state.roles().by_id(role_id));
                let policy = role.and_then(|role| role.trust.policy()).cloned();
                let source = Source::Trust { role: self.resource.as_str().into() };
                with(Some(&PolicySet::one(source, policy)), true)
            }
        })
    }

    /// The region that it is about: what the request says, or the resource's ARN, or else another one.
    pub fn region<'q>(&'q self, otherwise: &'q str) -> &'q str {
        let requested = self.context.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:RequestedRegion"));
        let requested = requested.and_then(|(_, values)| match values {
            Values::One(region) => Some(region.as_ref()),
            Values::Many(_) => None,
        });
        let of_resource = || Arn::parse(&self.resource).map(|arn| arn.region).filter(|region| !region.is_empty());
        requested.or_else(of_resource).unwrap_or(otherwise)
    }
}

/// A context as events hold it: pairs of a key and its text, or the list of its texts where it is multivalued.
pub(crate) mod stored_context {
    use doorward_policy::context::{Context, Values};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    #[serde(untagged)]
    enum Borrowed<'a> {
        One(&'a str),
        Many(&'a [String]),
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Owned {
        One(String),
        Many(Vec<String>),
    }

    pub(crate) fn serialize<S: Serializer>(context: &Context<'_>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(context.iter().map(|(key, values)| {
            let values = match values {
                Values::One(value) => Borrowed::One(value),
                Values::Many(values) => Borrowed::Many(values),
            };
            (key, values)
        }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Context<'static>, D::Error> {
        let mut context = Context::new();
        for (key, values) in Vec::<(String, Owned)>::deserialize(deserializer)? {
            match values {
                Owned::One(value) => context.insert(key, value),
                Owned::Many(values) => context.insert(key, values),
            }
        }
        Ok(context)
    }
}
