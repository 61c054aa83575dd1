use super::*;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

fn server(pid: u32, started: &str) -> DevServer {
    let user = User {
        arn: "arn:aws:iam::111122223333:user/alice".into(),
        access_key_id: "AKIAALICE".into(),
        secret_access_key: Secret::new("alice's secret"),
    };
    let role = Role {
        arn: "arn:aws:iam::444455556666:role/partner-access".into(),
        assumed_by: "admin".into(),
        external_id: Some("demo".into()),
    };
    DevServer {
        endpoint: format!("http://127.0.0.1:{pid}"),
        pid,
        started: started.parse().unwrap(),
        data: "/nowhere".into(),
        account_id: "111122223333".into(),
        users: BTreeMap::from([("alice".into(), user)]),
        roles: BTreeMap::from([("partner-access".into(), role)]),
    }
}

fn place() -> (tempfile::TempDir, Directory) {
    let directory = tempfile::tempdir().unwrap();
    let inside = Directory(directory.path().join("doorward"));
    (directory, inside)
}

fn endpoints(directory: &Directory) -> Vec<String> {
    directory.running().unwrap().into_iter().map(|server| server.endpoint).collect()
}

#[test]
fn a_running_server_is_found_and_a_stopped_one_is_not() {
    let (_keep, directory) = place();
    assert!(endpoints(&directory).is_empty());
    let one = directory.publish(&server(1, "2026-01-01T00:00:00Z")).unwrap();
    let two = directory.publish(&server(2, "2026-01-02T00:00:00Z")).unwrap();
    assert_eq!(endpoints(&directory), ["http://127.0.0.1:2", "http://127.0.0.1:1"]);
    let found = directory.running().unwrap().remove(0);
    assert_eq!(found.to_json(), server(2, "2026-01-02T00:00:00Z").to_json());
    assert_eq!(fs::metadata(&two.path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&directory.0).unwrap().mode() & 0o777, 0o700);
    drop(two);
    assert_eq!(endpoints(&directory), ["http://127.0.0.1:1"]);
    drop(one);
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0);
}

#[test]
fn what_a_killed_server_left_is_not_taken_for_a_running_one_and_is_swept() {
    let (_keep, directory) = place();
    let data = tempfile::Builder::new().prefix(DATA_PREFIX).tempdir().unwrap();
    let killed = DevServer { data: data.path().into(), ..server(1, "2026-01-01T00:00:00Z") };
    let published = directory.publish(&killed).unwrap();
    // What a kill does: the lock goes, the file stays.
    let copy = published.path.with_extension("copy");
    fs::copy(&published.path, &copy).unwrap();
    let path = published.path.clone();
    drop(published);
    fs::rename(&copy, &path).unwrap();
    assert!(endpoints(&directory).is_empty());
    let _live = directory.publish(&server(2, "2026-01-02T00:00:00Z")).unwrap();
    assert!(!path.exists());
    assert!(!data.path().exists());
}

#[test]
fn only_temporary_stores_are_swept() {
    let (keep, directory) = place();
    let precious = keep.path().join("doorward-dev-precious");
    fs::create_dir(&precious).unwrap();
    let dead = DevServer { data: precious.clone(), ..server(1, "2026-01-01T00:00:00Z") };
    let path = directory.publish(&dead).unwrap().path.clone();
    fs::write(&path, dead.to_json().to_string()).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    directory.sweep();
    assert!(!path.exists());
    assert!(precious.exists());
}

#[test]
fn a_directory_or_file_that_others_reach_is_refused() {
    let (_keep, directory) = place();
    let published = directory.publish(&server(1, "2026-01-01T00:00:00Z")).unwrap();
    let check = |expected: &str| {
        let said = directory.running().err().expect("it must be refused").to_string();
        assert!(said.contains(expected), "{said}");
    };
    fs::set_permissions(&directory.0, Permissions::from_mode(0o750)).unwrap();
    check("others have access to it (mode 0750");
    fs::set_permissions(&directory.0, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(&published.path, Permissions::from_mode(0o640)).unwrap();
    check("mode 0600 (is 0640)");
}

#[test]
fn a_directory_of_another_user_or_behind_a_link_is_refused() {
    let (keep, directory) = place();
    fs::create_dir(keep.path().join("other")).unwrap();
    std::os::unix::fs::symlink(keep.path().join("other"), &directory.0).unwrap();
    assert!(directory.running().err().unwrap().to_string().contains("not a directory"));
    // Only the system's administrator can give a directory away.
    fs::remove_file(&directory.0).unwrap();
    fs::create_dir(&directory.0).unwrap();
    fs::set_permissions(&directory.0, Permissions::from_mode(0o700)).unwrap();
    if std::os::unix::fs::chown(&directory.0, Some(12_345), None).is_ok() && own_uid() != 12_345 {
        assert!(directory.running().err().unwrap().to_string().contains("belongs to another user"));
    }
}
