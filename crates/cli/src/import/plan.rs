//! The calls that make an account what a file says.

use doorward_policy::document::{Document, PolicyType, PrincipalPattern};
use serde_json::Value;

use super::document::{self, Strict};
use super::file::{self, Attached, Boundary, Details, Group, Inline, InstanceProfile, Role, Tag, Unknown, User};
use super::versions;

/// How the paths of service-linked roles begin; the service's name follows.
const SERVICE_LINKED: &str = "/aws-service-role/";
/// How the paths of roles begin that only AWS makes.
const RESERVED: &str = "/aws-reserved/";
/// A trust policy that lets nobody in: what a role has until those that its own one names exist.
const NOBODY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;

/// One call.
pub(crate) struct Call {
    pub operation: &'static str,
    pub parameters: Vec<(String, String)>,
    /// What it makes, for the report.
    pub what: String,
    /// Whether the rest of its chain is of no use where it fails.
    pub needed: bool,
}

/// Calls that go one after another. Chains of one phase go side by side.
pub(crate) type Chain = Vec<Call>;

/// What is not carried over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub what: String,
    pub why: String,
}

/// What is to be done, and what cannot be.
#[derive(Default)]
pub(crate) struct Plan {
    /// One after another: each needs what those before it make.
    pub phases: Vec<Vec<Chain>>,
    pub problems: Vec<Problem>,
    /// How many documents name the old account, and are moved to the new one.
    pub moved: usize,
}

/// Makes the plan for a file's account to become `account_id`.
pub(crate) fn plan(details: &Details, from: &str, account_id: &str) -> Plan {
    let mut planner = Planner { from, to: account_id, plan: Plan::default(), last: Vec::new() };
    planner.unknown("the file", &details.unknown);
    let own = details.policies.iter().filter(|policy| !policy.is_aws_managed());
    let policies = own.filter_map(|policy| versions::policy(&mut planner, policy)).collect();
    let groups = details.group_detail_list.iter().map(|group| planner.group(group)).collect();
    let users = details.user_detail_list.iter().map(|user| planner.user(user)).collect();
    let roles = details.role_detail_list.iter().filter_map(|role| planner.role(role)).collect();
    let trusts = std::mem::take(&mut planner.last);
    let profiles = planner.profiles(&details.role_detail_list);
    planner.plan.phases = vec![policies, groups, users, roles, trusts, profiles];
    planner.plan
}

pub(super) struct Planner<'a> {
    from: &'a str,
    to: &'a str,
    plan: Plan,
    /// Trust policies that are set when everybody is there.
    last: Vec<Chain>,
}

impl Planner<'_> {
    pub(super) fn problem(&mut self, what: &str, why: impl Into<String>) {
        self.plan.problems.push(Problem { what: what.to_owned(), why: why.into() });
    }

    /// Says what of a thing is not known here.
    pub(super) fn unknown(&mut self, what: &str, unknown: &Unknown) {
        for name in file::foreign(unknown) {
            self.problem(what, format!("its {name} is not known to this version of doorward"));
        }
    }

    /// A document's text for the new account; none, and a problem, if it is no policy.
    pub(super) fn document(&mut self, what: &str, document: &Strict, kind: PolicyType) -> Option<String> {
        let text = self.moved(&document.0).and_then(|text| match Document::parse(&text, kind) {
            Ok(_) => Ok(text),
            Err(refused) => Err(refused.message),
        });
        text.map_err(|why| self.problem(what, why)).ok()
    }

    fn moved(&mut self, document: &Value) -> Result<String, String> {
        let mut document = document::read(document)?;
        if document::moved(&mut document, self.from, self.to) && self.from != self.to {
            self.plan.moved += 1;
        }
        Ok(document.to_string())
    }

    /// An ARN in the new account.
    pub(super) fn arn(&self, arn: &str) -> String {
        document::moved_text(arn, self.from, self.to)
    }

    fn group(&mut self, group: &Group) -> Chain {
        let what = format!("group {}", group.group_name);
        self.unknown(&what, &group.unknown);
        let parameters = vec![pair("GroupName", &group.group_name), pair("Path", &group.path)];
        let mut chain = vec![Call { operation: "CreateGroup", parameters, what: what.clone(), needed: true }];
        let holder = Holder { what: &what, member: "GroupName", name: &group.group_name };
        self.policies(
            &mut chain,
            &holder,
            ["PutGroupPolicy", "AttachGroupPolicy"],
            &group.group_policy_list,
            &group.attached_managed_policies,
        );
        chain
    }

    fn user(&mut self, user: &User) -> Chain {
        let what = format!("user {}", user.user_name);
        self.unknown(&what, &user.unknown);
        let mut parameters = vec![pair("UserName", &user.user_name), pair("Path", &user.path)];
        parameters.extend(self.boundary(&user.permissions_boundary));
        parameters.extend(tags(&user.tags));
        let mut chain = vec![Call { operation: "CreateUser", parameters, what: what.clone(), needed: true }];
        let holder = Holder { what: &what, member: "UserName", name: &user.user_name };
        for group in &user.group_list {
            let parameters = vec![pair("GroupName", group), pair("UserName", &user.user_name)];
            chain.push(holder.call("AddUserToGroup", format!("its membership of {group}"), parameters));
        }
        self.policies(
            &mut chain,
            &holder,
            ["PutUserPolicy", "AttachUserPolicy"],
            &user.user_policy_list,
            &user.attached_managed_policies,
        );
        chain
    }

    fn role(&mut self, role: &Role) -> Option<Chain> {
        let what = format!("role {}", role.role_name);
        self.unknown(&what, &role.unknown);
        if role.path.starts_with(RESERVED) {
            self.problem(&what, "it is AWS's own: only AWS makes roles with this path");
            return None;
        }
        if let Some(service) = role.path.strip_prefix(SERVICE_LINKED) {
            return Some(vec![service_linked(&what, role, service.trim_end_matches('/'))]);
        }
        let holder = Holder { what: &what, member: "RoleName", name: &role.role_name };
        let trust =
            self.document(&format!("{what}: its trust policy"), &role.assume_role_policy_document, PolicyType::Trust);
        // Whom it names may come later, or be the role itself, or not be there: then the role is there all the same.
        let names_somebody = trust.as_deref().is_some_and(names_somebody);
        if let Some(trust) = trust.as_ref().filter(|_| names_somebody) {
            let parameters = vec![pair("RoleName", &role.role_name), pair("PolicyDocument", trust)];
            self.last.push(vec![holder.call("UpdateAssumeRolePolicy", "its trust policy".to_owned(), parameters)]);
        }
        let trust = trust.filter(|_| !names_somebody);
        let mut parameters = vec![
            pair("RoleName", &role.role_name),
            pair("Path", &role.path),
            pair("AssumeRolePolicyDocument", trust.as_deref().unwrap_or(NOBODY)),
        ];
        parameters.extend(self.boundary(&role.permissions_boundary));
        parameters.extend(tags(&role.tags));
        let mut chain = vec![Call { operation: "CreateRole", parameters, what: what.clone(), needed: true }];
        self.policies(
            &mut chain,
            &holder,
            ["PutRolePolicy", "AttachRolePolicy"],
            &role.role_policy_list,
            &role.attached_managed_policies,
        );
        Some(chain)
    }

    /// The instance profiles of all roles. Those without a role are not in such a file.
    fn profiles(&mut self, roles: &[Role]) -> Vec<Chain> {
        let mut chains = Vec::new();
        for (role, profile) in roles.iter().flat_map(|role| role.instance_profile_list.iter().map(move |it| (role, it)))
        {
            let what = format!("instance profile {}", profile.instance_profile_name);
            self.unknown(&what, &profile.unknown);
            let InstanceProfile { instance_profile_name: name, path, tags: its, .. } = profile;
            let mut parameters = vec![pair("InstanceProfileName", name), pair("Path", path)];
            parameters.extend(tags(its));
            let create = Call { operation: "CreateInstanceProfile", parameters, what: what.clone(), needed: true };
            let holder = Holder { what: &what, member: "InstanceProfileName", name };
            let parameters = vec![pair("InstanceProfileName", name), pair("RoleName", &role.role_name)];
            let add = holder.call("AddRoleToInstanceProfile", format!("its role {}", role.role_name), parameters);
            chains.push(vec![create, add]);
        }
        chains
    }

    fn boundary(&self, boundary: &Option<Boundary>) -> Option<(String, String)> {
        let boundary = boundary.as_ref()?;
        Some(pair("PermissionsBoundary", &self.arn(&boundary.permissions_boundary_arn)))
    }

    fn policies(
        &mut self,
        chain: &mut Chain,
        holder: &Holder<'_>,
        [put, attach]: [&'static str; 2],
        inline: &[Inline],
        attached: &[Attached],
    ) {
        for policy in inline {
            let name = format!("its policy {}", policy.policy_name);
            let what = format!("{}: {name}", holder.what);
            if let Some(text) = self.document(&what, &policy.policy_document, PolicyType::Inline) {
                let parameters = vec![
                    pair(holder.member, holder.name),
                    pair("PolicyName", &policy.policy_name),
                    pair("PolicyDocument", &text),
                ];
                chain.push(holder.call(put, name, parameters));
            }
        }
        for policy in attached {
            let arn = self.arn(&policy.policy_arn);
            let parameters = vec![pair(holder.member, holder.name), pair("PolicyArn", &arn)];
            chain.push(holder.call(attach, format!("its attached policy {arn}"), parameters));
        }
    }
}

/// Whose policies and the like a call is about.
struct Holder<'a> {
    what: &'a str,
    member: &'static str,
    name: &'a str,
}

impl Holder<'_> {
    fn call(&self, operation: &'static str, part: String, parameters: Vec<(String, String)>) -> Call {
        Call { operation, parameters, what: format!("{}: {part}", self.what), needed: false }
    }
}

pub(super) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn tags(tags: &[Tag]) -> Vec<(String, String)> {
    let numbered = tags.iter().zip(1..);
    let both = |(tag, number): (&Tag, u32)| {
        [pair(&format!("Tags.member.{number}.Key"), &tag.key), pair(&format!("Tags.member.{number}.Value"), &tag.value)]
    };
    numbered.flat_map(both).collect()
}

/// Whether a trust policy names accounts, users, roles or sessions: they must exist when it is set.
fn names_somebody(trust: &str) -> bool {
    use PrincipalPattern::{Anyone, Federated, Service};
    let document = Document::parse(trust, PolicyType::Trust).ok();
    let statements = document.iter().flat_map(|document| &document.statements);
    let mut named = statements.filter_map(|statement| statement.principal.as_ref()).flat_map(|clause| &clause.entries);
    named.any(|pattern| !matches!(pattern.value, Anyone | Federated(_) | Service(_)))
}

/// A role that is linked to a service: with its trust and its policies it comes from the service alone.
fn service_linked(what: &str, role: &Role, service: &str) -> Call {
    let mut parameters = vec![pair("AWSServiceName", service)];
    if let Some((_, suffix)) = role.role_name.split_once('_') {
        parameters.push(pair("CustomSuffix", suffix));
    }
    Call { operation: "CreateServiceLinkedRole", parameters, what: what.to_owned(), needed: true }
}
