//! Policy documents as entities hold them: the text, and its parsed form made once and shared.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use doorward_policy::document::{Document, PolicyType};
use doorward_policy::policy::Policy;
use serde::{Deserialize, Serialize};

/// A policy document's text. Its parsed form is made at most once, when first asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyText {
    text: Arc<str>,
    #[serde(skip)]
    policy: Arc<OnceLock<Option<Arc<Policy>>>>,
}

impl PartialEq for PolicyText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl PolicyText {
    /// The text and the document that was parsed from it.
    pub fn new(document: Document) -> PolicyText {
        let text = Arc::clone(&document.text);
        PolicyText { text, policy: Arc::new(OnceLock::from(Some(Arc::new(Policy::new(document))))) }
    }

    /// A text that is parsed when its document is asked for.
    pub(crate) fn unparsed(text: String) -> PolicyText {
        PolicyText { text: text.into(), policy: Arc::default() }
    }

    /// The text exactly as submitted.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The policy, compiled once; none if the stored text is not one, which must deny its principals (it may hold a Deny).
    pub fn policy(&self, kind: PolicyType) -> Option<&Arc<Policy>> {
        self.policy.get_or_init(|| Policy::parse(&self.text, kind).ok().map(Arc::new)).as_ref()
    }
}

/// A role's trust policy. Users and roles that it names are bound to their unique ids when it is saved: one that is
/// deleted and created again under the same name is somebody else (User Guide, "AWS JSON policy elements: Principal").
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrustPolicy {
    text: Arc<str>,
    /// Unique ids by the ARN that the text names.
    bound: BTreeMap<String, String>,
    #[serde(skip)]
    policy: Arc<OnceLock<Option<Arc<Policy>>>>,
}

impl TrustPolicy {
    /// A trust policy whose users and roles have these unique ids.
    pub fn new(document: Document, bound: BTreeMap<String, String>) -> TrustPolicy {
        TrustPolicy { text: document.text, bound, policy: Arc::default() }
    }

    /// The text as submitted.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Unique ids by the ARN that the text names.
    pub fn bound(&self) -> &BTreeMap<String, String> {
        &self.bound
    }

    /// The policy with users and roles bound to unique ids, compiled once; none if the stored text is not a policy.
    pub fn policy(&self) -> Option<&Arc<Policy>> {
        let parse = || {
            let mut document = Document::parse(&self.text, PolicyType::Trust).ok()?;
            document.bind_principals(|pattern| self.unique_id(pattern));
            Some(Arc::new(Policy::new(document)))
        };
        self.policy.get_or_init(parse).as_ref()
    }

    fn unique_id(&self, pattern: &doorward_policy::document::PrincipalPattern) -> Option<String> {
        use doorward_policy::document::PrincipalPattern::{Role, User};
        match pattern {
            // An ARN that was never bound names nobody: an empty unique id matches no principal.
            User(arn) | Role(arn) => Some(self.bound.get(arn).cloned().unwrap_or_default()),
            _ => None,
        }
    }

    /// The text as read back: users and roles by their current ARN (`current` by unique id), or by unique id when gone.
    pub fn display(&self, current: impl Fn(&str) -> Option<String>) -> String {
        let Ok(document) = Document::parse(&self.text, PolicyType::Trust) else { return self.text.to_string() };
        document.render_principals(|named| {
            let id = self.bound.get(named)?;
            Some(current(id).unwrap_or_else(|| id.clone()))
        })
    }
}
