//! SetSecurityTokenServicePreferences: where the tokens are good that the global endpoint of STS gives.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "common/mod.rs"]
mod common;

use common::{ALL, Bench, credentials};
use doorward_scenario::{Answer, Credentials, Request};
use doorward_sigv4::Scope;
use serde_json::{Value, json};

const GLOBAL: &str = "sts.amazonaws.com";

/// Makes a call to a host, signed for a Region.
fn call(bench: &Bench, caller: &Credentials, host: &str, region: &str, operation: &str, input: &Value) -> Answer {
    let mut request = Request::new("sts", operation, input.as_object().unwrap()).unwrap();
    let (_, named) = request.headers.iter_mut().find(|(name, _)| name == "host").unwrap();
    *named = host.to_owned();
    let scope = bench.installation.scope("sts");
    request.sign(caller, &Scope { region, ..scope }).unwrap();
    bench.installation.send(&request)
}

fn session(bench: &Bench, caller: &Credentials, host: &str) -> Credentials {
    let answer = call(bench, caller, host, "us-east-1", "GetSessionToken", &json!({}));
    credentials(&answer.result.unwrap_or_else(|error| panic!("{}", error.message))["Credentials"])
}

/// Whether a session is good in a Region.
#[track_caller]
fn check(bench: &Bench, session: &Credentials, region: &str, good: bool) {
    let answer = call(bench, session, "sts.example.org", region, "GetCallerIdentity", &json!({}));
    let code = answer.result.err().map(|error| error.code.into_owned());
    assert_eq!(code.as_deref(), (!good).then_some("InvalidClientTokenId"), "{region}");
}

#[test]
fn version_1_tokens_of_the_global_endpoint_are_good_in_the_default_regions_alone() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    for host in [GLOBAL, "STS.amazonaws.com:443"] {
        let first = session(&bench, &alice, host);
        for (region, good) in [("us-east-1", true), ("eu-north-1", true), ("eu-south-1", false), ("home", false)] {
            check(&bench, &first, region, good);
        }
    }
    // Long-term keys, and tokens of any other endpoint, are good everywhere.
    let regional = session(&bench, &alice, "sts.eu-south-1.amazonaws.com");
    for credentials in [&alice, &regional] {
        for region in ["us-east-1", "eu-south-1", "home"] {
            check(&bench, credentials, region, true);
        }
    }
}

#[test]
fn version_2_tokens_are_good_everywhere_and_older_ones_stay_what_they_are() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    let role = bench.role("R", ALL);
    let first = session(&bench, &alice, GLOBAL);
    bench.root("iam:SetSecurityTokenServicePreferences", json!({"GlobalEndpointTokenVersion": "v2Token"}));
    let second = session(&bench, &alice, GLOBAL);
    check(&bench, &first, "eu-south-1", false);
    check(&bench, &second, "eu-south-1", true);
    // The account whose session it is decides.
    let input = json!({"RoleArn": role, "RoleSessionName": "s1"});
    let answer = call(&bench, &alice, GLOBAL, "us-east-1", "AssumeRole", &input).result.unwrap_or_default();
    check(&bench, &credentials(&answer["Credentials"]), "eu-south-1", true);
    bench.root("iam:SetSecurityTokenServicePreferences", json!({"GlobalEndpointTokenVersion": "v1Token"}));
    let third = session(&bench, &alice, GLOBAL);
    check(&bench, &third, "eu-south-1", false);
    check(&bench, &second, "eu-south-1", true);
}
