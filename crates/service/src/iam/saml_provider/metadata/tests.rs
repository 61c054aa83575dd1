use std::sync::LazyLock;

use data_encoding::BASE64;
use jiff::Timestamp;

use super::{ATTRIBUTES_MAX, DEPTH_MAX, parse};

static CERTIFICATE: LazyLock<String> = LazyLock::new(|| {
    BASE64.encode(rcgen::generate_simple_self_signed(vec!["idp.example.com".to_owned()]).unwrap().cert.der())
});

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn key(attributes: &str) -> String {
    format!(
        "<KeyDescriptor{attributes}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{}\n</ds:X509Certificate></ds:X509Data>\
         </ds:KeyInfo></KeyDescriptor>",
        *CERTIFICATE
    )
}

/// A good document, as most identity providers make it.
fn good() -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made by an identity provider -->
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/a?b=1&amp;c=2">
  <IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    {}
    {}
    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"#,
        key(r#" use="signing""#),
        key(r#" use="encryption""#),
    )
}

/// What becomes of the good document with a part in place of another: the certificates that may sign, or the refusal.
#[track_caller]
fn check(part: &str, instead: &str, expect: Result<usize, &str>) {
    let document = good();
    assert!(document.contains(part), "{part}");
    let found = parse(document.replacen(part, instead, 1), now());
    let expect = expect.map_err(|reason| format!("Could not parse metadata: {reason}."));
    let found = found.map(|metadata| metadata.signing_certificates.len()).map_err(|error| error.message);
    assert_eq!(found, expect, "{part} -> {instead}");
}

#[test]
fn the_facts_of_a_document() {
    let metadata = parse(good(), now()).unwrap();
    assert_eq!(metadata.document, good());
    assert_eq!(metadata.entity_id, "https://idp.example.com/a?b=1&c=2");
    assert_eq!(metadata.signing_certificates.as_slice(), std::slice::from_ref(&*CERTIFICATE));
    assert_eq!(metadata.valid_until, "2126-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
}

#[test]
fn prefixes_are_free_and_namespaces_are_not() {
    let own = ["EntityDescriptor", "IDPSSODescriptor", "KeyDescriptor", "NameIDFormat", "SingleSignOnService"];
    let prefixed = own.iter().fold(good().replace("xmlns=", "xmlns:md="), |text, name| {
        text.replace(&format!("<{name}"), &format!("<md:{name}")).replace(&format!("</{name}"), &format!("</md:{name}"))
    });
    assert_eq!(parse(prefixed, now()).map(|metadata| metadata.signing_certificates.len()).ok(), Some(1));
    check(
        "SAML:2.0:metadata",
        "SAML:1.0:metadata",
        Err("its only root element must be an EntityDescriptor of SAML 2.0 metadata"),
    );
    check("xmldsig#\"", "xmldsig\"", Err("there is no X.509 certificate for signing"));
    check("<NameIDFormat>", "<x:Other/><NameIDFormat>", Err("a namespace prefix is not declared"));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    const ILL_FORMED: &str = "it is not well-formed XML";
    check("</EntityDescriptor>", "", Err(ILL_FORMED));
    check("</EntityDescriptor>", "</EntityDescriptor>text", Err(ILL_FORMED));
    check("</EntityDescriptor>", "</EntityDescriptor><?xml version=\"1.0\"?>", Err(ILL_FORMED));
    check("</NameIDFormat>", "</NameIdFormat>", Err(ILL_FORMED));
    check(" Location=", " Binding=", Err(ILL_FORMED));
    check("<!-- made", "<!-- -- made", Err(ILL_FORMED));
    check("<EntityDescriptor", "text<EntityDescriptor", Err(ILL_FORMED));
}

#[test]
fn c03_c09_no_document_types_no_entities_no_instructions() {
    let doctype = "it has a document type declaration";
    check("<EntityDescriptor", "<!DOCTYPE EntityDescriptor><EntityDescriptor", Err(doctype));
    let bomb = r#"<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c SYSTEM "file:///etc/passwd">]><EntityDescriptor"#;
    check("<EntityDescriptor", bomb, Err(doctype));
    check("persistent<", "&c;<", Err("it has an entity reference that XML itself does not define"));
    check("sso\"", "&c;\"", Err("an attribute has a reference that XML itself does not define"));
    check("persistent<", "&lt;&#65;&#x41;<", Ok(1));
    check("<NameIDFormat>", "<?php ?><NameIDFormat>", Err("it has a processing instruction"));
}

#[test]
fn c09_depth_and_attributes_are_bounded() {
    let nested =
        |depth: usize| format!("{}{}<NameIDFormat>", "<Extensions>".repeat(depth), "</Extensions>".repeat(depth));
    check("<NameIDFormat>", &nested(DEPTH_MAX - 2), Ok(1));
    check("<NameIDFormat>", &nested(DEPTH_MAX - 1), Err("its elements are nested too deeply"));
    let wide = |count: usize| {
        let attributes: String = (0..count).map(|number| format!(" a{number}=''")).collect();
        format!("<Extensions{attributes}/><NameIDFormat>")
    };
    check("<NameIDFormat>", &wide(ATTRIBUTES_MAX), Ok(1));
    check("<NameIDFormat>", &wide(ATTRIBUTES_MAX + 1), Err("an element has too many attributes"));
}

#[test]
fn it_must_be_an_identity_providers() {
    check("entityID=", "entityId=", Err("the EntityDescriptor has no entityID of 1 to 1024 characters"));
    check("<IDPSSODescriptor", "<Extensions/><IDPSSODescriptor", Ok(1));
    check("SAML:2.0:protocol", "SAML:1.1:protocol", Err("the IDPSSODescriptor does not support the SAML 2.0 protocol"));
    check("SAML:2.0:protocol", "SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol", Ok(1));
    check("<SingleSignOnService", "<SingleLogoutService", Err("there is no SingleSignOnService"));
    check("Location=", "location=", Err("a SingleSignOnService has no Binding or no Location"));
    let none = good().replace("IDPSSODescriptor", "SPSSODescriptor");
    let none = parse(none, now()).err().unwrap();
    assert_eq!(
        (none.code.as_ref(), none.message.as_str()),
        ("InvalidInput", "Could not parse metadata: there must be one IDPSSODescriptor.")
    );
    let second = "</EntityDescriptor><EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"b\"/>";
    check("</EntityDescriptor>", second, Err("its only root element must be an EntityDescriptor of SAML 2.0 metadata"));
}

#[test]
fn c06_keys_must_be_there_to_verify_with() {
    check(" use=\"signing\"", "", Ok(1));
    check(" use=\"signing\"", " use=\"encryption\"", Err("there is no X.509 certificate for signing"));
    check(" use=\"signing\"", " use=\"Signing\"", Err("the use of a KeyDescriptor must be signing or encryption"));
    check("X509Certificate>\n", "X509Certificate>!", Err("an X509Certificate is not base 64"));
    check("X509Certificate>\nMII", "X509Certificate>\nNII", Err("an X509Certificate is no X.509 certificate"));
    check("X509Certificate>\n", "X509Certificate>\n<!-- a comment -->", Ok(1));
    check("X509Certificate>\n", "X509Certificate>\n<Other/>", Err("an X509Certificate must be text alone"));
    let many = |count: usize| {
        let document = good().replace("<NameIDFormat>", &format!("{}<NameIDFormat>", key("").repeat(count)));
        parse(document, now()).map(|metadata| metadata.signing_certificates.len()).map_err(|error| error.message)
    };
    assert_eq!(many(8), Ok(1));
    assert_eq!(many(9), Err("Cannot exceed quota for KeysPerSAMLProvider: 10".to_owned()));
}

#[test]
fn a_document_is_valid_until_it_says() {
    let until = |entity: &str, descriptor: &str| {
        let document = good().replacen("entityID=", &format!("{entity} entityID="), 1).replacen(
            "<IDPSSODescriptor",
            &format!("<IDPSSODescriptor {descriptor}"),
            1,
        );
        parse(document, now()).map(|metadata| metadata.valid_until.to_string()).map_err(|error| error.message)
    };
    let ok = |time: &str| Ok(time.to_owned());
    let refused = |reason: &str| Err(format!("Could not parse metadata: {reason}."));
    let at = |time: &str| format!("validUntil=\"{time}\"");
    assert_eq!(until(&at("2027-01-01T00:00:00Z"), ""), ok("2027-01-01T00:00:00Z"));
    assert_eq!(until(&at("2027-01-01T00:00:00+02:00"), ""), ok("2026-12-31T22:00:00Z"));
    assert_eq!(until(&at("2027-01-01T00:00:00"), ""), ok("2027-01-01T00:00:00Z"));
    assert_eq!(until(&at("2027-01-01T00:00:00Z"), &at("2026-06-01T00:00:00Z")), ok("2026-06-01T00:00:00Z"));
    assert_eq!(until("", &at("2026-06-01T00:00:00Z")), ok("2026-06-01T00:00:00Z"));
    assert_eq!(until(&at("2026-01-01T00:00:00Z"), ""), refused("it has expired"));
    assert_eq!(until(&at("soon"), ""), refused("a validUntil is no time"));
}
