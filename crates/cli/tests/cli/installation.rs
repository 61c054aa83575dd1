//! An installation in a directory.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Person, Server, text};
use serde_json::Value;

/// A person with an installation in `data`, whose variables are those of its root.
fn installed(arguments: &[&str]) -> (Person, Value) {
    let mut person = Person::new();
    let data = data(&person);
    let root = person.json(&[&["init", "--account-id", "111122223333", "--data", &data], arguments].concat());
    person.set("AWS_ACCESS_KEY_ID", &text(&root, "/accessKeyId"));
    person.set("AWS_SECRET_ACCESS_KEY", &text(&root, "/secretAccessKey"));
    (person, root)
}

fn data(person: &Person) -> String {
    person.path("data").to_str().unwrap().to_owned()
}

fn serve(person: &mut Person, arguments: &[&str]) -> Server {
    let data = data(person);
    let server = person.serve(&[&["--data", &data], arguments].concat());
    person.set("AWS_ENDPOINT_URL", &server.endpoint);
    server
}

#[test]
fn what_was_made_is_there_after_a_restart() {
    let (mut person, root) = installed(&[]);
    assert_eq!(text(&root, "/accountId"), "111122223333");
    let mut server = serve(&mut person, &[]);
    assert_eq!(text(&server.ready, "/accountId"), "111122223333");
    assert_eq!(server.ready.pointer("/credentials"), None);
    let made = person.json(&["account", "create", "--account-id", "222222222222"]);
    assert_eq!(text(&made, "/accountId"), "222222222222");
    assert_eq!(server.stop(), 0);

    let _server = serve(&mut person, &[]);
    assert_eq!(person.run(&["account", "list"]).out, "111122223333  main\n222222222222  222222222222\n");
    let tail = person.run(&["audit", "tail"]).out;
    assert!(tail.contains("doorward:CreateAccount"), "{tail}");
    assert_eq!(person.run(&["can", "s3:GetObject", "*"]).code, 0);
    person.set("AWS_SECRET_ACCESS_KEY", "wrong");
    let refused = person.run(&["account", "list"]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains("signature"), "{}", refused.error);
}

#[test]
fn init_prints_the_secret_once_with_a_warning() {
    let person = Person::new();
    let data = data(&person);
    let told = person.run(&["init", "--data", &data]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.out.contains("This is the only time that the secret is shown"), "{}", told.out);
    assert!(told.out.contains(&format!("doorward serve --data {data}")), "{}", told.out);
    let again = person.run(&["init", "--data", &data]);
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(again.error.contains("there is an installation here already"), "{}", again.error);
}

#[test]
fn a_key_that_others_can_read_stops_the_server() {
    let (person, _) = installed(&[]);
    let (data, key) = (data(&person), person.path("data/kek"));
    fs::set_permissions(&key, Permissions::from_mode(0o444)).unwrap();
    let refused = person.run(&["serve", "--data", &data]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains("others can read it (mode 0444). Run: chmod 0400"), "{}", refused.error);
    fs::remove_file(&key).unwrap();
    let refused = person.run(&["serve", "--data", &data]);
    assert!(refused.error.contains("there is no key-encryption key"), "{}", refused.error);
}

#[test]
fn the_key_can_be_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    let key = |name: &str| {
        let path = directory.path().join(name);
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (right, wrong) = (key("kek"), key("other"));
    let (mut person, _) = installed(&["--kek-file", &right]);
    assert!(!person.path("data/kek").exists());
    assert_eq!(serve(&mut person, &["--kek-file", &right]).stop(), 0);
    let data = data(&person);
    let refused = person.run(&["serve", "--data", &data, "--kek-file", &wrong]);
    assert_eq!(refused.code, 1, "{refused:?}");
    // As a systemd credential, and by a variable that names another file.
    person.set("CREDENTIALS_DIRECTORY", directory.path().to_str().unwrap());
    assert_eq!(serve(&mut person, &[]).stop(), 0);
    person.set("DOORWARD_KEK_FILE", &wrong);
    assert_eq!(person.run(&["serve", "--data", &data]).code, 1);
}

#[test]
fn tls_is_spoken_and_checked() {
    let (mut person, _) = installed(&[]);
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let write = |name: &str, pem: &str| -> String {
        let path = person.path(name);
        fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) =
        (write("cert.pem", &certified.cert.pem()), write("key.pem", &certified.signing_key.serialize_pem()));
    let server = serve(&mut person, &["--tls-cert", &certificate, "--tls-key", &key]);
    assert!(server.endpoint.starts_with("https://127.0.0.1:"), "{}", server.endpoint);
    let distrusted = person.run(&["account", "list"]);
    assert_eq!(distrusted.code, 1);
    assert!(distrusted.error.contains("--ca-file"), "{}", distrusted.error);
    let trusted = person.run(&["account", "list", "--ca-file", &certificate]);
    assert_eq!((trusted.code, trusted.out.as_str()), (0, "111122223333  main\n"), "{}", trusted.error);
}

#[test]
fn plaintext_is_refused_where_others_can_reach_it() {
    let (person, _) = installed(&[]);
    let refused = person.run(&["serve", "--data", &data(&person), "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.code, 1);
    assert!(refused.error.contains("refusing plain HTTP on 0.0.0.0:0"), "{}", refused.error);
}

#[test]
fn a_server_that_was_not_named_or_does_not_answer_is_an_error_with_a_mend() {
    let mut person = Person::new();
    let check = |person: &Person, expected: &str| {
        let refused = person.run(&["account", "list"]);
        assert_eq!(refused.code, 1);
        assert!(refused.error.contains(expected), "{}", refused.error);
    };
    check(&person, "or name a server with --endpoint");
    person.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    check(&person, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    person.set("AWS_ACCESS_KEY_ID", "AKIAX");
    person.set("AWS_SECRET_ACCESS_KEY", "secret");
    check(&person, "cannot talk to http://127.0.0.1:9");
    person.set("AWS_ENDPOINT_URL", "localhost");
    check(&person, "is no endpoint");
    let refused = person.run(&["serve", "--data", "nowhere"]);
    assert!(refused.error.contains("`doorward init --data nowhere`"), "{}", refused.error);
    assert!(!Path::new("nowhere").exists());
}
