//! Decisions as data: who asks for what under which policies, and what must come out.
//!
//! A file holds cases, a case one or more questions. What questions have in common stands once: a question is what is
//! `given` to all, overlaid by the member of the `cast` who asks, by the case, and by its own entry in `ask`. Documents
//! stay JSON texts, so that every evaluator reads them in its own way.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::runner::{Saved, filled};

/// How sure it is that AWS decides so: documented, observed, inferred, or uncertain.
const CONFIDENCE: &[&str] = &["D", "O", "I", "D?", "O?", "I?", "?"];

/// One case: a rule, shown by questions about it or by documents that cannot be saved.
pub struct Case {
    /// Its number.
    pub number: u32,
    /// What it shows.
    pub shows: String,
    /// `D` documented, `O` observed, `I` inferred; with `?` where sources are uncertain or disagree.
    pub confidence: String,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What must be refused.
    pub refusals: Vec<Refusal>,
}

/// A question, and what must come out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Who asks.
    pub principal: Principal,
    /// `service:Name`.
    pub action: String,
    /// An ARN, or `*` for actions that have no resource.
    pub resource: String,
    /// The account that owns the resource; empty where nobody said. An action without a resource has none either.
    pub resource_account: String,
    /// The condition keys.
    #[serde(default)]
    pub context: BTreeMap<String, Values>,
    /// Identity-based policies of the principal's own.
    #[serde(default)]
    pub identity: Vec<Policy>,
    /// Policies of the user's groups.
    #[serde(default)]
    pub groups: Vec<Policy>,
    /// The permissions boundary.
    pub boundary: Option<Policy>,
    /// Session policies, or the task policy of AssumeRoot.
    pub session: Option<Vec<Policy>>,
    /// The resource-based policy.
    pub resource_policy: Option<Policy>,
    /// The role trust policy, when a role is assumed.
    pub trust_policy: Option<Policy>,
    /// The resource-based policy of a KMS key: it alone lets the account in.
    pub key_policy: Option<Policy>,
    /// Service control policies of the principal's account, one list per level from the root down.
    pub service_control: Option<Vec<Vec<Policy>>>,
    /// Resource control policies of the resource's account, likewise; `RCPFullAWSAccess` is on every level beside them.
    pub resource_control: Option<Vec<Vec<Policy>>>,
    /// The policy of the VPC endpoint that the request came through.
    pub endpoint: Option<Policy>,
    /// What must come out.
    pub expect: Outcome,
    /// The `Sid` of a statement that must be among those that decided.
    pub sid: Option<String>,
    /// The resource as the service spells it in refusals; it is not named, if not given.
    pub named: Option<String>,
    /// The words of the refusal.
    pub message: Option<String>,
}

/// A document that cannot be saved.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// What it was to be.
    #[serde(rename = "type")]
    pub kind: PolicyType,
    /// The document.
    pub document: Policy,
    /// The text of the error.
    pub refused: String,
}

/// Who asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields)]
#[expect(missing_docs, reason = "ARNs, ids and names as everywhere")]
pub enum Principal {
    Root { arn: String },
    User(User),
    FederatedUser { arn: String, user: Option<User> },
    RoleSession { arn: String, role_arn: String, role_unique_id: String, service_linked: bool },
    AssumedRoot { arn: String },
    Service { name: String },
    Federated { provider: String },
    Anonymous {},
}

/// An IAM user.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The ARN.
    pub arn: String,
    /// `AIDA…`.
    pub unique_id: String,
}

/// What a condition key holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// A single-valued key.
    One(String),
    /// A multivalued key.
    Many(Vec<String>),
}

/// A document as its text. In a file it is a statement or a list of statements, a whole document, or any text.
#[derive(Clone, Debug)]
pub struct Policy(pub String);

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Policy, D::Error> {
        Ok(Policy(match Value::deserialize(from)? {
            Value::String(text) => text,
            Value::Object(whole) if whole.contains_key("Statement") => Value::Object(whole).to_string(),
            statements => json!({"Version": "2012-10-17", "Statement": statements}).to_string(),
        }))
    }
}

/// What comes out.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Outcome {
    /// The request is allowed.
    Allowed,
    /// A Deny statement of such a policy applies.
    ExplicitlyDenied(PolicyType),
    /// No statement of such policies allows it.
    ImplicitlyDenied(PolicyType),
}

/// A kind of policy, as AWS's messages call it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are AWS's")]
pub enum PolicyType {
    #[serde(rename = "resource control policy")]
    ResourceControl,
    #[serde(rename = "service control policy")]
    ServiceControl,
    #[serde(rename = "VPC endpoint policy")]
    Endpoint,
    #[serde(rename = "resource-based policy")]
    Resource,
    #[serde(rename = "role trust policy")]
    Trust,
    #[serde(rename = "identity-based policy")]
    Identity,
    #[serde(rename = "permissions boundary")]
    Boundary,
    #[serde(rename = "session policy")]
    Session,
}

/// What an evaluator says.
pub struct Verdict {
    /// The decision.
    pub outcome: Outcome,
    /// The `Sid`s of the statements that decided; none from an evaluator that does not tell.
    pub sids: Option<Vec<String>>,
    /// The words of the refusal, empty where nothing is refused; none from an evaluator that does not tell.
    pub message: Option<String>,
}

impl Case {
    /// Asks all questions and tells where the answer is not as it must be.
    pub fn check(&self, evaluate: impl Fn(&Question) -> Result<Verdict, String>) -> Vec<String> {
        let wrong = |question: &Question| match evaluate(question) {
            Err(problem) => Some(problem),
            Ok(verdict) => question.compare(&verdict).err(),
        };
        let problems = self.questions.iter().filter_map(|question| Some((question, wrong(question)?)));
        problems
            .map(|(Question { action, resource, .. }, problem)| {
                self.place(&format!("{action} on {resource}"), &problem)
            })
            .collect()
    }

    /// The problem, with where it is.
    pub fn place(&self, what: &str, problem: &str) -> String {
        format!("case {} ({}), {}\n  {what}: {problem}", self.number, self.confidence, self.shows)
    }
}

impl Question {
    fn compare(&self, verdict: &Verdict) -> Result<(), String> {
        if verdict.outcome != self.expect {
            return Err(format!("is {:?}, must be {:?}", verdict.outcome, self.expect));
        }
        if let (Some(sid), Some(sids)) = (&self.sid, &verdict.sids)
            && !sids.contains(sid)
        {
            return Err(format!("is decided by {sids:?}, must be by {sid}"));
        }
        match (&self.message, &verdict.message) {
            (Some(expected), Some(told)) if expected != told => Err(format!("says {told:?}, must say {expected:?}")),
            _ => Ok(()),
        }
    }
}

/// A part of a question.
type Part = Map<String, Value>;

/// A file of cases, or what all files share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader")]
    shows: String,
    #[serde(default, rename = "let")]
    names: Saved,
    #[serde(default)]
    given: Part,
    #[serde(default)]
    cast: BTreeMap<String, Part>,
    #[serde(default)]
    case: Vec<Part>,
}

/// The members of a case that are not of its questions.
#[derive(Deserialize)]
struct Head {
    number: u32,
    shows: String,
    confidence: String,
    #[serde(default)]
    ask: Vec<Part>,
}

/// Reads the cases of a file; `shared` is the file with what all have in common.
///
/// # Errors
/// What is wrong with the form, with the number of the case.
pub fn load(shared: &str, text: &str) -> Result<Vec<Case>, String> {
    let read = |text: &str| toml::from_str::<File>(text).map_err(|error| error.to_string());
    let (shared, file) = (read(shared)?, read(text)?);
    let mut names = Saved::new();
    for (name, value) in shared.names.into_iter().chain(file.names) {
        let value = filled(&value, &names);
        names.insert(name, value);
    }
    let mut given = shared.given;
    overlay(&mut given, file.given);
    let cast = shared.cast.into_iter().chain(file.cast).collect();
    file.case.into_iter().map(|case| Reader { names: &names, given: &given, cast: &cast }.case(case)).collect()
}

struct Reader<'f> {
    names: &'f Saved,
    given: &'f Part,
    cast: &'f BTreeMap<String, Part>,
}

impl Reader<'_> {
    fn case(&self, mut case: Part) -> Result<Case, String> {
        let form = |error: serde_json::Error| format!("{error} in {case:?}");
        let Head { number, shows, confidence, ask } = Head::deserialize(Value::Object(case.clone())).map_err(form)?;
        if !CONFIDENCE.contains(&confidence.as_str()) {
            return Err(format!("case {number}: {confidence:?} is none of {CONFIDENCE:?}"));
        }
        for name in ["number", "shows", "confidence", "ask"] {
            case.remove(name);
        }
        let mut read = Case { number, shows, confidence, questions: Vec::new(), refusals: Vec::new() };
        let ask = if ask.is_empty() { vec![Part::new()] } else { ask };
        for own in ask {
            self.question(&case, own, &mut read).map_err(|problem| format!("case {number}: {problem}"))?;
        }
        Ok(read)
    }

    fn question(&self, case: &Part, own: Part, into: &mut Case) -> Result<(), String> {
        let mut asked = case.clone();
        overlay(&mut asked, own);
        if asked.contains_key("refused") {
            into.refusals.push(self.read(asked)?);
            return Ok(());
        }
        let mut whole = self.given.clone();
        if let Some(name) = asked.remove("as").or_else(|| whole.remove("as")) {
            whole.remove("as");
            let member = name.as_str().and_then(|name| self.cast.get(name)).ok_or(format!("nobody is {name}"))?;
            overlay(&mut whole, member.clone());
        }
        overlay(&mut whole, asked);
        into.questions.push(self.read(whole)?);
        Ok(())
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, part: Part) -> Result<T, String> {
        let value = filled(&Value::Object(part), self.names);
        if let Some(name) = unknown_name(&value.to_string()) {
            return Err(format!("nothing is called {name}"));
        }
        T::deserialize(value).map_err(|error| error.to_string())
    }
}

/// A `${name}` that is left: those of policy variables have a colon or are one punctuation mark.
fn unknown_name(text: &str) -> Option<&str> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    names.map(|(name, _)| name).find(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Puts a part over another. The keys of the context come together; everything else is replaced.
fn overlay(under: &mut Part, over: Part) {
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(Value::Object(held)), Value::Object(keys)) if name == "context" => held.extend(keys),
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}
