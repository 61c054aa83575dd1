use super::*;
use crate::{ControlKind, PolicyText, Tags};
use doorward_policy::document::{Document, PolicyType};
use jiff::Timestamp;

const MANAGEMENT: &str = "111111111111";

fn full() -> Vec<String> {
    vec![FULL_ACCESS.to_owned(), RESOURCE_FULL_ACCESS.to_owned()]
}

/// Root, unit `ou-1` in it, unit `ou-2` in that one; the management account in the root, `222222222222` in `ou-2`.
fn organization() -> Organization {
    let mut organization = Organization::new(OrganizationSettings {
        id: "o-1".into(),
        management_account: MANAGEMENT.into(),
        management_email: "m@example.com".into(),
        created: Timestamp::UNIX_EPOCH,
        features: FeatureSet::All,
        deleted: None,
    });
    let enabled = vec![ControlKind::Service];
    organization.put(Root { id: "r-1".into(), name: "Root".into(), enabled, policies: full(), tags: Tags::default() });
    for (id, parent) in [("ou-1", "r-1"), ("ou-2", "ou-1")] {
        let (id, parent, name) = (id.to_owned(), parent.to_owned(), id.to_owned());
        organization.put(OrganizationalUnit { id, parent, name, policies: full(), tags: Tags::default() });
    }
    for (id, parent) in [(MANAGEMENT, "r-1"), ("222222222222", "ou-2")] {
        organization.put(Member {
            id: id.into(),
            parent: parent.into(),
            name: id.into(),
            email: "x@example.com".into(),
            joined: Timestamp::UNIX_EPOCH,
            created: true,
            policies: full(),
            tags: Tags::default(),
        });
    }
    organization
}

/// For each level of an account, what is attached there, as `place=policy`.
#[track_caller]
fn check_levels(organization: &Organization, account: &str, expect: &[&str]) {
    let controls = organization.controls(account).expect("controls");
    let levels: Vec<String> = controls
        .service
        .iter()
        .flatten()
        .map(|set| {
            let names = set.policies().iter().map(|one| {
                assert!(one.policy.is_some(), "{:?}", one.source);
                let arn = one.source.policy_arn().unwrap_or_default();
                format!("{}={}", one.source.attached_to().unwrap_or_default(), arn.rsplit('/').next().unwrap())
            });
            names.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(levels, expect);
}

#[test]
fn levels_go_from_the_root_to_the_account() {
    let all = ["r-1=p-FullAWSAccess", "ou-1=p-FullAWSAccess", "ou-2=p-FullAWSAccess", "222222222222=p-FullAWSAccess"];
    check_levels(&organization(), "222222222222", &all);
}

#[test]
fn a_move_or_a_new_policy_counts_at_once() {
    let mut organization = organization();
    assert!(organization.controls("222222222222").is_some());
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    organization.put(OrganizationPolicy {
        id: "p-1".into(),
        name: "no S3".into(),
        kind: ControlKind::Service,
        description: String::new(),
        document: PolicyText::new(Document::parse(text, PolicyType::ServiceControl).unwrap()),
        tags: Tags::default(),
        aws_managed: false,
    });
    organization.put_policies("r-1", vec![FULL_ACCESS.to_owned(), "p-1".to_owned()]);
    let root = "r-1=p-FullAWSAccess r-1=p-1";
    let member = "222222222222=p-FullAWSAccess";
    check_levels(&organization, "222222222222", &[root, "ou-1=p-FullAWSAccess", "ou-2=p-FullAWSAccess", member]);
    let before = organization.clone();
    let moved = Member { parent: "r-1".into(), ..Member::clone(organization.members().by_id("222222222222").unwrap()) };
    organization.put(moved);
    check_levels(&organization, "222222222222", &[root, member]);
    check_levels(&before, "222222222222", &[root, "ou-1=p-FullAWSAccess", "ou-2=p-FullAWSAccess", member]);
}

#[test]
fn the_management_account_and_strangers_have_none() {
    let organization = organization();
    assert!(organization.controls(MANAGEMENT).is_none());
    assert!(organization.controls("333333333333").is_none());
}

#[test]
fn what_cannot_be_found_is_attached_all_the_same() {
    let mut organization = organization();
    organization.put_policies("ou-1", vec!["p-gone".to_owned()]);
    let controls = organization.controls("222222222222").unwrap();
    let level = &controls.service.as_ref().unwrap()[1];
    assert!(level.policies().iter().all(|one| one.policy.is_none()) && level.policies().len() == 1);
}

#[test]
fn an_organization_is_what_its_records_say() {
    let organization = organization();
    let changes = organization.changes();
    let records = changes.iter().map(|change| Record {
        kind: change.kind,
        key: &change.key,
        body: change.body.as_deref().unwrap(),
    });
    let loaded = Organization::load(records).ok().unwrap();
    assert!(loaded.changes().is_empty());
    assert_eq!(loaded.path_of_account("222222222222").as_deref(), Some("o-1/r-1/ou-1/ou-2/"));
    assert_eq!(loaded.children("r-1", NodeKind::Unit).collect::<Vec<_>>(), ["ou-1"]);
    assert_eq!(loaded.children("r-1", NodeKind::Account).collect::<Vec<_>>(), [MANAGEMENT]);
    assert_eq!(loaded.targets(FULL_ACCESS).count(), 5);
}
