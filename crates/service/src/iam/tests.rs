//! IAM's operations through the one path of every call, as the root user: what they do and answer, apart from who may.

use std::sync::Arc;

use doorward_directory::Catalogue;
use doorward_shapes::{Error, Service, doorward, iam};
use doorward_store::{Durability, EventLog, Sqlite, Store};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::caller::{Authenticated, Caller};
use crate::cx::Cx;
use crate::target::Scope;
use crate::testing::TestWorld;
use crate::{Call, Doorward, Options, World};

mod attachments;
mod aws_managed;
mod inline_policies;
mod outbound;
mod passwords;
mod policies;

/// The account.
const ACCOUNT: &str = "111122223333";
/// What seals it.
const KEK: [u8; crate::KEY_LENGTH] = [7; crate::KEY_LENGTH];
/// A policy document.
const DOCUMENT: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
/// A trust policy.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// A running installation with one account.
struct Bench {
    doorward: Doorward,
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&dir.path().join("store"), Durability::None).unwrap());
        Doorward::initialize(&store, &TestWorld::default(), &KEK, Some(ACCOUNT), "test").unwrap();
        Bench::open(dir, store, Catalogue::default())
    }

    /// The same installation, started again with these AWS-managed policies.
    fn with_catalogue(self, catalogue: Catalogue) -> Bench {
        drop(self.doorward);
        let store = Arc::new(Sqlite::open(&self.dir.path().join("store"), Durability::None).unwrap());
        Bench::open(self.dir, store, catalogue)
    }

    fn open(dir: tempfile::TempDir, store: Arc<dyn Store>, catalogue: Catalogue) -> Bench {
        let log = EventLog::open(&dir.path().join("log"), Arc::clone(&store), Durability::None).unwrap();
        Bench::with_options(dir, store, log, Options { catalogue, ..Options::default() })
    }

    fn with_options(dir: tempfile::TempDir, store: Arc<dyn Store>, log: EventLog, options: Options) -> Bench {
        let world = Box::new(TestWorld::default());
        Bench { doorward: Doorward::open(store, log, world, &KEK, options).unwrap(), dir }
    }

    /// With a user `alice`, a group `staff` and a role `app`.
    fn with_holders() -> Bench {
        let bench = Bench::new();
        bench.ok("CreateUser", json!({"UserName": "alice"}));
        bench.ok("CreateGroup", json!({"GroupName": "staff"}));
        bench.ok("CreateRole", json!({"RoleName": "app", "AssumeRolePolicyDocument": TRUST}));
        bench
    }

    fn request(service: &'static Service, operation: &str, input: Value) -> Call<'static> {
        Call {
            request_id: Uuid::nil(),
            service,
            operation: service.operation(operation).unwrap(),
            input: Ok(input),
            http: doorward_sigv4::Request { method: "POST", path: "/", query: "", headers: &[], body: b"" },
            peer: Default::default(),
        }
    }

    fn call(&self, operation: &str, input: Value) -> Result<Value, Error> {
        self.call_of(&iam::SERVICE, operation, input)
    }

    fn call_of(&self, service: &'static Service, operation: &str, input: Value) -> Result<Value, Error> {
        let (call, root) = (Bench::request(service, operation, input), Authenticated::by_loopback(ACCOUNT));
        futures_executor::block_on(self.doorward.answer(&call, TestWorld::default().now(), &root)).result
    }

    fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn check_refused(&self, operation: &str, input: Value, code: &str, message: &str) {
        let error = self.call(operation, input).expect_err(operation);
        assert_eq!((error.code.as_ref(), error.message.as_str()), (code, message), "{operation}");
    }

    /// A managed policy of this name; its ARN.
    fn policy(&self, name: &str) -> String {
        let answer = self.ok("CreatePolicy", json!({"PolicyName": name, "PolicyDocument": DOCUMENT}));
        answer["Policy"]["Arn"].as_str().unwrap().to_owned()
    }

    /// What the call is authorized on: action, display and condition keys of each target.
    fn targets(&self, operation: &str, input: Value) -> Vec<String> {
        let (call, caller) = (Bench::request(&iam::SERVICE, operation, input.clone()), Caller::root(ACCOUNT));
        let cx = Cx {
            doorward: &self.doorward,
            call: &call,
            caller: &caller,
            evidence: None,
            region: "us-east-1",
            now: TestWorld::default().now(),
            question: Default::default(),
            errands: Default::default(),
            seen: Default::default(),
            templates: Default::default(),
        };
        let account = self.doorward.account(ACCOUNT).unwrap().unwrap();
        let scope = Scope { cx: &cx, account: &account, organization: None, action: format!("iam:{operation}") };
        let prepared = self.doorward.op("iam", call.operation.name).unwrap().prepare(input).unwrap();
        let targets = prepared.targets(&scope).unwrap();
        let keys = |keys: &[(String, doorward_policy::context::Values)]| {
            keys.iter()
                .map(|(key, values)| format!(" {key}={}", values.iter().collect::<Vec<_>>().join(",")))
                .collect::<String>()
        };
        targets.iter().map(|target| format!("{} {}{}", target.action, target.display, keys(&target.keys))).collect()
    }

    /// What is decided of an action of the user `alice`.
    fn decide(&self, action: &str, resource: &str) -> Value {
        let principal = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let input = json!({"Principal": principal, "Action": action, "Resource": resource});
        self.call_of(&doorward::SERVICE, "Authorize", input).unwrap()
    }

    /// The items of a list, page by page of one.
    fn pages(&self, operation: &str, input: &Value, items: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
        let (mut out, mut marker) = (Vec::new(), Value::Null);
        loop {
            let mut input = input.clone();
            input["MaxItems"] = json!(1);
            if !marker.is_null() {
                input["Marker"] = marker;
            }
            let page = self.ok(operation, input);
            assert!(items(&page).len() <= 1, "{page}");
            out.extend(items(&page));
            marker = page.get("Marker").cloned().unwrap_or_default();
            assert_eq!(page["IsTruncated"], json!(!marker.is_null()));
            if marker.is_null() {
                return out;
            }
        }
    }
}

/// The texts of one member of a list's items.
fn texts(list: &Value, member: &str) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}
