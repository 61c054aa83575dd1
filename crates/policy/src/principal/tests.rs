use super::*;

#[track_caller]
fn check(kind: &str, text: &str, expect: Option<PrincipalPattern>) {
    assert_eq!(PrincipalPattern::parse(kind, text), expect, "{kind} {text:?}");
}

#[test]
fn forms_of_aws_principals() {
    use PrincipalPattern::*;
    type Make = fn(String) -> PrincipalPattern;
    check("AWS", "*", Some(Anyone));
    check("AWS", "111111111111", Some(Account("111111111111".to_owned())));
    check("AWS", "arn:aws:iam::111111111111:root", Some(Account("111111111111".to_owned())));
    check("AWS", "arn:aws-cn:iam::111111111111:root", Some(Account("111111111111".to_owned())));
    let forms: &[(&str, Make)] = &[
        ("arn:aws:iam::111111111111:user/alice", User),
        ("arn:aws:iam::111111111111:user/div/dev/alice", User),
        ("arn:aws:iam::111111111111:user/a+b=c,d.e@f-g_h", User),
        ("arn:aws-us-gov:iam::111111111111:role/R", Role),
        ("arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/R", Role),
        ("arn:aws:sts::111111111111:assumed-role/R/s1", RoleSession),
        ("arn:aws:sts::111111111111:assumed-role/R/alice@example.com", RoleSession),
        ("arn:aws:sts::111111111111:federated-user/bob", FederatedUser),
        ("AIDACKCEVSQ6C2EXAMPLE", UniqueId),
        ("AROADBQP57FF2AEXAMPLE", UniqueId),
    ];
    for (text, make) in forms {
        check("AWS", text, Some(make((*text).to_owned())));
    }
}

#[test]
fn case_161_partial_wildcards_and_other_entities_are_no_principals() {
    for text in [
        "",
        "**",
        "1111111111",
        "1111111111111",
        "alice",
        "arn:aws:iam::*:root",
        "arn:aws:iam::111111111111:*",
        "arn:aws:iam::111111111111:root/x",
        "arn:aws:iam::111111111111:user",
        "arn:aws:iam::111111111111:user/",
        "arn:aws:iam::111111111111:user/*",
        "arn:aws:iam::111111111111:user/al?ce",
        "arn:aws:iam::111111111111:user/*/alice",
        "arn:aws:iam::111111111111:user/a b",
        "arn:aws:iam::111111111111:user/al\u{131}ce",
        "arn:aws:iam::111111111111:user/alice\0",
        "arn:aws:iam::111111111111:user/${aws:username}",
        "arn:aws:iam::111111111111:group/admins",
        "arn:aws:iam::111111111111:instance-profile/p",
        "arn:aws:iam::111111111111:policy/p",
        "arn:aws:iam:us-east-1:111111111111:user/alice",
        "arn:aws:iam::11111111111:user/alice",
        "arn:aws:iam:::user/alice",
        "arn:nowhere:iam::111111111111:user/alice",
        "arn:*:iam::111111111111:user/alice",
        "ARN:aws:iam::111111111111:user/alice",
        "arn:aws:s3:::bucket",
        "arn:aws:sts::111111111111:user/alice",
        "arn:aws:iam::111111111111:assumed-role/R/s1",
        "arn:aws:sts::111111111111:assumed-role/R",
        "arn:aws:sts::111111111111:assumed-role/R/",
        "arn:aws:sts::111111111111:assumed-role//s1",
        "arn:aws:sts::111111111111:assumed-role/R/*",
        "arn:aws:sts::111111111111:assumed-role/*/s1",
        "arn:aws:sts::111111111111:federated-user/*",
        "AGPAI23HZ27SI6FQMGNQ2",
        "AKIAIOSFODNN7EXAMPLE",
        "AIDA",
        "aidackcevsq6c2example",
        "AIDACKCEVSQ6C2EXAMPL*",
        "ec2.amazonaws.com",
    ] {
        check("AWS", text, None);
    }
}

#[test]
fn other_types_of_principals() {
    use PrincipalPattern::*;
    check("Service", "ec2.amazonaws.com", Some(Service("ec2.amazonaws.com".to_owned())));
    check("Service", "*", None);
    check("Service", "ec2", None);
    for text in [
        "arn:aws:iam::111111111111:saml-provider/ADFS",
        "arn:aws:iam::111111111111:oidc-provider/server.example.com",
        "arn:aws:iam::111111111111:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC",
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "www.amazon.com",
    ] {
        check("Federated", text, Some(Federated(text.to_owned())));
    }
    for text in [
        "",
        "*",
        "server.example.com",
        "arn:aws:iam::111111111111:saml-provider/",
        "arn:aws:iam::111111111111:saml-provider/a/b",
        "arn:aws:iam::111111111111:oidc-provider/*",
        "arn:aws:iam::111111111111:oidc-provider/",
        "arn:aws:iam::111111111111:user/alice",
        "arn:aws:iam::*:saml-provider/ADFS",
        "arn:aws:sts::111111111111:saml-provider/ADFS",
    ] {
        check("Federated", text, None);
    }
    let id = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    check("CanonicalUser", id, Some(CanonicalUser(id.to_owned())));
    check("CanonicalUser", &id[1..], None);
    check("Aws", "*", None);
    check("Group", "x", None);
}

/// Names are compared as text and never normalized: whatever such a name is, it is not another one.
#[test]
fn b09_traversal_in_names() {
    for name in ["..", "../alice", "a/../alice", "%2e%2e/alice", "./alice"] {
        let text = format!("arn:aws:iam::111111111111:user/{name}");
        let found = PrincipalPattern::parse("AWS", &text);
        assert!(found.is_none() || found == Some(PrincipalPattern::User(text.clone())), "{text}: {found:?}");
    }
    for name in ["..\\alice", "a\\b", "alice%00", "alice\n", "a%2fb"] {
        check("AWS", &format!("arn:aws:iam::111111111111:user/{name}"), None);
    }
}
