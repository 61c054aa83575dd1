//! Outbound web identity federation: what the issuer is named after, and where its keys are made.

use crate::{Overloaded, Work, Workers};

use super::*;

const ENABLE: &str = "EnableOutboundWebIdentityFederation";

/// Workers that take nothing.
#[derive(Debug)]
struct Full;

impl Workers for Full {
    fn take(&self, _: Work) -> Result<(), Overloaded> {
        Err(Overloaded)
    }
}

/// The same installation, started again.
fn restarted(bench: Bench, options: Options) -> Bench {
    let Bench { doorward, dir } = bench;
    drop(doorward);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&dir.path().join("store"), Durability::None).unwrap());
    let log = EventLog::open(&dir.path().join("log"), Arc::clone(&store), Durability::None).unwrap();
    Bench::with_options(dir, store, log, options)
}

#[test]
fn an_issuer_is_named_after_the_first_url_that_the_server_is_told() {
    let bench = Bench::new();
    let text = "This server does not know the URL that others reach it at: start it with --public-url.";
    bench.check_refused(ENABLE, json!({}), "NotImplemented", text);
    bench.doorward.reached_at("https://a.example");
    bench.doorward.reached_at("https://b.example");
    assert_eq!(bench.ok(ENABLE, json!({}))["IssuerIdentifier"], "https://a.example/issuers/111122223333");
}

/// Others trust the issuer by its name: it stays until somebody decides otherwise, and then the keys stay.
#[test]
fn an_issuer_keeps_its_name_until_it_is_enabled_again() {
    let keys = |bench: &Bench| bench.doorward.published("/issuers/111122223333/.well-known/jwks.json").unwrap();
    let bench = Bench::new();
    bench.doorward.reached_at("https://a.example");
    bench.ok(ENABLE, json!({}));
    let before = keys(&bench);
    let bench = restarted(bench, Options::default());
    bench.doorward.reached_at("https://b.example");
    let info = bench.ok("GetOutboundWebIdentityFederationInfo", json!({}));
    assert_eq!(info["IssuerIdentifier"], "https://a.example/issuers/111122223333");
    bench.ok("DisableOutboundWebIdentityFederation", json!({}));
    assert_eq!(bench.ok(ENABLE, json!({}))["IssuerIdentifier"], "https://b.example/issuers/111122223333");
    assert_eq!(keys(&bench), before);
}

#[test]
fn without_room_for_making_keys_nothing_is_enabled() {
    let bench = restarted(Bench::new(), Options { workers: Some(Arc::new(Full)), ..Options::default() });
    bench.doorward.reached_at("https://a.example");
    bench.check_refused(ENABLE, json!({}), "Throttling", "Rate exceeded");
    assert!(bench.call("GetOutboundWebIdentityFederationInfo", json!({})).is_err());
    assert_eq!(bench.doorward.published("/issuers/111122223333/.well-known/jwks.json"), None);
}
