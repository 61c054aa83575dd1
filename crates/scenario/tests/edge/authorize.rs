//! The same questions, asked of a running installation: its users and roles get the policies, and Authorize the rest.
//!
//! What an installation has no operations for yet is left out, and so are the cases that say of a principal what is not
//! so: another unique id, another ARN, an organization.

use doorward_scenario::Credentials;
use doorward_scenario::decision::{Outcome, Policy, PolicyType, Principal, Question, Values, Verdict};
use serde_json::{Map, Value, json};

use crate::common::{Bench, TRUST};

const A: &str = "111111111111";
const B: &str = "222222222222";
const BOUNDARY: &str = "boundary";

/// Keys that follow from a principal that is only named.
const OF_THE_PRINCIPAL: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
];
/// The unique ids of the cases are not those of an installation.
const UNIQUE_IDS: &[&str] = &["AIDAEXAMPLE", "AROAEXAMPLE"];
/// The account of these questions is in no organization.
const OF_THE_ORGANIZATION: &str = "aws:PrincipalOrg";

/// Two accounts, in each of them alice, who is in the group staff, and the role R.
pub struct Authorize {
    bench: Bench,
    root_of_b: Credentials,
}

/// Who gets the policies of a question: the account's root user, `User` or `Role`, and the name.
struct Holder<'s> {
    root: &'s Credentials,
    account: &'static str,
    kind: &'static str,
    name: &'static str,
}

impl Authorize {
    pub fn new() -> Authorize {
        let bench = Bench::new();
        let root_of_b = bench.second_account();
        for root in [&bench.root, &root_of_b] {
            bench.done(root, "iam:CreateUser", json!({"UserName": "alice"}));
            bench.done(root, "iam:CreateGroup", json!({"GroupName": "staff"}));
            bench.done(root, "iam:AddUserToGroup", json!({"GroupName": "staff", "UserName": "alice"}));
            bench.done(root, "iam:CreateRole", json!({"RoleName": "R", "AssumeRolePolicyDocument": TRUST}));
        }
        Authorize { bench, root_of_b }
    }

    fn root_of(&self, account: &str) -> &Credentials {
        if account == A { &self.bench.root } else { &self.root_of_b }
    }

    /// The policies that a question has are put where they belong, and taken away again.
    pub fn evaluate(&self, question: &Question) -> Result<Verdict, String> {
        let holder = holder(&question.principal).map(|(account, kind, name)| Holder {
            root: self.root_of(account),
            account,
            kind,
            name,
        });
        if let Some(trust) = &question.trust_policy {
            let input = json!({"RoleName": "R", "PolicyDocument": trust.0});
            self.bench.done(self.root_of(&question.resource_account), "iam:UpdateAssumeRolePolicy", input);
        }
        if let Some(holder) = &holder {
            self.put(holder, question);
        }
        let answer = self.bench.root("doorward:Authorize", input(question));
        if let Some(holder) = &holder {
            self.take_away(holder, question);
        }
        verdict(&answer)
    }

    fn put(&self, holder: &Holder<'_>, question: &Question) {
        let Holder { root, account, kind, name } = holder;
        let embed = |kind: &str, name: &str, policies: &[Policy]| {
            for (number, policy) in policies.iter().enumerate() {
                let mut input = json!({"PolicyName": format!("p{number}"), "PolicyDocument": policy.0});
                input[format!("{kind}Name")] = json!(name);
                self.bench.done(root, &format!("iam:Put{kind}Policy"), input);
            }
        };
        embed(kind, name, &question.identity);
        embed("Group", "staff", &question.groups);
        if let Some(boundary) = &question.boundary {
            let input = json!({"PolicyName": BOUNDARY, "PolicyDocument": boundary.0});
            self.bench.done(root, "iam:CreatePolicy", input);
            let mut input = json!({"PermissionsBoundary": format!("arn:aws:iam::{account}:policy/{BOUNDARY}")});
            input[format!("{kind}Name")] = json!(name);
            self.bench.done(root, &format!("iam:Put{kind}PermissionsBoundary"), input);
        }
    }

    fn take_away(&self, holder: &Holder<'_>, question: &Question) {
        let Holder { root, account, kind, name } = holder;
        let remove = |kind: &str, name: &str, policies: &[Policy]| {
            for number in 0..policies.len() {
                let mut input = json!({"PolicyName": format!("p{number}")});
                input[format!("{kind}Name")] = json!(name);
                self.bench.done(root, &format!("iam:Delete{kind}Policy"), input);
            }
        };
        remove(kind, name, &question.identity);
        remove("Group", "staff", &question.groups);
        if question.boundary.is_some() {
            let input = Map::from_iter([(format!("{kind}Name"), json!(name))]);
            self.bench.done(root, &format!("iam:Delete{kind}PermissionsBoundary"), Value::Object(input));
            let input = json!({"PolicyArn": format!("arn:aws:iam::{account}:policy/{BOUNDARY}")});
            self.bench.done(root, "iam:DeletePolicy", input);
        }
    }
}

/// Whether an installation can be asked so.
pub fn can_ask(question: &Question) -> bool {
    let beyond = question.session.is_some()
        || question.key_policy.is_some()
        || question.service_control.is_some()
        || question.resource_control.is_some()
        || question.endpoint.is_some();
    let has_holder = holder(&question.principal).is_some();
    let is_there = match &question.principal {
        Principal::User(_) | Principal::RoleSession { .. } => has_holder,
        Principal::Root { .. } | Principal::Service { .. } | Principal::Anonymous {} => question.identity.is_empty(),
        Principal::FederatedUser { .. } | Principal::AssumedRoot { .. } | Principal::Federated { .. } => false,
    };
    // A trust policy is the role's, and a role's own policy is its trust policy.
    let assumes = question.action.starts_with("sts:") && question.resource.contains(":role/");
    let trusts = question.resource.ends_with(":role/R") && question.trust_policy.is_some();
    let own = question.identity.iter().chain(&question.groups).chain(&question.boundary);
    let mut policies = own.chain(&question.resource_policy).chain(&question.trust_policy);
    let by_id = policies.any(|policy| UNIQUE_IDS.iter().any(|id| policy.0.contains(id)));
    question.action.is_ascii() && !beyond && is_there && assumes == trusts && !by_id && context(question).is_some()
}

/// Whose policies they are: account, kind and name.
fn holder(principal: &Principal) -> Option<(&'static str, &'static str, &'static str)> {
    let arn = match principal {
        Principal::User(user) => &user.arn,
        Principal::RoleSession { role_arn, service_linked: false, .. } => role_arn,
        _ => return None,
    };
    [(A, "User", "alice"), (A, "Role", "R"), (B, "User", "alice"), (B, "Role", "R")]
        .into_iter()
        .find(|(account, kind, name)| *arn == format!("arn:aws:iam::{account}:{}/{name}", kind.to_ascii_lowercase()))
}

fn named(principal: &Principal) -> &str {
    match principal {
        Principal::User(user) => &user.arn,
        Principal::Root { arn } | Principal::RoleSession { arn, .. } => arn,
        Principal::Service { name } => name,
        _ => "*",
    }
}

/// What is to be told beside the principal; none where that cannot be told of it, or two keys differ only by case.
fn context(question: &Question) -> Option<Map<String, Value>> {
    let mut told = Map::new();
    let own_arn = match &question.principal {
        Principal::RoleSession { role_arn, .. } => role_arn,
        principal => named(principal),
    };
    for (key, values) in &question.context {
        let values = match values {
            Values::One(value) => vec![value.clone()],
            Values::Many(values) => values.clone(),
        };
        let twice = told.keys().any(|held| held.eq_ignore_ascii_case(key));
        let other = key == "aws:PrincipalArn" && values != [own_arn];
        if twice || other || key.starts_with(OF_THE_ORGANIZATION) {
            return None;
        }
        if !OF_THE_PRINCIPAL.contains(&key.as_str()) {
            told.insert(key.clone(), json!(values));
        }
    }
    Some(told)
}

fn input(question: &Question) -> Value {
    let mut input = json!({
        "principal": named(&question.principal),
        "action": question.action,
        "resource": question.resource,
        "context": context(question),
    });
    if question.resource != "*" && !question.resource_account.is_empty() {
        input["resourceAccount"] = json!(question.resource_account);
    }
    if let Some(policy) = &question.resource_policy {
        input["resourcePolicy"] = json!(policy.0);
    }
    input
}

fn verdict(answer: &Value) -> Result<Verdict, String> {
    let kind = match answer["Layer"].as_str() {
        Some("identity-based policies") => Some(PolicyType::Identity),
        Some("permissions boundary") => Some(PolicyType::Boundary),
        Some("resource-based policy") => Some(PolicyType::Resource),
        Some("role trust policy") => Some(PolicyType::Trust),
        _ => None,
    };
    let outcome = match (answer["Decision"].as_str(), answer["Kind"].as_str(), kind) {
        (Some("Allow"), Some("allow"), None) => Outcome::Allowed,
        (Some("Deny"), Some("explicit"), Some(kind)) => Outcome::ExplicitlyDenied(kind),
        (Some("Deny"), Some("implicit"), Some(kind)) => Outcome::ImplicitlyDenied(kind),
        _ => return Err(format!("is answered with {answer}")),
    };
    let reasons = answer["Reasons"].as_array().into_iter().flatten();
    let sids = reasons.filter_map(|reason| Some(reason["Sid"].as_str()?.to_owned())).collect();
    Ok(Verdict { outcome, sids: Some(sids), message: None })
}
