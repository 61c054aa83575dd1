//! The state that every cell is asked in, and the callers.

use doorward_scenario::{ACCOUNT_ID, Credentials, Installation, Signing};
use serde_json::{Map, Value, json};

use crate::rows::{ALL, OK, Row, TRUST};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Anonymous,
    BadSignature,
    UnknownKey,
    InactiveKey,
    ExpiredSession,
    SessionWithoutMfa,
    NoPolicy,
    AnotherAction,
    AnotherResource,
    AnotherAccount,
    SessionRestricted,
    BoundaryRestricted,
    Allowed,
}

use Class::*;

/// Those who are refused come first; the one who is allowed changes things.
pub const CLASSES: &[Class] = &[
    Anonymous,
    BadSignature,
    UnknownKey,
    InactiveKey,
    ExpiredSession,
    SessionWithoutMfa,
    NoPolicy,
    AnotherAction,
    AnotherResource,
    SessionRestricted,
    BoundaryRestricted,
    Allowed,
    AnotherAccount,
];

/// What a call of this class must be answered, and how many audit events it must leave.
pub fn expected(class: Class, row: &Row, always_allowed: bool) -> (&'static str, usize) {
    let denied = match row.service {
        "doorward" => "AccessDeniedException",
        _ => "AccessDenied",
    };
    let by_policy = if always_allowed { OK } else { denied };
    let session_token = row.operation == "GetSessionToken";
    let code = match class {
        Anonymous => return ("MissingAuthenticationToken", 0),
        UnknownKey => return ("InvalidClientTokenId", 0),
        BadSignature => "SignatureDoesNotMatch",
        InactiveKey => "InvalidClientTokenId",
        ExpiredSession => "ExpiredToken",
        // No IAM; of STS only these two (User Guide, "Compare AWS STS credentials").
        SessionWithoutMfa => match (row.service, row.operation) {
            ("iam", _) => "InvalidClientTokenId",
            ("sts", "AssumeRole" | "GetCallerIdentity") => OK,
            ("sts", _) => denied,
            _ => OK,
        },
        NoPolicy | AnotherAction | AnotherResource | BoundaryRestricted => by_policy,
        SessionRestricted if session_token => denied,
        SessionRestricted => by_policy,
        AnotherAccount => row.elsewhere,
        Allowed => OK,
    };
    // The new account's own trail begins with the call that made it.
    let events = if code == OK && row.operation == "CreateAccount" { 2 } else { 1 };
    (code, events)
}

/// An installation with things of every kind, and callers of every class.
pub struct Scene {
    pub installation: Installation,
    pub target_key: String,
    pub decision: String,
    callers: Vec<(Class, Credentials)>,
    root: Credentials,
    /// How many events all calls so far have left.
    events: usize,
}

impl Scene {
    pub fn new(row: &Row) -> Scene {
        let installation = Installation::new().unwrap();
        let root = installation.root.clone();
        let mut scene = Scene {
            installation,
            target_key: String::new(),
            decision: String::new(),
            callers: Vec::new(),
            root,
            events: 0,
        };
        scene.things();
        scene.callers(row);
        if row.operation == "GetDecision" {
            let refused = scene.call(Some(&scene.caller(NoPolicy).unwrap()), "iam", "ListUsers", &json!({}));
            scene.decision = refused.decision.unwrap();
            scene.events += 1;
            scene.installation.settle(scene.events).unwrap();
        }
        scene
    }

    pub fn caller(&self, class: Class) -> Option<Credentials> {
        self.callers.iter().find(|(known, _)| *known == class).map(|(_, credentials)| credentials.clone())
    }

    pub fn call(
        &self,
        credentials: Option<&Credentials>,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> doorward_scenario::Answer {
        let empty = Map::new();
        let input = input.as_object().unwrap_or(&empty);
        self.installation.call(Signing { credentials, ..Signing::default() }, service, operation, input).unwrap()
    }

    fn done_by(&mut self, credentials: &Credentials, service: &str, operation: &str, input: Value) -> Value {
        self.events += 1;
        let answer = self.call(Some(credentials), service, operation, &input);
        answer.result.unwrap_or_else(|error| panic!("{operation} {input}: {} {}", error.code, error.message))
    }

    fn done(&mut self, operation: &str, input: Value) -> Value {
        self.done_by(&self.root.clone(), "iam", operation, input)
    }

    /// Users, groups, roles and policies with all that can hang on them, and free ones with nothing.
    fn things(&mut self) {
        let policy = |name: &str| format!("arn:aws:iam::{ACCOUNT_ID}:policy/{name}");
        for name in ["policy", "boundary", "free"] {
            self.done("CreatePolicy", json!({"PolicyName": name, "PolicyDocument": ALL}));
        }
        self.done("CreatePolicyVersion", json!({"PolicyArn": policy("policy"), "PolicyDocument": ALL}));
        let tags = json!([{"Key": "colour", "Value": "blue"}]);
        self.done("TagPolicy", json!({"PolicyArn": policy("policy"), "Tags": tags}));
        let bounded = json!({"UserName": "target", "PermissionsBoundary": policy("boundary"), "Tags": tags});
        self.done("CreateUser", bounded);
        self.done("CreateUser", json!({"UserName": "free"}));
        self.done("CreateGroup", json!({"GroupName": "group"}));
        self.done("CreateGroup", json!({"GroupName": "free"}));
        self.done("AddUserToGroup", json!({"GroupName": "group", "UserName": "target"}));
        for name in ["role", "free"] {
            self.done("CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST}));
        }
        self.done("TagRole", json!({"RoleName": "role", "Tags": tags}));
        self.done("PutRolePermissionsBoundary", json!({"RoleName": "role", "PermissionsBoundary": policy("boundary")}));
        for (kind, member, name) in
            [("User", "UserName", "target"), ("Group", "GroupName", "group"), ("Role", "RoleName", "role")]
        {
            self.done(&format!("Attach{kind}Policy"), json!({member: name, "PolicyArn": policy("policy")}));
            let inline = json!({member: name, "PolicyName": "inline", "PolicyDocument": ALL});
            self.done(&format!("Put{kind}Policy"), inline);
        }
        let key = self.done("CreateAccessKey", json!({"UserName": "target"}));
        self.target_key = key["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned();
        self.done("CreateAccountAlias", json!({"AccountAlias": "alias"}));
    }

    /// A user with a key and with these permissions.
    fn user(&mut self, name: &str, document: Option<&str>) -> Credentials {
        self.done("CreateUser", json!({"UserName": name}));
        if let Some(document) = document {
            let input = json!({"UserName": name, "PolicyName": "own", "PolicyDocument": document});
            self.done("PutUserPolicy", input);
        }
        let key = self.done("CreateAccessKey", json!({"UserName": name}));
        serde_json::from_value(key["AccessKey"].clone()).unwrap()
    }

    fn callers(&mut self, row: &Row) {
        let action = format!("{}:{}", row.service, row.operation);
        let other = if row.operation == "GetUser" { "iam:GetRole" } else { "iam:GetUser" };
        let allow = |action: &str, resource: &str| {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
            json!({"Version": "2012-10-17", "Statement": statement}).to_string()
        };
        let elsewhere = format!("arn:aws:iam::{ACCOUNT_ID}:role/elsewhere/nothing");
        let admin = self.user("admin", Some(ALL));
        self.done("CreateRole", json!({"RoleName": "powers", "AssumeRolePolicyDocument": TRUST}));
        self.done("PutRolePolicy", json!({"RoleName": "powers", "PolicyName": "own", "PolicyDocument": ALL}));
        let session = |scene: &mut Scene, policy: &str| -> Credentials {
            let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/powers");
            let input =
                json!({"RoleArn": role, "RoleSessionName": "session", "DurationSeconds": 900, "Policy": policy});
            let answer = scene.done_by(&admin, "sts", "AssumeRole", input);
            serde_json::from_value(answer["Credentials"].clone()).unwrap()
        };
        let expired = session(self, ALL);
        self.installation.advance(900);

        let inactive = self.user("inactive", Some(ALL));
        let off = json!({"UserName": "inactive", "AccessKeyId": inactive.access_key_id, "Status": "Inactive"});
        self.done("UpdateAccessKey", off);
        let token = self.done_by(&admin, "sts", "GetSessionToken", json!({}));
        let token = serde_json::from_value(token["Credentials"].clone()).unwrap();
        let restricted = session(self, &allow(other, "*"));
        let no_policy = self.user("plain", None);
        let another_action = self.user("another-action", Some(&allow(other, "*")));
        let another_resource = self.user("another-resource", Some(&allow(&action, &elsewhere)));
        let bounded = self.user("bounded", Some(ALL));
        self.done("CreatePolicy", json!({"PolicyName": "narrow", "PolicyDocument": allow(other, "*")}));
        let narrow = format!("arn:aws:iam::{ACCOUNT_ID}:policy/narrow");
        self.done("PutUserPermissionsBoundary", json!({"UserName": "bounded", "PermissionsBoundary": narrow}));
        let unknown = Credentials { access_key_id: unknown_key(&admin.access_key_id), ..admin.clone() };
        let secret_access_key = no_policy.secret_access_key.clone();
        let bad_signature = Credentials { secret_access_key, ..admin.clone() };
        let another_account = self.another_account();
        self.callers = vec![
            (BadSignature, bad_signature),
            (UnknownKey, unknown),
            (InactiveKey, inactive),
            (ExpiredSession, expired),
            (SessionWithoutMfa, token),
            (NoPolicy, no_policy),
            (AnotherAction, another_action),
            (AnotherResource, another_resource),
            (AnotherAccount, another_account),
            (SessionRestricted, restricted),
            (BoundaryRestricted, bounded),
            (Allowed, admin),
        ];
    }

    /// An administrator of a second account.
    fn another_account(&mut self) -> Credentials {
        let root = self.root.clone();
        let account = self.done_by(
            &root,
            "doorward",
            "CreateAccount",
            json!({"accountName": "second", "accountId": "222222222222"}),
        );
        self.events += 1;
        let their_root: Credentials = serde_json::from_value(account).unwrap();
        self.done_by(&their_root, "iam", "CreateUser", json!({"UserName": "admin"}));
        let all = json!({"UserName": "admin", "PolicyName": "all", "PolicyDocument": ALL});
        self.done_by(&their_root, "iam", "PutUserPolicy", all);
        let key = self.done_by(&their_root, "iam", "CreateAccessKey", json!({"UserName": "admin"}));
        serde_json::from_value(key["AccessKey"].clone()).unwrap()
    }
}

/// A key id of the same account that no key has.
fn unknown_key(known: &str) -> String {
    let (head, tail) = known.split_at(known.len() - 4);
    format!("{head}{}", if tail == "ABCD" { "DCBA" } else { "ABCD" })
}
