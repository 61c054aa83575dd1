//! What the test files share: calls as the SDKs make them, and people to make them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use doorward_scenario::{ACCOUNT_ID, Answer, Credentials, Installation, Signing};
use doorward_shapes::Error;
use serde_json::{Value, json};

/// A policy that allows everything.
pub const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
/// A trust policy that leaves it to the account.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}}"#;

/// The metadata of a SAML identity provider.
pub const SAML_METADATA: &str = include_str!("saml-metadata.xml");

/// A server certificate that signs itself, and its key.
pub const SERVER_CERTIFICATE: &str = include_str!("server.crt");
pub const SERVER_KEY: &str = include_str!("server.key");

/// Two X.509 certificates.
pub const SIGNING_CERTIFICATES: [&str; 2] = [include_str!("signing.crt"), include_str!("other-signing.crt")];

/// Two public keys for SSH.
pub const SSH_KEYS: [&str; 2] = [include_str!("ssh-key.pub"), include_str!("other-ssh-key.pub")];

/// A policy that allows these actions on everything.
pub fn allow(actions: &[&str]) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

/// An ARN of the account.
pub fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT_ID}:{resource}")
}

/// Credentials out of an answer that has them.
pub fn credentials(answer: &Value) -> Credentials {
    serde_json::from_value(answer.clone()).unwrap()
}

/// An installation to make calls to.
pub struct Bench {
    pub installation: Installation,
    pub root: Credentials,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::of(Installation::new().unwrap())
    }

    pub fn of(installation: Installation) -> Bench {
        let root = installation.root.clone();
        Bench { installation, root }
    }

    /// Makes a call, `service:Operation`.
    pub fn call(&self, credentials: Option<&Credentials>, call: &str, input: &Value) -> Answer {
        let (service, operation) = call.split_once(':').unwrap();
        let signing = Signing { credentials, ..Signing::default() };
        self.installation.call(signing, service, operation, input.as_object().unwrap()).unwrap()
    }

    /// Makes a call that must succeed.
    pub fn done(&self, credentials: &Credentials, call: &str, input: Value) -> Value {
        let answer = self.call(Some(credentials), call, &input);
        answer.result.unwrap_or_else(|error| panic!("{call} {input}: {} {}", error.code, error.message))
    }

    /// Makes a call that must be refused.
    #[track_caller]
    pub fn refused(&self, credentials: &Credentials, call: &str, input: Value) -> Error {
        self.call(Some(credentials), call, &input).result.err().unwrap_or_else(|| panic!("{call} {input} succeeded"))
    }

    /// Whether a call succeeds.
    pub fn can(&self, credentials: &Credentials, call: &str, input: Value) -> bool {
        self.call(Some(credentials), call, &input).result.is_ok()
    }

    /// Makes a call as root.
    pub fn root(&self, call: &str, input: Value) -> Value {
        self.done(&self.root, call, input)
    }

    /// A user with a key, and with these permissions.
    pub fn user(&self, name: &str, document: Option<&str>) -> Credentials {
        self.root("iam:CreateUser", json!({"UserName": name}));
        if let Some(document) = document {
            let policy = json!({"UserName": name, "PolicyName": "own", "PolicyDocument": document});
            self.root("iam:PutUserPolicy", policy);
        }
        self.key(name)
    }

    /// A new key of a user.
    pub fn key(&self, name: &str) -> Credentials {
        credentials(&self.root("iam:CreateAccessKey", json!({"UserName": name}))["AccessKey"])
    }

    /// A role with these permissions that the account's own principals may assume if their policies let them.
    pub fn role(&self, name: &str, document: &str) -> String {
        self.root("iam:CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST}));
        self.root("iam:PutRolePolicy", json!({"RoleName": name, "PolicyName": "own", "PolicyDocument": document}));
        arn(&format!("role/{name}"))
    }

    /// A session of a role.
    pub fn session(&self, caller: &Credentials, role: &str, name: &str) -> Credentials {
        let input = json!({"RoleArn": role, "RoleSessionName": name});
        credentials(&self.done(caller, "sts:AssumeRole", input)["Credentials"])
    }

    /// Waits until a decision can be looked up.
    pub fn settle(&self, credentials: &Credentials, decision: &str) {
        for _ in 0..1_000 {
            if self.can(credentials, "doorward:GetDecision", json!({"DecisionId": decision})) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("{decision} did not reach the store");
    }

    /// A second account: its root user.
    pub fn second_account(&self) -> Credentials {
        let input = json!({"accountName": "second", "accountId": "222222222222"});
        credentials(&self.root("doorward:CreateAccount", input))
    }
}
