//! The metadata document of a SAML 2.0 identity provider (OASIS, "Metadata for the OASIS Security Assertion Markup
//! Language (SAML) V2.0").
//!
//! Read once, when it comes in, and strictly: what is not understood is refused. There are no document types, so there
//! are no entities but XML's own, and processing instructions say nothing that counts.

use data_encoding::BASE64;
use doorward_directory::{SamlMetadata, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::error;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, civil};
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

#[cfg(test)]
mod tests;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// Deepest nesting of elements.
const DEPTH_MAX: usize = 32;
/// Most attributes of an element, declarations of namespaces included.
const ATTRIBUTES_MAX: usize = 64;
/// Longest `entityID` in characters (the standard's section 2.3.2).
const ENTITY_ID_MAX: usize = 1_024;
/// How long a document is valid that does not say it.
const VALIDITY_YEARS: i64 = 100;

/// The facts of a metadata document that comes in now.
///
/// # Errors
/// `InvalidInput` where it is no SAML 2.0 identity provider's, or has expired; `LimitExceeded` for too many keys.
pub(super) fn parse(document: String, now: Timestamp) -> Result<SamlMetadata, Error> {
    let found = Found::read(&document).map_err(refused)?;
    let Some(entity_id) = found.entity_id else { return Err(refused("there is no EntityDescriptor")) };
    if found.descriptors != 1 {
        return Err(refused("there must be one IDPSSODescriptor"));
    }
    if found.sign_on_services == 0 {
        return Err(refused("there is no SingleSignOnService"));
    }
    if found.keys > quota::SAML_KEYS {
        return Err(error::limit_exceeded(format!(
            "Cannot exceed quota for KeysPerSAMLProvider: {}",
            quota::SAML_KEYS
        )));
    }
    if found.certificates.is_empty() {
        return Err(refused("there is no X.509 certificate for signing"));
    }
    let valid_until = match found.valid_until {
        Some(time) if time <= now => return Err(refused("it has expired")),
        Some(time) => time,
        None => {
            let then = TimeZone::UTC.to_datetime(now).checked_add(Span::new().years(VALIDITY_YEARS));
            then.and_then(|then| TimeZone::UTC.to_timestamp(then)).unwrap_or(Timestamp::MAX)
        }
    };
    Ok(SamlMetadata { document, entity_id, signing_certificates: found.certificates, valid_until })
}

fn refused(reason: &str) -> Error {
    error::invalid_input(format!("Could not parse metadata: {reason}."))
}

type Refused = &'static str;

/// What an element is, as far as it counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Entity,
    IdentityProvider,
    SignOnService,
    Key { signs: bool },
    KeyInfo { signs: bool },
    X509Data { signs: bool },
    Certificate { signs: bool },
    Other,
}

#[derive(Default)]
struct Found {
    entity_id: Option<String>,
    valid_until: Option<Timestamp>,
    descriptors: usize,
    sign_on_services: usize,
    keys: usize,
    certificates: Vec<String>,
    /// The text of the certificate that is being read.
    text: String,
}

impl Found {
    fn read(document: &str) -> Result<Found, Refused> {
        // A byte order mark is no character of the document.
        let mut reader = NsReader::from_str(document.strip_prefix('\u{feff}').unwrap_or(document));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.enable_all_checks(true);
        let mut found = Found::default();
        let mut open: Vec<Element> = Vec::new();
        let mut started = false;
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|_| "it is not well-formed XML")?;
            match event {
                Event::Start(start) => {
                    if open.len() >= DEPTH_MAX {
                        return Err("its elements are nested too deeply");
                    }
                    let namespace = match &namespace {
                        ResolveResult::Bound(namespace) => namespace.as_ref(),
                        ResolveResult::Unbound => "",
                        ResolveResult::Unknown(_) => return Err("a namespace prefix is not declared"),
                    };
                    let element = found.open(open.last().copied(), namespace, &start)?;
                    open.push(element);
                }
                Event::End(_) => {
                    if let Some(Element::Certificate { signs }) = open.pop() {
                        found.certificate(signs)?;
                    }
                }
                Event::Text(text) => found.characters(open.last(), &text.xml10_content())?,
                Event::CData(text) => found.characters(open.last(), &text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let name: &str = &reference;
                    let is_own = matches!(name, "lt" | "gt" | "amp" | "apos" | "quot");
                    let is_character = matches!(reference.resolve_char_ref(), Ok(Some(_)));
                    if open.is_empty() || !(is_own || is_character) {
                        return Err("it has an entity reference that XML itself does not define");
                    }
                    found.characters(open.last(), "&")?;
                }
                Event::DocType(_) => return Err("it has a document type declaration"),
                Event::PI(_) => return Err("it has a processing instruction"),
                Event::Decl(_) if started => return Err("it is not well-formed XML"),
                Event::Decl(_) | Event::Comment(_) => {}
                Event::Eof if open.is_empty() => return Ok(found),
                Event::Eof => return Err("it is not well-formed XML"),
                Event::Empty(_) => return Err("it is not well-formed XML"),
            }
            started = true;
        }
    }

    /// What an element is, by where it stands; an element that counts elsewhere does not count here.
    fn open(&mut self, parent: Option<Element>, namespace: &str, start: &BytesStart<'_>) -> Result<Element, Refused> {
        let attributes = Attributes::of(start)?;
        let local = start.local_name();
        let element = match (parent, namespace, local.as_ref()) {
            (None, METADATA, "EntityDescriptor") if self.entity_id.is_none() => {
                let id = attributes.get("entityID").unwrap_or_default();
                if id.is_empty() || id.chars().count() > ENTITY_ID_MAX {
                    return Err("the EntityDescriptor has no entityID of 1 to 1024 characters");
                }
                self.entity_id = Some(id.to_owned());
                self.valid_until(&attributes)?;
                Element::Entity
            }
            (None, _, _) => return Err("its only root element must be an EntityDescriptor of SAML 2.0 metadata"),
            (Some(Element::Entity), METADATA, "IDPSSODescriptor") => {
                let protocols = attributes.get("protocolSupportEnumeration").unwrap_or_default();
                if !protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL) {
                    return Err("the IDPSSODescriptor does not support the SAML 2.0 protocol");
                }
                self.descriptors += 1;
                self.valid_until(&attributes)?;
                Element::IdentityProvider
            }
            (Some(Element::IdentityProvider), METADATA, "SingleSignOnService") => {
                if ["Binding", "Location"].iter().any(|name| attributes.get(name).is_none_or(str::is_empty)) {
                    return Err("a SingleSignOnService has no Binding or no Location");
                }
                self.sign_on_services += 1;
                Element::SignOnService
            }
            (Some(Element::IdentityProvider), METADATA, "KeyDescriptor") => {
                self.keys += 1;
                // Without a use, a key is for both.
                match attributes.get("use") {
                    None | Some("signing") => Element::Key { signs: true },
                    Some("encryption") => Element::Key { signs: false },
                    Some(_) => return Err("the use of a KeyDescriptor must be signing or encryption"),
                }
            }
            (Some(Element::Key { signs }), SIGNATURE, "KeyInfo") => Element::KeyInfo { signs },
            (Some(Element::KeyInfo { signs }), SIGNATURE, "X509Data") => Element::X509Data { signs },
            (Some(Element::X509Data { signs }), SIGNATURE, "X509Certificate") => Element::Certificate { signs },
            (Some(Element::Certificate { .. }), _, _) => return Err("an X509Certificate must be text alone"),
            _ => Element::Other,
        };
        Ok(element)
    }

    fn valid_until(&mut self, attributes: &Attributes) -> Result<(), Refused> {
        let Some(text) = attributes.get("validUntil") else { return Ok(()) };
        let time = text.parse().or_else(|_| {
            // SAML's times are UTC, said or not (SAML core, section 1.3.3).
            text.parse::<civil::DateTime>().and_then(|time| TimeZone::UTC.to_timestamp(time))
        });
        let time: Timestamp = time.map_err(|_| "a validUntil is no time")?;
        self.valid_until = Some(self.valid_until.map_or(time, |earlier| earlier.min(time)));
        Ok(())
    }

    fn characters(&mut self, parent: Option<&Element>, text: &str) -> Result<(), Refused> {
        match parent {
            None if !text.chars().all(char::is_whitespace) => Err("it is not well-formed XML"),
            Some(Element::Certificate { .. }) => {
                self.text.push_str(text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn certificate(&mut self, signs: bool) -> Result<(), Refused> {
        let text: String = std::mem::take(&mut self.text).split_ascii_whitespace().collect();
        let der = BASE64.decode(text.as_bytes()).map_err(|_| "an X509Certificate is not base 64")?;
        match x509_parser::parse_x509_certificate(&der) {
            Ok(([], _)) => {}
            _ => return Err("an X509Certificate is no X.509 certificate"),
        }
        if signs && !self.certificates.contains(&text) {
            self.certificates.push(text);
        }
        Ok(())
    }
}

/// An element's attributes, without those of other namespaces.
struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn of(start: &BytesStart<'_>) -> Result<Attributes, Refused> {
        let mut own = Vec::new();
        // The reader checks that no name is there twice.
        for (index, attribute) in start.attributes().enumerate() {
            if index >= ATTRIBUTES_MAX {
                return Err("an element has too many attributes");
            }
            let attribute = attribute.map_err(|_| "it is not well-formed XML")?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| "an attribute has a reference that XML itself does not define")?;
            if attribute.key.prefix().is_none() {
                own.push((attribute.key.as_ref().to_owned(), value.into_owned()));
            }
        }
        Ok(Attributes(own))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
