use doorward_policy::services::is_service_principal;

use super::*;

#[test]
fn services_are_sorted_and_unique_and_named_as_aws_names_things() {
    assert!(SERVICES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let mut names: Vec<&str> = SERVICES.iter().map(|(_, name, _)| *name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "two services have one role");
    for (label, _, policy) in SERVICES {
        let service_name = format!("{label}.amazonaws.com");
        assert!(is_service_principal(&service_name), "{service_name} cannot be trusted");
        let role_name = Service::named(&service_name).unwrap().role_name(None);
        let is_good = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c));
        assert!(role_name.len() <= 64 && is_good(&role_name), "{role_name}");
        assert!(policy.len() <= 128 && is_good(policy), "{policy}");
    }
    assert!(WITH_SUFFIX.iter().all(|label| SERVICES.iter().any(|(known, _, _)| known == label)));
}

#[test]
fn services_are_found_by_their_exact_names() {
    for (service_name, expect) in [
        ("ecs.amazonaws.com", Some("AWSServiceRoleForECS")),
        ("lex.amazonaws.com", Some("AWSServiceRoleForLexBots")),
        ("elasticbeanstalk.amazonaws.com", Some("AWSServiceRoleForElasticBeanstalk")),
        ("ecs.application-autoscaling.amazonaws.com", Some("AWSServiceRoleForApplicationAutoScaling_ECSService")),
        ("ECS.amazonaws.com", None),
        ("ecs", None),
        ("ecs.amazonaws.com.cn", None),
        ("s3.amazonaws.com", None),
        ("amazonaws.com", None),
        (".amazonaws.com", None),
        ("", None),
    ] {
        let found = Service::named(service_name).map(|service| service.role_name(None));
        assert_eq!(found.as_deref(), expect, "{service_name}");
    }
}

#[test]
fn a_suffix_follows_the_name() {
    let service = Service::named("autoscaling.amazonaws.com").unwrap();
    assert!(service.takes_suffix());
    assert_eq!(service.role_name(Some("CMK")), "AWSServiceRoleForAutoScaling_CMK");
    assert_eq!(service.policy_arn(), "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy");
    assert!(!Service::named("ecs.amazonaws.com").unwrap().takes_suffix());
}
