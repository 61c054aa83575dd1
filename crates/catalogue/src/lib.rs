//! AWS's services: their actions, resource types and condition keys.
//!
//! The facts are part of the program, compressed. They are unpacked on first use, and each service is read when it is
//! first asked for: a program that asks for none pays nothing. `cargo xtask codegen` writes the file.

#![forbid(unsafe_code)]

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{LazyLock, OnceLock};

use doorward_policy::catalogue::{Catalogue, ConditionKey, Service};
use flate2::read::ZlibDecoder;

/// The facts, as zlib data of the text that `read` describes.
static DATA: &[u8] = include_bytes!("../data/aws.zlib");

/// Many times what the facts take up unpacked.
const UNPACKED_BYTES_MAX: u64 = 32 << 20;

/// AWS's services.
pub fn aws() -> &'static Aws {
    static AWS: LazyLock<Aws> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the data is part of the program, and a test unpacks it")]
        unpack(DATA).and_then(|text| Aws::new(Box::leak(text.into_boxed_str()))).expect("readable facts")
    });
    &AWS
}

fn unpack(data: &[u8]) -> Option<String> {
    let mut text = String::new();
    ZlibDecoder::new(data).take(UNPACKED_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The catalogue of AWS's services.
pub struct Aws {
    source: &'static str,
    global_keys: Vec<ConditionKey>,
    /// By prefix, which is in lower case.
    services: BTreeMap<&'static str, Entry>,
    /// The prefixes of the services that have condition keys of a vendor. The vendor is in lower case.
    vendors: BTreeMap<String, Vec<&'static str>>,
    /// The prefixes of the services that have resources with this service in their ARNs.
    arn_services: BTreeMap<&'static str, Vec<&'static str>>,
}

/// A service's part of the text, and the service once it was asked for.
struct Entry {
    text: &'static str,
    service: OnceLock<Service>,
}

impl Aws {
    fn new(text: &'static str) -> Option<Aws> {
        let (head, services) = read::sections(text)?;
        let mut aws = Aws {
            source: head.source,
            global_keys: head.global_keys,
            services: BTreeMap::new(),
            vendors: BTreeMap::new(),
            arn_services: BTreeMap::new(),
        };
        for (prefix, text) in services {
            let add = |found: &mut Vec<&'static str>| {
                if found.last() != Some(&prefix) {
                    found.push(prefix);
                }
            };
            for name in read::condition_key_names(text) {
                let vendor = name.split_once(':').map_or(name, |(vendor, _)| vendor);
                add(aws.vendors.entry(vendor.to_ascii_lowercase()).or_default());
            }
            for arn in read::arns(text) {
                add(aws.arn_services.entry(arn.split(':').nth(2).unwrap_or_default()).or_default());
            }
            aws.services.insert(prefix, Entry { text, service: OnceLock::new() });
        }
        Some(aws)
    }

    /// Where the facts come from: the package, its version and its integrity hash.
    pub fn source(&self) -> &str {
        self.source
    }

    fn all(&self, prefixes: Option<&Vec<&'static str>>) -> Vec<&Service> {
        prefixes.into_iter().flatten().filter_map(|prefix| self.service(prefix)).collect()
    }
}

impl Catalogue for Aws {
    fn prefixes(&self) -> Vec<&str> {
        self.services.keys().copied().collect()
    }

    fn service(&self, prefix: &str) -> Option<&Service> {
        let (prefix, entry) = self.services.get_key_value(prefix)?;
        Some(entry.service.get_or_init(|| read::service(prefix, entry.text)))
    }

    fn services_with_keys(&self, vendor: &str) -> Vec<&Service> {
        self.all(self.vendors.get(&vendor.to_ascii_lowercase()))
    }

    fn services_with_arns(&self, service: &str) -> Vec<&Service> {
        self.all(self.arn_services.get(service))
    }

    fn global_keys(&self) -> &[ConditionKey] {
        &self.global_keys
    }
}
