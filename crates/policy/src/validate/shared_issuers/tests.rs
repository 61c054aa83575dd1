use super::*;

fn is_shared(provider: &str) -> bool {
    SHARED_ISSUERS.iter().any(|issuer| issuer.is(provider))
}

#[test]
fn issuers_are_found_by_exact_name() {
    for provider in [
        "cognito-identity.amazonaws.com",
        "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com",
        "arn:aws:iam::111111111111:oidc-provider/Token.Actions.GithubUserContent.com",
        "arn:aws:iam::111111111111:oidc-provider/api.pulumi.com/oidc",
    ] {
        assert!(is_shared(provider), "{provider}");
    }
    for provider in [
        "accounts.google.com",
        "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com/enterprise",
        "arn:aws:iam::111111111111:oidc-provider/server.example.com",
        "arn:aws:iam::111111111111:saml-provider/gitlab.com",
    ] {
        assert!(!is_shared(provider), "{provider}");
    }
}
