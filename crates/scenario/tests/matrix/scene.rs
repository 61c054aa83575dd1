//! The state that every cell is asked in, and the callers.

use std::collections::BTreeMap;

use doorward_federation::webauthn::authenticator::Authenticator;
use doorward_scenario::{Credentials, ORIGIN};
use serde_json::{Value, json};

use crate::common::{
    ALL, Bench, SAML_METADATA, SERVER_CERTIFICATE, SERVER_KEY, SIGNING_CERTIFICATES, SSH_KEYS, TRUST, allow, arn,
    credentials,
};
use crate::rows::{OK, PASSWORD, Row, before};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Anonymous,
    BadSignature,
    UnknownKey,
    InactiveKey,
    ExpiredSession,
    SessionWithoutMfa,
    FederatedUser,
    NoPolicy,
    AnotherAction,
    AnotherResource,
    AnotherAccount,
    SessionRestricted,
    BoundaryRestricted,
    Allowed,
}

use Class::*;

impl Class {
    /// Organizations is open to every kind of session that policies allow it: with these, somebody would have changed things
    /// before the one who is asked last.
    pub fn is_asked(self, row: &Row) -> bool {
        row.service != "organizations" || !matches!(self, SessionWithoutMfa | FederatedUser)
    }
}

/// Those who are refused come first; the one who is allowed changes things.
pub const CLASSES: &[Class] = &[
    Anonymous,
    BadSignature,
    UnknownKey,
    InactiveKey,
    ExpiredSession,
    SessionWithoutMfa,
    FederatedUser,
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
    // Here the token in the input says who calls, whoever signs; the one given is nobody's.
    if row.operation == "AssumeRoleWithWebIdentity" {
        return ("InvalidIdentityToken", 1);
    }
    let denied = match row.service {
        "doorward" | "organizations" => "AccessDeniedException",
        _ => "AccessDenied",
    };
    let by_policy = if always_allowed { OK } else { denied };
    // Sessions make no sessions. The key that is asked is the allowed one's.
    let assertion = row.operation.ends_with("SecurityKeyAssertion");
    // What changes MFA devices is IAM's by its nature.
    let mfa_device = row.operation.contains("MFADevice") || row.operation.ends_with("SecurityKeyRegistration");
    let by_policy = if assertion { "ResourceNotFoundException" } else { by_policy };
    let session_token = row.operation == "GetSessionToken" || assertion;
    let code = match class {
        Anonymous => return ("MissingAuthenticationToken", 0),
        UnknownKey => return ("InvalidClientTokenId", 0),
        BadSignature => "SignatureDoesNotMatch",
        InactiveKey => "InvalidClientTokenId",
        ExpiredSession => "ExpiredToken",
        // No IAM; of STS only these two (User Guide, "Compare AWS STS credentials").
        SessionWithoutMfa => match (row.service, row.operation) {
            ("iam", _) => "InvalidClientTokenId",
            ("doorward", _) if mfa_device => "InvalidClientTokenId",
            ("doorward", _) if assertion => denied,
            ("sts", "AssumeRole" | "GetCallerIdentity") => OK,
            ("sts", _) => denied,
            _ => OK,
        },
        FederatedUser => match (row.service, row.operation) {
            ("iam", _) => "InvalidClientTokenId",
            ("doorward", _) if mfa_device => "InvalidClientTokenId",
            ("doorward", _) if assertion => denied,
            ("sts", operation) if operation != "GetCallerIdentity" => denied,
            _ => OK,
        },
        NoPolicy | AnotherAction | AnotherResource | BoundaryRestricted => by_policy,
        SessionRestricted if session_token => denied,
        SessionRestricted => by_policy,
        AnotherAccount => row.elsewhere,
        // The organization is the account's own.
        Allowed if row.operation == "LeaveOrganization" => "MasterCannotLeaveOrganizationException",
        Allowed => OK,
    };
    // The new account's own trail begins with the call that made it.
    let founds = (row.service, row.operation) == ("doorward", "CreateAccount");
    let events = if code == OK && founds { 2 } else { 1 };
    (code, events)
}

/// A resource's policy that denies everybody everything.
const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}"#;

/// An installation with things of every kind, and callers of every class.
pub struct Scene {
    pub bench: Bench,
    /// Ids that the service gave to things, by what they are.
    pub named: BTreeMap<&'static str, Value>,
    pub decision: String,
    /// The encoded authorization message of a refusal.
    pub message: String,
    /// The id of a delegation request.
    pub delegation: String,
    /// A report of last accesses that the allowed caller has asked for.
    pub job: String,
    /// Seeds of a device that is nobody's, and of one that is the user `target`'s.
    seeds: [Value; 2],
    callers: Vec<(Class, Credentials)>,
}

impl Scene {
    pub fn new(row: &Row) -> Scene {
        let bench = Bench::new();
        let named = things(&bench);
        let seeds = devices(&bench);
        let mut scene = Scene {
            bench,
            named,
            decision: String::new(),
            message: String::new(),
            delegation: String::new(),
            job: String::new(),
            seeds,
            callers: Vec::new(),
        };
        scene.callers(row);
        // Hashing takes its time.
        for (operation, user) in [("ChangePassword", "admin"), ("LoginProfile", "target")] {
            if row.operation.contains(operation) {
                let input = json!({"UserName": user, "Password": PASSWORD});
                scene.bench.root("iam:CreateLoginProfile", input);
            }
        }
        if let Some((call, input)) = before(row.operation) {
            scene.bench.root(call, input);
        }
        if row.operation.contains("SecurityKey") {
            scene.security_key(row.operation);
        }
        // So does making keys.
        let needs_issuer =
            ["DisableOutboundWebIdentityFederation", "GetOutboundWebIdentityFederationInfo", "GetWebIdentityToken"];
        if needs_issuer.contains(&row.operation) {
            scene.bench.root("iam:EnableOutboundWebIdentityFederation", json!({}));
        }
        if row.operation.contains("RoleTemplate") || row.operation == "AcquireRole" {
            let trust: Value = serde_json::from_str(TRUST).unwrap();
            let version = json!({"serviceName": "example.com", "templateName": "template", "majorVersion": 1,
                "roleNamePattern": "from-template", "assumeRolePolicyDocumentTemplate": trust});
            scene.bench.root("doorward:PutRoleTemplateVersion", version);
        }
        scene.delegate(row.operation);
        if row.service == "organizations" {
            scene.organize(row.operation);
        }
        if row.operation == "GetCredentialReport" {
            scene.bench.root("iam:GenerateCredentialReport", json!({}));
        }
        if row.operation.starts_with("GetServiceLastAccessed") {
            let allowed = scene.caller(Allowed).unwrap();
            let about = json!({"Arn": arn("user/target")});
            let made = scene.bench.done(&allowed, "iam:GenerateServiceLastAccessedDetails", about);
            scene.job = made["JobId"].as_str().unwrap().to_owned();
        }
        if row.operation == "GetDecision" {
            let refused = scene.bench.call(scene.caller(NoPolicy).as_ref(), "iam:ListUsers", &json!({}));
            scene.decision = refused.decision.unwrap();
            scene.bench.settle(&scene.bench.root, &scene.decision);
        }
        if row.operation == "DecodeAuthorizationMessage" {
            let asked = json!({"principal": arn("user/target"), "action": "s3:Nothing", "resource": "arn:aws:s3:::b",
                "resourcePolicy": DENY_ALL});
            let refused = scene.bench.root("doorward:Authorize", asked);
            scene.message = refused["EncodedAuthorizationMessage"].as_str().unwrap().to_owned();
            scene.bench.settle(&scene.bench.root, refused["Id"].as_str().unwrap());
        }
        scene
    }

    /// The ceremony that an operation goes on with: a registration for `target`, or an assertion of the one who is
    /// allowed, who has a key.
    fn security_key(&mut self, operation: &str) {
        let mut key = Authenticator::new(ORIGIN);
        let allowed = self.caller(Allowed).unwrap();
        let name = if operation.ends_with("Assertion") { "admin" } else { "target" };
        let begin = json!({"userName": name});
        let begun = self.bench.root("doorward:BeginSecurityKeyRegistration", begin);
        let mut ceremony = begun["RegistrationId"].clone();
        let mut credential = key.create(&begun["Options"]);
        if operation.ends_with("Assertion") {
            let finish = json!({"registrationId": ceremony, "userName": name, "credential": credential});
            self.bench.root("doorward:FinishSecurityKeyRegistration", finish);
        }
        if operation == "FinishSecurityKeyAssertion" {
            let begun = self.bench.done(&allowed, "doorward:BeginSecurityKeyAssertion", json!({}));
            ceremony = begun["AssertionId"].clone();
            credential = key.get(&begun["Options"]);
        }
        self.named.extend([("ceremony", ceremony), ("credential", credential)]);
    }

    /// A delegation request of the account to itself, in the state that an operation is about.
    fn delegate(&mut self, operation: &str) {
        let input = json!({"OwnerAccountId": "111111111111", "Description": "d", "SessionDuration": 900,
            "Permissions": {"PolicyTemplateArn": arn("policy/policy")}, "RequestorWorkflowId": "workflow",
            "NotificationChannel": "arn:aws:sns:us-east-1:111111111111:topic"});
        let steps = match operation {
            "AssociateDelegationRequest" | "GetDelegationRequest" | "GetHumanReadableSummary" => &[][..],
            "AcceptDelegationRequest" | "RejectDelegationRequest" | "UpdateDelegationRequest" => {
                &["AssociateDelegationRequest"][..]
            }
            "SendDelegationToken" => &["AssociateDelegationRequest", "AcceptDelegationRequest"][..],
            "GetDelegatedAccessToken" => {
                &["AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"][..]
            }
            _ => return,
        };
        self.delegation =
            self.bench.root("iam:CreateDelegationRequest", input)["DelegationRequestId"].as_str().unwrap().into();
        let admin = self.caller(Allowed).unwrap();
        for step in steps {
            self.bench.done(&admin, &format!("iam:{step}"), json!({"DelegationRequestId": self.delegation}));
        }
    }

    /// An organization with a unit, an account and a policy, as far as the operation is about them.
    fn organize(&mut self, operation: &str) {
        if operation == "CreateOrganization" {
            return;
        }
        self.bench.root("organizations:CreateOrganization", json!({}));
        if operation == "DeleteOrganization" {
            return;
        }
        let tags = json!([{"Key": "colour", "Value": "blue"}]);
        let root = self.bench.root("organizations:ListRoots", json!({}))["Roots"][0]["Id"].clone();
        let unit = json!({"ParentId": root, "Name": "unit", "Tags": tags});
        let unit = self.bench.root("organizations:CreateOrganizationalUnit", unit)["OrganizationalUnit"]["Id"].clone();
        let account = json!({"Email": "dev@example.com", "AccountName": "dev", "Tags": tags});
        let made = self.bench.root("organizations:CreateAccount", account)["CreateAccountStatus"].clone();
        let policy = json!({"Name": "policy", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": ALL,
            "Tags": tags});
        let policy = self.bench.root("organizations:CreatePolicy", policy)["Policy"]["PolicySummary"]["Id"].clone();
        if operation == "DetachPolicy" {
            self.bench.root("organizations:AttachPolicy", json!({"PolicyId": policy, "TargetId": unit}));
        }
        let named = [("root", root), ("unit", unit), ("creation", made["Id"].clone())];
        self.named.extend(named);
        self.named.extend([("member", made["AccountId"].clone()), ("organization-policy", policy)]);
    }

    /// A code of the device that an operation is about, so many time steps from now.
    pub fn code(&self, operation: &str, steps: i64) -> String {
        let [free, assigned] = &self.seeds;
        let seed = if operation == "EnableMFADevice" { free } else { assigned };
        self.bench.installation.code(seed, steps).unwrap()
    }

    pub fn caller(&self, class: Class) -> Option<Credentials> {
        self.callers.iter().find(|(known, _)| *known == class).map(|(_, credentials)| credentials.clone())
    }

    fn callers(&mut self, row: &Row) {
        let action = format!("{}:{}", row.service, row.operation);
        let other = if row.operation == "GetUser" { "iam:GetRole" } else { "iam:GetUser" };
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": arn("role/elsewhere/nothing")});
        let elsewhere = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let bench = &self.bench;
        let admin = bench.user("admin", Some(ALL));
        bench.root("iam:TagUser", json!({"UserName": "admin", "Tags": [{"Key": "colour", "Value": "green"}]}));
        let role = bench.role("powers", ALL);
        let session = |policy: &str| {
            let input =
                json!({"RoleArn": role, "RoleSessionName": "session", "DurationSeconds": 900, "Policy": policy});
            credentials(&bench.done(&admin, "sts:AssumeRole", input)["Credentials"])
        };
        let expired = session(ALL);
        bench.installation.advance(900);

        let inactive = bench.user("inactive", Some(ALL));
        let off = json!({"UserName": "inactive", "AccessKeyId": inactive.access_key_id, "Status": "Inactive"});
        bench.root("iam:UpdateAccessKey", off);
        let token = credentials(&bench.done(&admin, "sts:GetSessionToken", json!({}))["Credentials"]);
        let federated = json!({"Name": "federated", "Policy": ALL});
        let federated = credentials(&bench.done(&admin, "sts:GetFederationToken", federated)["Credentials"]);
        let restricted = session(&allow(&[other]));
        let no_policy = bench.user("plain", None);
        let another_action = bench.user("another-action", Some(&allow(&[other])));
        let another_resource = bench.user("another-resource", Some(&elsewhere));
        let bounded = bench.user("bounded", Some(ALL));
        bench.root("iam:CreatePolicy", json!({"PolicyName": "narrow", "PolicyDocument": allow(&[other])}));
        let narrow = json!({"UserName": "bounded", "PermissionsBoundary": arn("policy/narrow")});
        bench.root("iam:PutUserPermissionsBoundary", narrow);
        let unknown = Credentials { access_key_id: unknown_key(&admin.access_key_id), ..admin.clone() };
        let secret_access_key = no_policy.secret_access_key.clone();
        let bad_signature = Credentials { secret_access_key, ..admin.clone() };
        let another_account = another_account(bench);
        self.callers = vec![
            (BadSignature, bad_signature),
            (UnknownKey, unknown),
            (InactiveKey, inactive),
            (ExpiredSession, expired),
            (SessionWithoutMfa, token),
            (FederatedUser, federated),
            (NoPolicy, no_policy),
            (AnotherAction, another_action),
            (AnotherResource, another_resource),
            (AnotherAccount, another_account),
            (SessionRestricted, restricted),
            (BoundaryRestricted, bounded),
            (Allowed, admin),
        ];
    }
}

/// Users, groups, roles, policies and identity providers with all that can hang on them, and free ones with nothing but
/// tags. The ids that the service gave to what hangs on the user `target`.
fn things(bench: &Bench) -> BTreeMap<&'static str, Value> {
    let tags = json!([{"Key": "colour", "Value": "blue"}]);
    for name in ["policy", "boundary", "free"] {
        bench.root("iam:CreatePolicy", json!({"PolicyName": name, "PolicyDocument": ALL, "Tags": tags}));
    }
    let (policy, boundary) = (arn("policy/policy"), arn("policy/boundary"));
    bench.root("iam:CreatePolicyVersion", json!({"PolicyArn": policy, "PolicyDocument": ALL}));
    bench.root("iam:CreateUser", json!({"UserName": "target", "PermissionsBoundary": boundary, "Tags": tags}));
    bench.root("iam:CreateUser", json!({"UserName": "free", "Tags": tags}));
    bench.root("iam:CreateGroup", json!({"GroupName": "group"}));
    bench.root("iam:CreateGroup", json!({"GroupName": "free"}));
    bench.root("iam:AddUserToGroup", json!({"GroupName": "group", "UserName": "target"}));
    for name in ["role", "free"] {
        bench.root("iam:CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST, "Tags": tags}));
    }
    bench.root("iam:PutRolePermissionsBoundary", json!({"RoleName": "role", "PermissionsBoundary": boundary}));
    for (kind, member, name) in
        [("User", "UserName", "target"), ("Group", "GroupName", "group"), ("Role", "RoleName", "role")]
    {
        bench.root(&format!("iam:Attach{kind}Policy"), json!({member: name, "PolicyArn": policy}));
        let inline = json!({member: name, "PolicyName": "inline", "PolicyDocument": ALL});
        bench.root(&format!("iam:Put{kind}Policy"), inline);
    }
    bench.root("iam:CreateOpenIDConnectProvider", json!({"Url": "https://issuer.example.com/a", "Tags": tags}));
    let saml = json!({"Name": "provider", "SAMLMetadataDocument": SAML_METADATA, "Tags": tags});
    bench.root("iam:CreateSAMLProvider", saml);
    for name in ["profile", "free"] {
        bench.root("iam:CreateInstanceProfile", json!({"InstanceProfileName": name, "Tags": tags}));
    }
    bench.root("iam:AddRoleToInstanceProfile", json!({"InstanceProfileName": "profile", "RoleName": "role"}));
    let server = json!({"ServerCertificateName": "certificate", "CertificateBody": SERVER_CERTIFICATE,
        "PrivateKey": SERVER_KEY, "Tags": tags});
    bench.root("iam:UploadServerCertificate", server);
    bench.root("iam:CreateAccountAlias", json!({"AccountAlias": "alias"}));
    let ssh = json!({"UserName": "target", "SSHPublicKeyBody": SSH_KEYS[0]});
    let signing = json!({"UserName": "target", "CertificateBody": SIGNING_CERTIFICATES[0]});
    let signing = bench.root("iam:UploadSigningCertificate", signing)["Certificate"]["CertificateId"].clone();
    let service = json!({"UserName": "target", "ServiceName": "codecommit.amazonaws.com"});
    let service = bench.root("iam:CreateServiceSpecificCredential", service)["ServiceSpecificCredential"].clone();
    for service in ["autoscaling.amazonaws.com", "lex.amazonaws.com"] {
        let made = bench.root("iam:CreateServiceLinkedRole", json!({"AWSServiceName": service}));
        bench.root("iam:TagRole", json!({"RoleName": made["Role"]["RoleName"], "Tags": tags}));
    }
    let deleted = bench.root("iam:DeleteServiceLinkedRole", json!({"RoleName": "AWSServiceRoleForLexBots"}));
    BTreeMap::from([
        ("deletion-task", deleted["DeletionTaskId"].clone()),
        ("service-credential", service["ServiceSpecificCredentialId"].clone()),
        ("signing-certificate", signing),
        ("access-key", json!(bench.key("target").access_key_id)),
        ("ssh-key", bench.root("iam:UploadSSHPublicKey", ssh)["SSHPublicKey"]["SSHPublicKeyId"].clone()),
    ])
}

/// The account's password policy, and two MFA devices, the second one the user `target`'s; their seeds.
fn devices(bench: &Bench) -> [Value; 2] {
    bench.root("iam:UpdateAccountPasswordPolicy", json!({}));
    let seeds = ["free", "assigned"].map(|name| {
        let tags = json!([{"Key": "colour", "Value": "blue"}]);
        let made = bench.root("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": name, "Tags": tags}));
        made["VirtualMFADevice"]["Base32StringSeed"].clone()
    });
    let code = |steps| bench.installation.code(&seeds[1], steps).unwrap();
    let enable = json!({"UserName": "target", "SerialNumber": arn("mfa/assigned"), "AuthenticationCode1": code(-2),
        "AuthenticationCode2": code(-1)});
    bench.root("iam:EnableMFADevice", enable);
    seeds
}

/// An administrator of a second account.
fn another_account(bench: &Bench) -> Credentials {
    let root = bench.second_account();
    bench.done(&root, "iam:CreateUser", json!({"UserName": "admin"}));
    let all = json!({"UserName": "admin", "PolicyName": "all", "PolicyDocument": ALL});
    bench.done(&root, "iam:PutUserPolicy", all);
    credentials(&bench.done(&root, "iam:CreateAccessKey", json!({"UserName": "admin"}))["AccessKey"])
}

/// A key id of the same account that no key has.
fn unknown_key(known: &str) -> String {
    let (head, tail) = known.split_at(known.len() - 4);
    format!("{head}{}", if tail == "ABCD" { "DCBA" } else { "ABCD" })
}
