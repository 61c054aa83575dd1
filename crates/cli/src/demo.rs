//! The demo account of `serve --dev`. It is made by signed calls on the one path that every client's calls take.

mod caller;
mod policies;

use std::collections::BTreeMap;
use std::sync::Arc;

use doorward_service::Doorward;
use doorward_shapes::{doorward as own, iam};
use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::secret::{AccessKey, Secret};
use crate::state::{Role, User};
use caller::Caller;

/// What the demo principals may do, for people.
pub(crate) const MEANING: [(&str, &str); 9] = [
    ("admin", "everything"),
    ("alice", "reads the bucket demo; must not delete from it"),
    ("dev", "reads S3, everything in EC2"),
    ("bounded-admin", "everything, within a boundary of S3 and reading IAM"),
    ("no-mfa", "everything in S3, but nothing without MFA"),
    ("instance", "may assume role/instance-app"),
    ("contractor", "may assume role/contractor, for at most an hour"),
    ("role/instance-app", "for EC2 and the user instance: reads the bucket demo, must not delete"),
    ("role/partner-access", "in a second account, for this one, with an external id"),
];

/// The external id that the partner's role asks for.
const EXTERNAL_ID: &str = "demo-external-id";
/// The second account, and the one that stands in where the first is called so.
const PARTNER: [&str; 2] = ["444455556666", "777788889999"];

/// The principals that were made.
pub(crate) struct Demo {
    pub users: BTreeMap<String, User>,
    pub roles: BTreeMap<String, Role>,
}

/// A user with what is attached to it.
struct NewUser {
    name: &'static str,
    /// Name and document of its policy.
    policy: Option<(&'static str, &'static str)>,
    boundary: Option<(&'static str, &'static str)>,
}

const USERS: [NewUser; 7] = [
    NewUser { name: "admin", policy: Some(("DemoAdministrator", policies::ADMINISTRATOR)), boundary: None },
    NewUser { name: "alice", policy: Some(("DemoReader", policies::READER)), boundary: None },
    NewUser { name: "dev", policy: Some(("DemoDeveloper", policies::DEVELOPER)), boundary: None },
    NewUser {
        name: "bounded-admin",
        policy: Some(("DemoBoundedAdministrator", policies::ADMINISTRATOR)),
        boundary: Some(("DemoBoundary", policies::BOUNDARY)),
    },
    NewUser { name: "no-mfa", policy: Some(("DemoMfaRequired", policies::MFA_REQUIRED)), boundary: None },
    NewUser { name: "instance", policy: None, boundary: None },
    NewUser { name: "contractor", policy: None, boundary: None },
];

/// Fills the account, whose root access key is given.
pub(crate) fn create(doorward: &Arc<Doorward>, account_id: &str, root: AccessKey) -> Result<Demo> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(fill(doorward, account_id, root))
}

async fn fill(doorward: &Arc<Doorward>, account_id: &str, root: AccessKey) -> Result<Demo> {
    let caller = Caller::new(doorward, root.clone());
    let root =
        User { arn: format!("arn:aws:iam::{account_id}:root"), access_key_id: root.id, secret_access_key: root.secret };
    let mut users = BTreeMap::from([("root".to_owned(), root)]);
    // All at once: each change waits for the store, and those that wait together are committed together.
    let mut making = tokio::task::JoinSet::new();
    for new in USERS {
        let caller = caller.clone();
        making.spawn(async move { Ok::<_, Failure>((new.name.to_owned(), new.create(&caller).await?)) });
    }
    while let Some(made) = making.join_next().await {
        let (name, user) = made??;
        users.insert(name, user);
    }
    let arn = |name: &str| users.get(name).map(|user| user.arn.clone()).unwrap_or_default();
    let instance = policies::trust(&json!({ "Service": "ec2.amazonaws.com", "AWS": arn("instance") }), None);
    let contractor = policies::trust(&json!({ "AWS": arn("contractor") }), None);
    let partner = policies::trust(&json!({ "AWS": format!("arn:aws:iam::{account_id}:root") }), Some(EXTERNAL_ID));
    let partner_account = PARTNER.iter().find(|id| **id != account_id).copied().unwrap_or_default();
    let (instance, contractor, partner) = tokio::join!(
        role(&caller, "instance-app", &instance, json!({}), policies::READER),
        role(&caller, "contractor", &contractor, json!({ "MaxSessionDuration": 3600 }), policies::READ_ONLY),
        async {
            let other = second_account(&caller, partner_account).await?;
            role(&other, "partner-access", &partner, json!({}), policies::READ_ONLY).await
        },
    );
    let entry = |name: &str, arn: String, by: &str, external_id: Option<&str>| {
        (name.to_owned(), Role { arn, assumed_by: by.to_owned(), external_id: external_id.map(str::to_owned) })
    };
    let roles = BTreeMap::from([
        entry("instance-app", instance?, "instance", None),
        entry("contractor", contractor?, "contractor", None),
        entry("partner-access", partner?, "admin", Some(EXTERNAL_ID)),
    ]);
    Ok(Demo { users, roles })
}

impl NewUser {
    async fn create(&self, caller: &Caller) -> Result<User> {
        let name = self.name;
        let mut input = json!({ "UserName": name });
        if let Some(boundary) = self.boundary {
            let arn = policy(caller, boundary).await?;
            set(&mut input, "PermissionsBoundary", arn);
        }
        let made = caller.call(&iam::SERVICE, "CreateUser", input).await?;
        if let Some(attached) = self.policy {
            let arn = policy(caller, attached).await?;
            caller.call(&iam::SERVICE, "AttachUserPolicy", json!({ "UserName": name, "PolicyArn": arn })).await?;
        }
        let key = caller.call(&iam::SERVICE, "CreateAccessKey", json!({ "UserName": name })).await?;
        Ok(User {
            arn: text(&made, "/User/Arn")?,
            access_key_id: text(&key, "/AccessKey/AccessKeyId")?,
            secret_access_key: Secret::new(text(&key, "/AccessKey/SecretAccessKey")?),
        })
    }
}

/// Makes a managed policy and gives its ARN.
async fn policy(caller: &Caller, (name, document): (&str, &str)) -> Result<String> {
    let input = json!({ "PolicyName": name, "PolicyDocument": document });
    text(&caller.call(&iam::SERVICE, "CreatePolicy", input).await?, "/Policy/Arn")
}

/// Makes a role with an inline policy and gives its ARN.
async fn role(caller: &Caller, name: &str, trust: &str, mut input: Value, document: &str) -> Result<String> {
    set(&mut input, "RoleName", name);
    set(&mut input, "AssumeRolePolicyDocument", trust);
    let made = caller.call(&iam::SERVICE, "CreateRole", input).await?;
    let inline = json!({ "RoleName": name, "PolicyName": "demo", "PolicyDocument": document });
    caller.call(&iam::SERVICE, "PutRolePolicy", inline).await?;
    text(&made, "/Role/Arn")
}

/// Makes the second account; what calls as its root.
async fn second_account(caller: &Caller, account_id: &str) -> Result<Caller> {
    let input = json!({ "AccountName": "partner", "AccountId": account_id });
    let made = caller.call(&own::SERVICE, "CreateAccount", input).await?;
    let secret = Secret::new(text(&made, "/RootSecretAccessKey")?);
    Ok(caller.with_key(AccessKey::long_term(text(&made, "/RootAccessKeyId")?, secret)))
}

fn set(input: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(input) = input.as_object_mut() {
        input.insert(name.to_owned(), value.into());
    }
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Failure::new(format!("the demo account could not be made: no {pointer}")))
}
