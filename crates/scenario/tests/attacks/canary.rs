//! G04: no secret that was ever given out or taken in is in an event or in a file.

use std::path::Path;

use data_encoding::{BASE32, BASE64, HEXLOWER, HEXUPPER};
use doorward_federation::webauthn::authenticator::Authenticator;
use doorward_scenario::{Credentials, ORIGIN};
use serde_json::{Value, json};

use crate::common::{
    ALL, Bench, SAML_METADATA, SERVER_CERTIFICATE, SERVER_KEY, SIGNING_CERTIFICATES, arn, credentials,
};

/// Every way in which a secret could stand somewhere.
fn spellings(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let encoded: String = secret
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    // In the middle of a longer text in base 64 its letters depend on where it begins: two of three bytes are cut off.
    let shifted = |skip: usize| BASE64.encode(&bytes[skip..]).trim_end_matches('=').chars().skip(1).take(40).collect();
    let shifted: [String; 3] = [0, 1, 2].map(shifted);
    let mut out = vec![
        ("as it is", bytes.to_vec()),
        ("percent-encoded", encoded.into_bytes()),
        ("in JSON", secret.replace('/', "\\/").into_bytes()),
        ("in lower hex", HEXLOWER.encode(bytes).into_bytes()),
        ("in upper hex", HEXUPPER.encode(bytes).into_bytes()),
    ];
    out.extend(shifted.map(|text| ("in base 64", text.into_bytes())));
    out
}

fn files(dir: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut at = 0;
    while let Some(found) = haystack[at..].iter().position(|byte| byte == first) {
        at += found + 1;
        if haystack[at..].starts_with(rest) {
            return true;
        }
    }
    false
}

#[test]
fn g04_no_secret_is_in_an_event_or_in_a_file() {
    let bench = Bench::new();
    let mut given: Vec<Credentials> = vec![bench.root.clone()];
    let role = bench.role("app", ALL);
    for number in 0..5 {
        let user = bench.user(&format!("user{number}"), Some(ALL));
        given.push(bench.key(&format!("user{number}")));
        let token = bench.done(&user, "sts:GetSessionToken", json!({}));
        given.push(credentials(&token["Credentials"]));
        let session = bench.session(&user, &role, "session");
        // Refused calls, a wrong signature, a token that is over: their events must not tell either.
        bench.refused(&session, "sts:GetSessionToken", json!({}));
        let wrong = Credentials { secret_access_key: user.secret_access_key.replace(['A', 'a'], "b"), ..user.clone() };
        bench.call(Some(&wrong), "iam:ListUsers", &json!({}));
        let asked = json!({"credentials": {"accessKeyId": session.access_key_id, "sessionToken": session.session_token},
            "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"});
        bench.root("doorward:Authorize", asked);
        given.extend([user, session]);
    }
    let other = bench.second_account();
    given.push(credentials(&bench.done(&other, "iam:CreateAccessKey", json!({}))["AccessKey"]));
    given.push(other);
    bench.installation.advance(7_200);
    for session in given.iter().filter(|credentials| credentials.session_token.is_some()) {
        bench.call(Some(session), "iam:ListUsers", &json!({}));
    }

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (request, events) in bench.installation.events().unwrap() {
        places.push((format!("the events of {request}"), serde_json::to_vec(&events).unwrap()));
    }
    assert!(places.len() > 50, "the trail has something to look at");
    files(bench.installation.dir(), &mut places);
    // The search finds what is there: an id that is no secret is in a file and in an event.
    let known = bench.root.access_key_id.as_bytes();
    assert!(places.iter().filter(|(_, bytes)| contains(bytes, known)).count() > 1);
    for credentials in &given {
        let secrets = [Some(&credentials.secret_access_key), credentials.session_token.as_ref()];
        for (spelling, needle) in secrets.into_iter().flatten().flat_map(|secret| spellings(secret)) {
            for (place, bytes) in &places {
                assert!(
                    !contains(bytes, &needle),
                    "a secret of {} {spelling} is in {place}",
                    credentials.access_key_id
                );
            }
        }
    }
}

/// No line of a private key is in an answer, in an event or in a file.
fn check_private_key(bench: &Bench, pem: &str, answer: &Value, known: &str) {
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    check_secrets(bench, &lines, answer, known);
}

/// None of the secrets is in an answer, in an event or in a file, where an id that is no secret is.
fn check_secrets(bench: &Bench, secrets: &[&str], answer: &Value, known: &str) {
    let mut places = vec![("the answer".to_owned(), serde_json::to_vec(answer).unwrap())];
    for (request, events) in bench.installation.events().unwrap() {
        places.push((format!("the events of {request}"), serde_json::to_vec(&events).unwrap()));
    }
    files(bench.installation.dir(), &mut places);
    assert!(places.iter().filter(|(_, bytes)| contains(bytes, known.as_bytes())).count() > 1);
    for secret in secrets {
        for (spelling, needle) in spellings(secret) {
            for (place, bytes) in &places {
                assert!(!contains(bytes, &needle), "a secret {spelling} is in {place}");
            }
        }
    }
}

#[test]
fn g04_no_private_key_of_a_saml_provider_is_in_an_event_or_in_a_file() {
    let pem = include_str!("../common/saml-key.pem");
    let bench = Bench::new();
    let made = json!({"Name": "idp", "SAMLMetadataDocument": SAML_METADATA, "AddPrivateKey": pem});
    let arn = bench.root("iam:CreateSAMLProvider", made.clone())["SAMLProviderArn"].clone();
    bench.refused(&bench.root, "iam:CreateSAMLProvider", made);
    bench.root("iam:UpdateSAMLProvider", json!({"SAMLProviderArn": arn, "AddPrivateKey": pem}));
    bench.refused(&bench.root, "iam:UpdateSAMLProvider", json!({"SAMLProviderArn": arn, "AddPrivateKey": pem}));
    bench.refused(
        &bench.root,
        "iam:UpdateSAMLProvider",
        json!({"SAMLProviderArn": arn, "AddPrivateKey": pem.repeat(2)}),
    );
    let got = bench.root("iam:GetSAMLProvider", json!({"SAMLProviderArn": arn}));
    check_private_key(&bench, pem, &got, got["PrivateKeyList"][0]["KeyId"].as_str().unwrap());
}

#[test]
fn g04_no_private_key_of_a_server_certificate_is_in_an_event_or_in_a_file() {
    let bench = Bench::new();
    let upload = |name: &str, body: &str, key: &str| {
        let input = json!({"ServerCertificateName": name, "CertificateBody": body, "PrivateKey": key});
        bench.call(Some(&bench.root), "iam:UploadServerCertificate", &input).result
    };
    assert!(upload("www", SERVER_CERTIFICATE, SERVER_KEY).is_ok());
    assert!(upload("www", SERVER_CERTIFICATE, SERVER_KEY).is_err());
    assert!(upload("twice", SERVER_CERTIFICATE, &SERVER_KEY.repeat(2)).is_err());
    assert!(upload("other", SIGNING_CERTIFICATES[0], SERVER_KEY).is_err());
    let got = bench.root("iam:GetServerCertificate", json!({"ServerCertificateName": "www"}));
    let known = got["ServerCertificate"]["ServerCertificateMetadata"]["ServerCertificateId"].as_str().unwrap();
    check_private_key(&bench, SERVER_KEY, &got, known);
}

#[test]
fn g04_no_password_for_a_service_is_in_an_event_or_in_a_file() {
    let bench = Bench::new();
    bench.root("iam:CreateUser", json!({"UserName": "app"}));
    let mut secrets = Vec::new();
    let mut known = String::new();
    for (service, secret) in
        [("codecommit.amazonaws.com", "ServicePassword"), ("bedrock.amazonaws.com", "ServiceCredentialSecret")]
    {
        let made = json!({"UserName": "app", "ServiceName": service});
        let made = bench.root("iam:CreateServiceSpecificCredential", made)["ServiceSpecificCredential"].clone();
        known = made["ServiceSpecificCredentialId"].as_str().unwrap().to_owned();
        let reset = json!({"UserName": "app", "ServiceSpecificCredentialId": known});
        let reset = bench.root("iam:ResetServiceSpecificCredential", reset)["ServiceSpecificCredential"].clone();
        assert_ne!(made[secret], reset[secret]);
        secrets.extend([made, reset].map(|credential| credential[secret].as_str().unwrap().to_owned()));
    }
    assert_eq!(secrets[0].len(), 44);
    // An API key is its public part and a password.
    let key = secrets[2].strip_prefix("ABSK").unwrap();
    let key = String::from_utf8(BASE64.decode(key.as_bytes()).unwrap()).unwrap();
    secrets.push(key.strip_prefix("app-at-111111111111:").unwrap().to_owned());
    let listed = bench.root("iam:ListServiceSpecificCredentials", json!({"UserName": "app"}));
    check_secrets(&bench, &secrets.iter().map(String::as_str).collect::<Vec<_>>(), &listed, &known);
}

#[test]
fn g04_no_identity_token_is_in_an_event_or_in_a_file() {
    let bench = Bench::new();
    let provider = arn("oidc-provider/idp.example");
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"idp.example:sub": "alice"}}}});
    bench.root("iam:CreateOpenIDConnectProvider", json!({"Url": "https://idp.example", "ClientIDList": ["app"]}));
    bench.root("iam:CreateRole", json!({"RoleName": "web", "AssumeRolePolicyDocument": trust.to_string()}));
    let tokens = ["alice", "mallory", ""].map(|subject| {
        let claims = json!({"aud": "app", "sub": subject});
        bench.installation.token(claims.as_object().unwrap()).unwrap()
    });
    let answered = tokens.each_ref().map(|token| {
        let input = json!({"RoleArn": arn("role/web"), "RoleSessionName": "s1", "WebIdentityToken": token});
        bench.call(None, "sts:AssumeRoleWithWebIdentity", &input).result
    });
    assert!(answered[0].is_ok() && answered[1].is_err() && answered[2].is_err());

    let mut places = Vec::new();
    for (request, events) in bench.installation.events().unwrap() {
        places.push((format!("the events of {request}"), serde_json::to_vec(&events).unwrap()));
    }
    files(bench.installation.dir(), &mut places);
    assert!(places.iter().filter(|(_, bytes)| contains(bytes, b"idp.example:app:alice")).count() > 1);
    for part in tokens.iter().flat_map(|token| token.split('.').skip(1)) {
        for (spelling, needle) in spellings(part) {
            for (place, bytes) in &places {
                assert!(!contains(bytes, &needle), "a part of a token {spelling} is in {place}");
            }
        }
    }
}

#[test]
fn g04_no_password_and_no_seed_is_in_an_event_or_in_a_file() {
    let bench = Bench::new();
    let alice = bench.user("alice", Some(ALL));
    let passwords = ["C0rrect-horse", "Battery-stap1e", "wrong-Gu3ssed", "Refused-l0ng-enough-pass"];
    let [first, second, guessed, refused] = passwords;
    bench.root("iam:UpdateAccountPasswordPolicy", json!({"PasswordReusePrevention": 2}));
    bench.root("iam:CreateLoginProfile", json!({"UserName": "alice", "Password": first}));
    bench.refused(&bench.root, "iam:CreateLoginProfile", json!({"UserName": "alice", "Password": refused}));
    bench.refused(&alice, "iam:ChangePassword", json!({"OldPassword": guessed, "NewPassword": second}));
    bench.installation.advance(1);
    bench.done(&alice, "iam:ChangePassword", json!({"OldPassword": first, "NewPassword": second}));
    bench.refused(&bench.root, "iam:UpdateLoginProfile", json!({"UserName": "alice", "Password": second}));
    let made = bench.root("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "alice"}));
    let seed = made["VirtualMFADevice"]["Base32StringSeed"].clone();
    let picture = made["VirtualMFADevice"]["QRCodePNG"].as_str().unwrap();
    let codes = [-1, 0].map(|steps| bench.installation.code(&seed, steps).unwrap());
    let enable = json!({"UserName": "alice", "SerialNumber": arn("mfa/alice"), "AuthenticationCode1": codes[0],
        "AuthenticationCode2": codes[1]});
    bench.root("iam:EnableMFADevice", enable);
    // A code that nobody has used yet is in a refused call.
    let unused = bench.installation.code(&seed, 1).unwrap();
    let wrong = json!({"SerialNumber": arn("mfa/alice"), "TokenCode": unused});
    bench.refused(&bench.root, "sts:GetSessionToken", wrong);
    for (call, input) in [
        ("iam:ListVirtualMFADevices", json!({})),
        ("iam:GetMFADevice", json!({"SerialNumber": arn("mfa/alice")})),
        ("iam:GetLoginProfile", json!({"UserName": "alice"})),
    ] {
        let told = bench.root(call, input).to_string();
        assert!(!told.contains("Seed") && !told.contains("QRCode") && !told.contains("assword\""), "{told}");
    }

    let mut places = Vec::new();
    for (request, events) in bench.installation.events().unwrap() {
        places.push((format!("the events of {request}"), serde_json::to_vec(&events).unwrap()));
    }
    files(bench.installation.dir(), &mut places);
    assert!(places.iter().filter(|(_, bytes)| contains(bytes, b"mfa/alice")).count() > 1);
    let base32 = BASE64.decode(seed.as_str().unwrap().as_bytes()).unwrap();
    let raw = data_encoding::BASE32_NOPAD.decode(&base32).unwrap();
    let texts = [String::from_utf8(base32).unwrap(), picture.to_owned()];
    let quoted = [codes[0].as_str(), &codes[1], &unused].map(|code| ("quoted", format!("\"{code}\"").into_bytes()));
    let spelled = passwords.iter().map(|text| (*text).to_owned()).chain(texts).flat_map(|text| spellings(&text));
    let raw = [("as bytes", raw.clone()), ("in lower hex", HEXLOWER.encode(&raw).into_bytes())];
    for (spelling, needle) in spelled.chain(raw).chain(quoted) {
        for (place, bytes) in &places {
            assert!(!contains(bytes, &needle), "a password or a seed {spelling} is in {place}");
        }
    }
}

#[test]
fn g04_no_seed_of_a_hardware_token_is_in_an_event_or_in_a_file() {
    let seed = "seed-of-token-no-one";
    let (hex, base32) = (HEXLOWER.encode(seed.as_bytes()), BASE32.encode(seed.as_bytes()));
    let bench = Bench::new();
    let token = |serial: &str, seed: &str, encoding: &str| json!({"devices": [{"serialNumber": serial, "seed": seed, "seedEncoding": encoding}]});
    bench.root("doorward:ImportHardwareMFADevices", token("GAHT00000001", &hex, "hex"));
    bench.root("doorward:ImportHardwareMFADevices", token("GAHT00000002", &base32, "base32"));
    bench.refused(&bench.root, "doorward:ImportHardwareMFADevices", token("GAHT00000001", &hex, "hex"));
    bench.refused(&bench.root, "doorward:ImportHardwareMFADevices", token("GAHT00000003", &base32, "hex"));
    let listed = bench.root("doorward:ListHardwareMFADevices", json!({}));
    check_secrets(&bench, &[seed, &base32], &listed, "GAHT00000001");
}

#[test]
fn g04_no_session_of_a_security_key_is_in_an_event_or_in_a_file() {
    let bench = Bench::new();
    let user = bench.user("alice", None);
    let mut key = Authenticator::new(ORIGIN);
    let begun = bench.root("doorward:BeginSecurityKeyRegistration", json!({"userName": "alice"}));
    let answer = json!({"registrationId": begun["RegistrationId"], "userName": "alice", "credential": key.create(&begun["Options"])});
    bench.root("doorward:FinishSecurityKeyRegistration", answer);
    let begun = bench.done(&user, "doorward:BeginSecurityKeyAssertion", json!({}));
    let answer = json!({"assertionId": begun["AssertionId"], "credential": key.get(&begun["Options"])});
    let session = credentials(&bench.done(&user, "doorward:FinishSecurityKeyAssertion", answer)["Credentials"]);
    let secrets = [session.secret_access_key.as_str(), session.session_token.as_deref().unwrap()];
    check_secrets(&bench, &secrets, &json!({}), &session.access_key_id);
}

/// What tells of everything at once tells no secret: not the export of the account, nor a report.
#[test]
fn a05_reports_tell_no_secrets() {
    let bench = Bench::new();
    let app = bench.user("app", Some(ALL));
    let session = bench.session(&app, &bench.role("role", ALL), "session");
    bench.done(&session, "iam:ListUsers", json!({}));
    bench.root("iam:CreateLoginProfile", json!({"UserName": "app", "Password": "C0rrect-horse"}));
    let service = json!({"UserName": "app", "ServiceName": "codecommit.amazonaws.com"});
    let service = bench.root("iam:CreateServiceSpecificCredential", service)["ServiceSpecificCredential"].clone();
    let device = bench.root("iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "app"}));
    let about = json!({"Arn": arn("user/app"), "Granularity": "ACTION_LEVEL"});
    let job = bench.root("iam:GenerateServiceLastAccessedDetails", about)["JobId"].clone();
    bench.root("iam:GenerateCredentialReport", json!({}));
    let report = bench.root("iam:GetCredentialReport", json!({}))["Content"].clone();
    let report = BASE64.decode(report.as_str().unwrap().as_bytes()).unwrap();
    let told = json!([
        bench.root("iam:GetAccountAuthorizationDetails", json!({})),
        String::from_utf8(report).unwrap(),
        bench.root("iam:GetServiceLastAccessedDetails", json!({"JobId": job})),
        bench.root("iam:GetServiceLastAccessedDetailsWithEntities", json!({"JobId": job, "ServiceNamespace": "iam"})),
    ]);
    let seed = device["VirtualMFADevice"]["Base32StringSeed"].as_str().unwrap();
    let secrets = [
        bench.root.secret_access_key.as_str(),
        &app.secret_access_key,
        &session.secret_access_key,
        session.session_token.as_deref().unwrap(),
        "C0rrect-horse",
        service["ServicePassword"].as_str().unwrap(),
        seed,
    ];
    check_secrets(&bench, &secrets, &told, "user/app");
    // Nor in the other form of what is secret: hashes, seals.
    let told = told.to_string().to_ascii_lowercase();
    for word in ["sealed", "digest", "salt", "hash", "seed", "secret"] {
        assert!(!told.contains(&format!("\"{word}")), "{word}");
    }
}
