use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::*;

const NOW: &str = "2026-11-25T12:00:00Z";
const UNREADABLE: &str = "Unable to parse certificate. Please ensure the certificate is in PEM format.";
const UNREADABLE_CHAIN: &str =
    "Unable to parse certificate chain. Please ensure the certificate chain is in PEM format.";

fn invalid_at(index: i64) -> String {
    format!(
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, \
         followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"
    )
}

fn params(name: &str, is_ca: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = if is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::NoCa };
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    params
}

/// A root, an intermediate authority and a server, each with its key.
struct Pki {
    root: String,
    intermediate: String,
    server: String,
    key: String,
}

impl Pki {
    fn new(intermediate: CertificateParams, server: CertificateParams) -> Pki {
        let keys = [(); 3].map(|()| KeyPair::generate().unwrap());
        let [root_key, intermediate_key, server_key] = &keys;
        let root = params("root", true);
        let root_pem = root.self_signed(root_key).unwrap().pem();
        let by_root = Issuer::from_params(&root, root_key);
        let intermediate_pem = intermediate.signed_by(intermediate_key, &by_root).unwrap().pem();
        let by_intermediate = Issuer::from_params(&intermediate, intermediate_key);
        let server = server.signed_by(server_key, &by_intermediate).unwrap().pem();
        Pki { root: root_pem, intermediate: intermediate_pem, server, key: server_key.serialize_pem() }
    }

    fn good() -> Pki {
        Pki::new(params("intermediate", true), params("server", false))
    }

    #[track_caller]
    fn check(&self, chain: Option<&str>, expect: Result<(), &str>) {
        check_at(NOW, &self.server, &self.key, chain, expect);
    }
}

#[track_caller]
fn check_at(now: &str, body: &str, key: &str, chain: Option<&str>, expect: Result<(), &str>) {
    let found = check(body, key, chain, now.parse().unwrap());
    let expect = expect.map(|()| "2027-01-01T00:00:00Z".parse::<Timestamp>().unwrap()).map_err(str::to_owned);
    assert_eq!(found.map_err(|error| error.message), expect);
}

#[test]
fn a_chain_goes_from_the_signer_upwards() {
    let pki = Pki::good();
    let (root, intermediate) = (&pki.root, &pki.intermediate);
    pki.check(None, Ok(()));
    pki.check(Some(intermediate), Ok(()));
    pki.check(Some(&format!("{intermediate}{root}")), Ok(()));
    // A root signs itself, once more or not.
    pki.check(Some(&format!("{intermediate}{root}{root}")), Ok(()));
    pki.check(Some(&format!("{root}{intermediate}")), Err(&invalid_at(-1)));
    pki.check(Some(root), Err(&invalid_at(-1)));
    pki.check(Some(&format!("{intermediate}{intermediate}")), Err(&invalid_at(0)));
    pki.check(Some(&format!("{intermediate}{root}{intermediate}")), Err(&invalid_at(1)));
    // Another authority of the same name has not signed it.
    pki.check(Some(&Pki::good().intermediate), Err(&invalid_at(-1)));
    pki.check(Some(&pki.server), Err(&invalid_at(-1)));
}

#[test]
fn who_signs_must_be_an_authority_in_force() {
    let no_authority = Pki::new(params("intermediate", false), params("server", false));
    no_authority.check(Some(&no_authority.intermediate), Err(&invalid_at(-1)));
    let mut expired = params("intermediate", true);
    expired.not_after = rcgen::date_time_ymd(2026, 11, 1);
    let expired = Pki::new(expired, params("server", false));
    expired.check(Some(&expired.intermediate), Err(&invalid_at(-1)));
    expired.check(None, Ok(()));
}

#[test]
fn a_certificate_must_be_in_force() {
    let pki = Pki::good();
    let wrong = Err("The certificate has expired, or is not valid yet.");
    check_at("2025-12-31T23:59:59Z", &pki.server, &pki.key, None, wrong);
    check_at("2027-01-01T00:00:01Z", &pki.server, &pki.key, None, wrong);
    check_at("2027-01-01T00:00:00Z", &pki.server, &pki.key, None, Ok(()));
}

#[test]
fn what_is_no_certificate_and_no_chain_is_refused() {
    let pki = Pki::good();
    for body in ["", "text", &pki.key, &pki.server.repeat(2), &format!("text\n{}", pki.server)] {
        check_at(NOW, body, &pki.key, None, Err(UNREADABLE));
    }
    for chain in ["", "text", &pki.key, &format!("{}text", pki.intermediate), &pki.root.repeat(11)] {
        pki.check(Some(chain), Err(UNREADABLE_CHAIN));
    }
}

#[test]
fn a_key_must_be_the_certificates_own() {
    let (pki, other) = (Pki::good(), Pki::good());
    let mismatch = check(&pki.server, &other.key, None, NOW.parse().unwrap()).unwrap_err();
    assert_eq!(mismatch.code, "KeyPairMismatch");
    let not_one = "The private key must be one unencrypted private key in PEM form.";
    for key in ["", "text", &pki.server, &pki.key.repeat(2)] {
        check_at(NOW, &pki.server, key, None, Err(not_one));
    }
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    let not_good = "The private key must be an RSA key of 2048 to 8192 bits, or an EC key on P-256, P-384 or P-521.";
    check_at(NOW, &pki.server, &ed25519, None, Err(not_good));
}

/// A certificate that names itself as its issuer, and has another's signature.
#[test]
fn who_signs_itself_must_have_done_so() {
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let own = params("server", true);
    check_at(NOW, &own.self_signed(&key).unwrap().pem(), &key.serialize_pem(), None, Ok(()));
    let forged = own.signed_by(&key, &Issuer::from_params(&own, &other)).unwrap().pem();
    let text = "The certificate has not been signed by its issuer.";
    check_at(NOW, &forged, &key.serialize_pem(), None, Err(text));
    check_at(NOW, &forged, &key.serialize_pem(), Some(&forged), Err(&invalid_at(-1)));
}
