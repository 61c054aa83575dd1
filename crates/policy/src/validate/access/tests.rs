use super::*;

const ACTIONS: &str = "AssumeRole policy may only specify STS AssumeRole actions.";
const FEDERATED: &str = "Federated principals must be valid domain names or SAML metadata ARNs";
const PRINCIPAL_EMPTY: &str = "Missing required field Principal cannot be empty!";

/// The message with which a document is refused, empty if it is accepted.
#[track_caller]
fn check(kind: PolicyType, text: &str, expect: &str) {
    let found = Document::parse(text, kind);
    assert_eq!(found.as_ref().map_or_else(|error| error.message.as_str(), |_| ""), expect, "{text}: {found:?}");
    assert!(found.is_ok() || found.is_err_and(|error| !error.detail.is_empty()), "{text}");
}

/// Checks one statement of a trust policy.
#[track_caller]
fn check_trust(members: &str, expect: &str) {
    check(PolicyType::Trust, &format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#), expect);
}

#[track_caller]
fn check_trust_principal(principal: &str, expect: &str) {
    check_trust(&format!(r#""Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}"#), expect);
}

#[track_caller]
fn check_trust_action(action: &str, expect: &str) {
    let principal = r#""Effect":"Allow","Principal":{"AWS":"*"}"#;
    check_trust(&format!(r#"{principal},"Action":{action}"#), expect);
    check_trust(&format!(r#"{principal},"NotAction":{action}"#), expect);
}

#[track_caller]
fn check_federated(provider: &str, condition: &str, expect: &str) {
    let members = format!(
        r#""Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{{"Federated":"{provider}"}},"Condition":{condition}"#
    );
    check_trust(&members, expect);
}

/// Checks one statement of a resource-based policy.
#[track_caller]
fn check_resource_policy(members: &str, expect: &str) {
    check(PolicyType::Resource, &format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#), expect);
}

const TRUST: &str = r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}"#;

#[test]
fn trust_documents() {
    let json = "This policy contains invalid Json";
    let empty = "Could not parse the policy: Statement is empty!";
    let version = "The policy must contain a valid version string";
    let check = |text: &str, expect: &str| check(PolicyType::Trust, text, expect);
    check("", json);
    check("ecs-assume-role-policy.json", json);
    check("[]", json);
    check("\"x\"", json);
    check("\u{feff}{}", json);
    check(&format!(r#"{{"Statement":[{TRUST}],}}"#), json);
    check(&format!(r#"{{"Statement":[{TRUST}],"Statement":[{TRUST}]}}"#), json);
    check(r#"{"Statement":{"Effect":"Deny","Effect":"Allow"}}"#, json);
    for space in [" ", "\n", "\t", "\r\n"] {
        check(&format!("{space}{{\"Statement\":{TRUST}}}"), "JSON strings must not have leading spaces");
    }
    check(&format!(r#"{{"Version":"2012-10-18","Statement":{TRUST}}}"#), version);
    check(&format!(r#"{{"Version":2012,"Statement":{TRUST}}}"#), version);
    check(&format!(r#"{{"Version":"2008-10-17","Statement":{TRUST}}}"#), "");
    check(&format!(r#"{{"Id":"x","Statement":{TRUST}}}"#), "");
    check(&format!(r#"{{"Id":1,"Statement":{TRUST}}}"#), "Syntax error in policy.");
    check(&format!(r#"{{"statement":{TRUST}}}"#), "Syntax error in policy.");
    check("{}", empty);
    check(r#"{"Statement":[]}"#, empty);
    check(r#"{"Statement":null}"#, empty);
    check(r#"{"Version":"2012-10-17","Statement":"x"}"#, "Syntax error in policy.");
    check(r#"{"Statement":["x"]}"#, "Syntax error in policy.");
}

#[test]
fn trust_statement_ids() {
    let two = |first: &str, second: &str| {
        let statement = |sid: &str| TRUST.replacen('{', &format!(r#"{{"Sid":"{sid}","#), 1);
        format!(r#"{{"Statement":[{},{}]}}"#, statement(first), statement(second))
    };
    check(PolicyType::Trust, &two("a", "a"), "The Statement Ids in the policy are not unique");
    check(PolicyType::Trust, &two("a", "b"), "");
    check(PolicyType::Trust, &two("", ""), "");
    let form = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
                [0-9A-Za-z]*";
    check(PolicyType::Trust, &two("a", "b c"), form);
    check_trust(
        r#""Sid":1,"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole""#,
        "Syntax error in policy.",
    );
}

#[test]
fn trust_elements() {
    let principal = r#""Principal":{"AWS":"*"}"#;
    let action = r#""Action":"sts:AssumeRole""#;
    check_trust(&format!("{principal},{action}"), "Missing required field Effect");
    check_trust(&format!(r#""Effect":"allow",{principal},{action}"#), "Invalid effect: allow");
    check_trust(&format!(r#""Effect":"Permit",{principal},{action}"#), "Invalid effect: Permit");
    check_trust(&format!(r#""Effect":1,{principal},{action}"#), "Syntax error in policy.");
    check_trust(&format!(r#""Effect":"Allow",{principal}"#), "Missing required field Action");
    check_trust(&format!(r#""Effect":"Allow",{principal},"Action":[]"#), "Missing required field Action");
    check_trust(&format!(r#""Effect":"Allow",{principal},{action},"NotAction":[]"#), "Syntax error in policy.");
    check_trust(&format!(r#""Effect":"Allow",{principal},{action},"Principle":{{}}"#), "Syntax error in policy.");
    check_trust(&format!(r#""Effect":"Allow",{principal},{action},"condition":{{}}"#), "Syntax error in policy.");
    check_trust(&format!(r#""Effect":"Deny",{principal},{action}"#), "");
    for (condition, expect) in [
        ("{}", ""),
        (r#"{"x":{}}"#, ""),
        (r#"{"StringEquals":{"sts:ExternalId":["x"]}}"#, ""),
        (r#"{"StringFoo":{"k":"v"}}"#, "Syntax error in policy."),
        (r#"{"StringEquals":{"k":null}}"#, "Syntax error in policy."),
        ("[]", "Syntax error in policy."),
    ] {
        check_trust(&format!(r#""Effect":"Allow",{principal},{action},"Condition":{condition}"#), expect);
    }
}

#[test]
fn case_214_trust_policies_have_no_resource() {
    let members = r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole""#;
    check_trust(&format!(r#"{members},"Resource":"*""#), "Has prohibited field Resource");
    check_trust(&format!(r#"{members},"Resource":[]"#), "Has prohibited field Resource");
    check_trust(&format!(r#"{members},"NotResource":"*""#), "AssumeRole policy must not contain resources.");
    // The usual mistake: a permissions policy in place of a trust policy.
    check_trust(r#""Effect":"Allow","Action":"s3:*","Resource":"*""#, "Has prohibited field Resource");
}

#[test]
fn case_196_trust_principals() {
    check_trust(r#""Effect":"Allow","Action":"sts:AssumeRole""#, "Missing required field Principal");
    for (principal, expect) in [
        (r#""*""#, "Principal must be a JSON object."),
        (r#"["*"]"#, "Principal must be a JSON object."),
        ("null", "Principal must be a JSON object."),
        ("{}", PRINCIPAL_EMPTY),
        (r#"{"AWS":[]}"#, PRINCIPAL_EMPTY),
        (r#"{"AWS":1}"#, "Syntax error in policy."),
        (r#"{"AWS":[null]}"#, "Syntax error in policy."),
        (r#"{"AWS":{}}"#, "Syntax error in policy."),
        (r#"{"STAR":"*"}"#, r#"Invalid principal in policy: "STAR""#),
        (r#"{"aws":"*"}"#, r#"Invalid principal in policy: "aws""#),
        (r#"{"CanonicalUser":"x"}"#, r#"Invalid principal in policy: "CanonicalUser""#),
        (r#"{"AWS":"alice"}"#, r#"Invalid principal in policy: "AWS":"alice""#),
        (
            r#"{"AWS":["111111111111","arn:aws:iam::111111111111:user/*"]}"#,
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:user/*""#,
        ),
        (
            r#"{"AWS":"arn:aws:iam::111111111111:group/admins"}"#,
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:group/admins""#,
        ),
        (r#"{"Service":"ec2"}"#, r#"Invalid principal in policy: "SERVICE":"ec2""#),
        (r#"{"Service":"*"}"#, r#"Invalid principal in policy: "SERVICE":"*""#),
        (r#"{"Federated":"*"}"#, FEDERATED),
        (r#"{"Federated":"arn:aws:iam::111111111111:user/alice"}"#, FEDERATED),
        (r#"{"Federated":"idp.example.com"}"#, r#"Invalid principal in policy: "FEDERATED":"idp.example.com""#),
        (r#"{"AWS":"*"}"#, ""),
        (r#"{"AWS":["111111111111","AROADBQP57FF2AEXAMPLE"],"Service":["ec2.amazonaws.com"]}"#, ""),
        (r#"{"Federated":"arn:aws:iam::111111111111:saml-provider/ADFS"}"#, ""),
    ] {
        check_trust_principal(principal, expect);
    }
    let negated = r#""NotPrincipal":{"AWS":"111111111111"},"Action":"sts:AssumeRole""#;
    check_trust(&format!(r#""Effect":"Allow",{negated}"#), "Allow with NotPrincipal is not allowed.");
    check_trust(&format!(r#""Effect":"Deny",{negated}"#), "AssumeRole policy must not contain NotPrincipal field.");
    check_trust(&format!(r#""Effect":"Deny","Principal":{{"AWS":"*"}},{negated}"#), "Syntax error in policy.");
}

#[test]
fn case_215_trust_actions() {
    for action in [
        r#""sts:AssumeRole""#,
        r#""sts:AssumeRoleWithSAML""#,
        r#""sts:AssumeRoleWithWebIdentity""#,
        r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity","sts:SetContext"]"#,
        r#""sts:AssumeRole*""#,
        r#""sts:*""#,
        r#""STS:assumerole""#,
        r#""sts:GetCallerIdentity""#,
    ] {
        check_trust_action(action, "");
    }
    for action in [
        r#""*""#,
        r#""*:*""#,
        r#""s3:GetObject""#,
        r#""sts:TagSessions""#,
        r#""sts:""#,
        r#""sts""#,
        r#""""#,
        r#""sts:AssumeRole:*""#,
        r#"["sts:AssumeRole","iam:PassRole"]"#,
    ] {
        check_trust_action(action, ACTIONS);
    }
    for action in ["1", "null", "{}", r#"["sts:AssumeRole",null]"#] {
        check_trust_action(action, "Syntax error in policy.");
    }
}

#[test]
fn shared_issuers_must_be_pinned() {
    let cognito = "A condition block must be present for the Cognito provider";
    let github = "A condition block must be present for the token.actions.githubusercontent.com provider";
    let provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
    for (operator, key, values, pinned) in [
        ("StringEquals", "sub", r#""repo:o/r:ref:refs/heads/main""#, true),
        ("StringLike", "sub", r#""repo:o/*""#, true),
        ("StringEqualsIgnoreCase", "SUB", r#"["a","b"]"#, true),
        ("ForAnyValue:StringLike", "sub", r#""repo:o/*""#, true),
        ("StringEquals", "aud", r#""sts.amazonaws.com""#, false),
        ("StringLike", "sub", r#""*""#, false),
        ("StringLike", "sub", r#""*?*""#, false),
        ("StringLike", "sub", r#""""#, false),
        ("StringLike", "sub", r#"["repo:o/*","*"]"#, false),
        ("StringLike", "sub", "[]", false),
        ("StringNotEquals", "sub", r#""repo:evil/r""#, false),
        ("StringEqualsIfExists", "sub", r#""repo:o/r""#, false),
        ("ForAllValues:StringEquals", "sub", r#""repo:o/r""#, false),
        ("Null", "sub", r#""false""#, false),
    ] {
        let condition = format!(r#"{{"{operator}":{{"token.actions.githubusercontent.com:{key}":{values}}}}}"#);
        check_federated(provider, &condition, if pinned { "" } else { github });
    }
    check_federated(provider, "{}", github);
    check_federated("cognito-identity.amazonaws.com", "{}", cognito);
    let aud = r#"{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:x"}}"#;
    check_federated("cognito-identity.amazonaws.com", aud, "");
    check_federated("accounts.google.com", "{}", "");
    check_federated("arn:aws:iam::111111111111:oidc-provider/server.example.com", "{}", "");
    let sentinel = "arn:aws:iam::111111111111:oidc-provider/sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d";
    check_federated(sentinel, r#"{"StringEquals":{"sts:RoleSessionName":"x"}}"#, "");
    let deny = format!(r#""Effect":"Deny","Action":"sts:*","Principal":{{"Federated":"{provider}"}}"#);
    check_trust(&deny, "");
}

#[test]
fn resource_based_documents() {
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
    let check = |text: &str, expect: &str| check(PolicyType::Resource, text, expect);
    let first = "Policies must be valid JSON and the first byte must be '{'";
    check("", first);
    check(" {}", first);
    check("[]", first);
    check("{", "This policy contains invalid Json");
    check(r#"{"Statement":[],"Statement":[]}"#, "This policy contains invalid Json");
    check(&format!(r#"{{"Version":"1","Statement":{statement}}}"#), "The policy must contain a valid version string");
    check(&format!(r#"{{"Extra":1,"Statement":{statement}}}"#), "Unknown field Extra");
    check(&format!(r#"{{"Id":1,"Statement":{statement}}}"#), "Invalid policy syntax.");
    check("{}", "Missing required field Statement");
    check(r#"{"Statement":[]}"#, "Could not parse the policy: Statement is empty!");
    check(&format!(r#"{{"Id":"x y","Statement":[{statement}]}}"#), "");
    check(r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Sid":"Allow use of the key"}}"#, "");
}

#[test]
fn resource_based_statements() {
    let check = check_resource_policy;
    check(r#""Principal":"*","Action":"s3:x","Resource":"*""#, "Missing required field Effect");
    check(r#""Effect":"allow","Principal":"*","Action":"s3:x","Resource":"*""#, "Invalid effect: allow");
    check(r#""Effect":"Allow","Action":"s3:x","Resource":"*""#, "Missing required field Principal");
    check(r#""Effect":"Allow","Principal":{},"Action":"s3:x","Resource":"*""#, PRINCIPAL_EMPTY);
    check(r#""Effect":"Allow","Principal":"*","Resource":"*""#, "Missing required field Action");
    check(r#""Effect":"Allow","Principal":"*","Action":"x","Resource":"*""#, "Policy has invalid action");
    check(r#""Effect":"Allow","Principal":"*","Action":"s3:x","Resource":[]"#, "Missing required field Resource");
    check(r#""Effect":"Allow","Principal":"*","Action":"s3:x","Resource":"b/*""#, "Policy has invalid resource");
    check(r#""Effect":"Allow","Principal":"*","Action":[null],"Resource":"*""#, "Invalid policy syntax.");
    check(r#""Effect":"Allow","Principal":"*","Action":"s3:x","condition":{}"#, "Unknown field condition");
    let condition = r#""Effect":"Allow","Principal":"*","Action":"s3:x","Resource":"*","Condition""#;
    check(&format!(r#"{condition}:{{"Bool":{{}},"StringFoo":{{"k":"v"}}}}"#), "Invalid Condition type : StringFoo");
    check(&format!(r#"{condition}:{{"StringEquals":{{"k":{{}}}}}}"#), "Invalid policy syntax.");
    check(&format!(r#"{condition}:{{"x":{{}}}}"#), "");
    let canonical = "7".repeat(64);
    for (principal, expect) in [
        (r#""*""#, ""),
        (r#"{"AWS":"*"}"#, ""),
        (r#"{"AWS":["111111111111","arn:aws:sts::111111111111:assumed-role/path/R/s1"]}"#, ""),
        (r#"{"Service":"sns.amazonaws.com"}"#, ""),
        (&format!(r#"{{"CanonicalUser":"{canonical}"}}"#), ""),
        (r#""arn:aws:iam::111111111111:root""#, "Invalid principal in policy"),
        (r#"{"AWS":"arn:aws:iam::111111111111:user/*"}"#, "Invalid principal in policy"),
        (r#"{"Federated":"accounts.google.com"}"#, "Invalid principal in policy"),
        (r#"{"Other":"*"}"#, "Invalid principal in policy"),
        (r#"{"AWS":1}"#, "Invalid policy syntax."),
    ] {
        check(&format!(r#""Effect":"Allow","Principal":{principal},"Action":"s3:x","Resource":"*""#), expect);
        check(&format!(r#""Effect":"Deny","NotPrincipal":{principal},"Action":"s3:x""#), expect);
    }
}

#[test]
fn vpc_endpoint_policies() {
    let check = |members: &str, expect: &str| {
        check(PolicyType::VpcEndpoint, &format!(r#"{{"Statement":[{{{members}}}]}}"#), expect);
    };
    check(r#""Effect":"Allow","Principal":"*","Action":"*","Resource":"*""#, "");
    check(r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"NotAction":"s3:*","NotResource":"arn:aws:s3""#, "");
    check(r#""Effect":"Allow","Principal":"*","Action":"*""#, "Missing required field Resource");
    check(r#""Effect":"Allow","Action":"*","Resource":"*""#, "Missing required field Principal");
    check(r#""Effect":"Deny","NotPrincipal":"*","Action":"*","Resource":"*""#, "Invalid policy syntax.");
}
