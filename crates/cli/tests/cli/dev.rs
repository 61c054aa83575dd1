//! `serve --dev` and what finds it.

use crate::harness::{Person, files, text};
use serde_json::Value;
use std::path::PathBuf;

const REPORT: &str = "arn:aws:s3:::demo/report.txt";

#[test]
fn the_first_minute() {
    let mut person = Person::new();
    let mut server = person.serve(&["--dev"]);
    assert_eq!(text(&server.ready, "/accountId"), "111122223333");
    assert!(text(&server.ready, "/metrics").starts_with("http://127.0.0.1:"));

    let script = person.run(&["env", "--as", "alice"]).out;
    let secret = text(&server.ready, "/credentials/alice/secretAccessKey");
    assert!(script.contains(&format!("export AWS_ENDPOINT_URL='{}'\n", server.endpoint)), "{script}");
    assert!(script.contains(&format!("export AWS_SECRET_ACCESS_KEY='{secret}'\n")), "{script}");
    assert!(script.contains("unset AWS_SESSION_TOKEN\n"), "{script}");
    person.eval(&script);

    // Without --as the question is about the environment's credentials.
    assert_eq!(person.run(&["can", "s3:GetObject", REPORT]).code, 0);
    let denied = person.run(&["can", "s3:DeleteObject", REPORT]);
    assert_eq!(denied.code, 1, "{denied:?}");
    assert!(denied.out.contains("explicit deny by policy/DemoReader, statement 2 \"NeverDelete\""), "{}", denied.out);
    let decision = denied.out.split("doorward why ").nth(1).unwrap().trim();

    let why = person.run(&["why", decision]);
    assert_eq!(why.code, 0, "{why:?}");
    let expected = r#"├─ ✗ identity-based policies    explicit deny
│    policy/DemoReader  v1   statement 2 "NeverDelete"
│    11 │     { "Sid": "NeverDelete", "Effect": "Deny",
│    12 │       "Action": "s3:DeleteObject",
│       │                 ^^^^^^^^^^^^^^^^^ matched
│    13 │       "Resource": "arn:aws:s3:::demo/*" }
│       │                   ^^^^^^^^^^^^^^^^^^^^^ matched
"#;
    assert!(why.out.starts_with(&format!("✗ DENIED  s3:DeleteObject  {REPORT}   as user/alice\n│\n")), "{}", why.out);
    assert!(why.out.contains(expected), "{}", why.out);
    assert_eq!(text(&person.json(&["why", decision]), "/questions/0/kind"), "explicit");

    let tail = person.run(&["audit", "tail", "-n", "100"]).out;
    let line = tail.lines().find(|line| line.contains(decision) && line.contains("Authorize")).unwrap();
    assert!(line.contains(&format!("s3:DeleteObject {REPORT}")), "{line}");

    assert_eq!(server.stop(), 0);
    assert_eq!(files(person.directory.path()), Vec::<PathBuf>::new());
    let none = person.run(&["env"]);
    assert_eq!((none.code, none.out.as_str()), (1, ""));
    assert!(none.error.contains("start one with `doorward serve --dev`"), "{}", none.error);
}

#[test]
fn the_exit_code_is_the_answer() {
    let person = Person::new();
    let _server = person.serve(&["--dev"]);
    let check = |principal: &str, action: &str, more: &[&str], code: i32| {
        let asked = [&["can", "--as", principal, action, REPORT], more].concat();
        let ran = person.run(&asked);
        assert_eq!(ran.code, code, "{asked:?}: {ran:?}");
    };
    check("admin", "s3:DeleteObject", &[], 0);
    check("dev", "s3:GetObject", &[], 0);
    check("dev", "s3:PutObject", &[], 1);
    check("arn:aws:iam::111122223333:user/alice", "s3:PutObject", &[], 1);
    check("no-mfa", "s3:GetObject", &[], 1);
    check("no-mfa", "s3:GetObject", &["--context", "aws:MultiFactorAuthPresent=true"], 0);
    check("bounded-admin", "s3:DeleteObject", &[], 0);
    check("bounded-admin", "ec2:RunInstances", &[], 1);
    check("role/instance-app", "s3:GetObject", &[], 0);
    check("instance", "s3:GetObject", &[], 1);
    check("nobody", "s3:GetObject", &[], 1);
    let partner = ["can", "--as", "admin", "sts:AssumeRole", "arn:aws:iam::444455556666:role/partner-access"];
    assert_eq!(person.run(&partner).code, 2);
    let with_id = [&partner[..], &["--context", "sts:ExternalId=demo-external-id"]].concat();
    assert_eq!(person.run(&with_id).code, 0);
    assert_eq!(person.run(&["can"]).code, 2);
}

#[test]
fn a_resource_policy_is_asked_too() {
    let person = Person::new();
    let _server = person.serve(&["--dev"]);
    let path = person.path("policy.json");
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"*"}]}"#;
    std::fs::write(&path, document).unwrap();
    let path = path.to_str().unwrap();
    let asked = person.run(&["can", "--as", "alice", "s3:PutObject", REPORT, "--resource-policy", path]);
    assert_eq!(asked.code, 0, "{asked:?}");
    assert!(asked.out.contains("(resource-based policy)"), "{}", asked.out);
    std::fs::write(path, "{}").unwrap();
    let refused = person.run(&["can", "--as", "alice", "s3:PutObject", REPORT, "--resource-policy", path]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains("resourcePolicy"), "{}", refused.error);
}

#[test]
fn roles_are_assumed() {
    let mut person = Person::new();
    let _server = person.serve(&["--dev"]);
    for (role, account) in
        [("role/contractor", "111122223333"), ("instance-app", "111122223333"), ("partner-access", "444455556666")]
    {
        let variables = person.json(&["env", "--as", role]);
        assert!(text(&variables, "/AWS_ACCESS_KEY_ID").starts_with("ASIA"), "{variables}");
        person.eval(&person.run(&["env", "--as", role]).out);
        let allowed = person.json(&["can", "s3:GetObject", REPORT]);
        let why = person.json(&["why", &text(&allowed, "/id")]);
        let principal = text(&why, "/questions/0/principal");
        let name = role.trim_start_matches("role/");
        assert!(principal.starts_with(&format!("arn:aws:sts::{account}:assumed-role/{name}/")), "{principal}");
    }
}

#[test]
fn accounts_are_made_and_listed() {
    let person = Person::new();
    let _server = person.serve(&["--dev", "--account-id", "444455556666"]);
    let made = person.json(&["account", "create", "--account-id", "123123123123", "--name", "third"]);
    assert_eq!(text(&made, "/accountId"), "123123123123");
    assert!(!text(&made, "/secretAccessKey").is_empty());
    let listed = person.run(&["account", "list"]).out;
    assert_eq!(listed, "444455556666  demo\n777788889999  partner\n123123123123  third\n");
    let again = person.run(&["account", "create", "--account-id", "123123123123"]);
    assert_eq!(again.code, 1);
    assert!(again.error.contains("exists already"), "{}", again.error);
}

#[test]
fn a_killed_server_is_not_found_and_the_next_one_cleans_up() {
    let person = Person::new();
    let mut server = person.serve(&["--dev"]);
    server.kill();
    assert!(!files(&person.path("tmp")).is_empty());
    assert!(person.run(&["env"]).error.contains("no `doorward serve --dev` of this user is running"));
    let mut next = person.serve(&["--dev"]);
    assert!(person.run(&["env"]).out.contains(&next.endpoint));
    assert_eq!(next.stop(), 0);
    assert_eq!(files(person.directory.path()), Vec::<PathBuf>::new());
}

#[test]
fn a10_two_starts_share_no_secret() {
    let person = Person::new();
    let secrets = |server: &Value| -> Vec<String> {
        let users = server.pointer("/credentials").unwrap().as_object().unwrap();
        let of_user = |user: &Value| [text(user, "/secretAccessKey"), text(user, "/accessKeyId")];
        users.values().flat_map(of_user).collect()
    };
    let (one, two) = (person.serve(&["--dev"]), person.serve(&["--dev"]));
    let mut all = [secrets(&one.ready), secrets(&two.ready)].concat();
    assert_eq!(all.len(), 32);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 32);
    // The state files have them; they are this user's alone, and the temporary stores have none in clear.
    for path in files(&person.path("tmp")) {
        let bytes = std::fs::read(&path).unwrap();
        let clear = secrets(&one.ready)
            .into_iter()
            .step_by(2)
            .find(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert_eq!(clear, None, "in {}", path.display());
    }
}

#[test]
fn dev_is_for_this_machine_alone() {
    let person = Person::new();
    let refused = person.run(&["serve", "--dev", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains("refusing --dev on 0.0.0.0:0"), "{}", refused.error);
}

#[test]
fn a_taken_port_is_named_with_the_mend() {
    let person = Person::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let refused = person.run(&["serve", "--dev", "--listen", &address.to_string(), "--metrics", "127.0.0.1:0"]);
    assert_eq!(refused.code, 1);
    let expected = format!("port {} of 127.0.0.1 is taken", address.port());
    assert!(refused.error.contains(&expected), "{}", refused.error);
    assert!(refused.error.contains("--listen 127.0.0.1:0"), "{}", refused.error);
    let refused = person.run(&["serve", "--dev", "--listen", "127.0.0.1:0", "--metrics", &address.to_string()]);
    assert!(refused.error.contains("--metrics 127.0.0.1:0"), "{}", refused.error);
}
