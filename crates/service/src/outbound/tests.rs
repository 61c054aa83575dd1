use doorward_directory::{IssuerAlgorithm, IssuerKey, OutboundFederation};
use doorward_federation::{KeySet, Token, TokenError};
use jiff::{SignedDuration, Timestamp};

use super::keys::{generate, published, signing};
use super::{Claims, document, is_renewal_due, signed};
use crate::secrets::Keyring;
use crate::testing::TestWorld;
use crate::world::World;

const DAY: i64 = 86_400;
const ISSUER: &str = "https://iam.example.org/issuers/111111111111";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn key(id: &str, algorithm: IssuerAlgorithm, made: i64) -> IssuerKey {
    IssuerKey { id: id.to_owned(), algorithm, created: at(made), public: Default::default(), sealed_key: String::new() }
}

/// The key that signs and those that are published, at so many seconds.
#[track_caller]
fn check(keys: &[IssuerKey], seconds: i64, signs: &str, seen: &[&str]) {
    let signing = signing(keys, IssuerAlgorithm::Es384, at(seconds)).map(|key| key.id.as_str());
    assert_eq!(signing, Some(signs), "at {seconds}");
    let seen_now: Vec<&str> = published(keys, at(seconds)).map(|key| key.id.as_str()).collect();
    assert_eq!(seen_now, seen, "at {seconds}");
}

#[test]
fn a_new_key_is_published_for_a_day_before_it_signs_and_an_old_one_for_a_day_after() {
    let es = IssuerAlgorithm::Es384;
    let keys = [key("1", es, 0), key("rsa", IssuerAlgorithm::Rs256, 0), key("2", es, 90 * DAY)];
    check(&keys[..2], 0, "1", &["1", "rsa"]);
    check(&keys, 90 * DAY, "1", &["1", "rsa", "2"]);
    check(&keys, 91 * DAY - 1, "1", &["1", "rsa", "2"]);
    check(&keys, 91 * DAY, "2", &["1", "rsa", "2"]);
    check(&keys, 92 * DAY - 1, "2", &["1", "rsa", "2"]);
    check(&keys, 92 * DAY, "2", &["rsa", "2"]);
    // A clock that was set back finds a key that signs.
    check(&keys, -DAY, "1", &["1", "rsa", "2"]);
}

#[test]
fn keys_are_followed_by_others_after_ninety_days() {
    let pair = [key("1", IssuerAlgorithm::Es384, 0), key("2", IssuerAlgorithm::Rs256, 0)];
    assert!(!is_renewal_due(&pair, at(90 * DAY - 1)));
    assert!(is_renewal_due(&pair, at(90 * DAY)));
    assert!(is_renewal_due(&pair[..1], at(0)), "there is no key for RS256");
}

#[test]
fn a_token_verifies_with_the_published_keys_and_with_no_others() {
    let world = TestWorld::default();
    let (now, keyring) = (world.now(), Keyring::generate(&world));
    let federation = |keys: Vec<_>| OutboundFederation { issuer: ISSUER.to_owned(), enabled: true, keys };
    let made = || generate().unwrap().iter().map(|key| key.sealed(&keyring, &world, now).unwrap()).collect::<Vec<_>>();
    let (own, other) = (federation(made()), federation(made()));
    let set = |federation: &OutboundFederation| KeySet::parse(document::key_set(&federation.keys, now).as_bytes());
    for algorithm in [IssuerAlgorithm::Rs256, IssuerAlgorithm::Es384] {
        let expires = now + SignedDuration::from_secs(300);
        let audience = ["app".to_owned()];
        let subject = "arn:aws:iam::111111111111:user/alice";
        let claims = Claims { subject, audience: &audience, issued: now, expires, identity: Default::default() };
        let token = signed(&keyring, &world, &own, algorithm, claims).unwrap();
        let verified = |set: &KeySet, text: &str, now: Timestamp| {
            let addressed = Token::parse(text).and_then(|token| token.addressed(ISSUER, |audience| audience == "app"));
            addressed.and_then(|token| token.verify(set, now.as_second())).map(|_| ())
        };
        let keys = set(&own).unwrap();
        assert_eq!(verified(&keys, &token, now), Ok(()), "{algorithm:?}");
        assert!(matches!(
            verified(&keys, &token, now + SignedDuration::from_hours(1)),
            Err(TokenError::Expired { .. })
        ));
        assert_eq!(verified(&set(&other).unwrap(), &token, now), Err(TokenError::Invalid));
        let changed = token.replace('.', "A.");
        assert!(verified(&keys, &changed, now).is_err());
    }
}

#[test]
fn g11_a_sealed_issuer_key_signs_under_its_own_id_alone() {
    let world = TestWorld::default();
    let (now, keyring) = (world.now(), Keyring::generate(&world));
    let mut keys: Vec<IssuerKey> =
        generate().unwrap().iter().map(|key| key.sealed(&keyring, &world, now).unwrap()).collect();
    assert!(super::keys::sign(&keyring, &keys[0], b"text").is_some());
    keys[0].id = keys[1].id.clone();
    assert!(super::keys::sign(&keyring, &keys[0], b"text").is_none());
    assert!(super::keys::sign(&Keyring::generate(&world), &keys[1], b"text").is_none());
}

#[test]
fn metadata_name_the_keys_as_providers_must() {
    let metadata = document::metadata(ISSUER);
    let keys = doorward_federation::keys_url(metadata.as_bytes(), ISSUER);
    assert_eq!(keys.as_deref(), Ok("https://iam.example.org/issuers/111111111111/.well-known/jwks.json"));
}
