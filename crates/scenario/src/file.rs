//! The form of scenario files.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A scenario: what it shows, and its steps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub shows: String,
    /// Texts that steps use by name, such as policy documents: `${name}`.
    #[serde(default, rename = "let")]
    pub texts: BTreeMap<String, String>,
    /// Identity tokens that steps use by name, by their claims. Their provider is `https://idp.example`, unless `iss` says
    /// otherwise.
    #[serde(default)]
    pub tokens: BTreeMap<String, serde_json::Map<String, Value>>,
    /// The steps, in order.
    pub step: Vec<Step>,
}

/// One call, or a move of the clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Moves the clock by this many seconds before the call.
    #[serde(default)]
    pub advance: i64,
    /// Waits until all events so far can be looked up, for calls that read them.
    #[serde(default)]
    pub settled: bool,
    /// Whose credentials sign: a name given by `save`, `root` (the default), or `nobody` for an unsigned request.
    #[serde(rename = "as")]
    pub caller: Option<String>,
    /// Seconds by which the client's clock is off.
    #[serde(default)]
    pub skew: i64,
    /// `service:Operation`.
    pub call: Option<String>,
    /// Makes the call so often; `${n}` is its number, from 1.
    pub repeat: Option<u32>,
    /// Names for one-time codes.
    #[serde(default)]
    pub codes: BTreeMap<String, Code>,
    /// Names for responses of security keys.
    #[serde(default)]
    pub keys: BTreeMap<String, KeyUse>,
    /// The input: AWS's member names; the own API's JSON body as it is.
    #[serde(default)]
    pub input: BTreeMap<String, Value>,
    /// What the answer must contain: objects may have more members, lists and everything else must be equal.
    pub expect: Option<Value>,
    /// What the answer must not have, as dotted paths.
    #[serde(default)]
    pub absent: Vec<String>,
    /// The error that must be answered.
    pub error: Option<ExpectedError>,
    /// Names for parts of the answer, by dotted path: `${name}` stands for a text, and an object with `AccessKeyId` and
    /// `SecretAccessKey` can sign.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// A name for the id of the call's decision.
    pub decision: Option<String>,
    /// How many audit events the call must leave in all accounts; one, if not given.
    pub events: Option<usize>,
    /// What each of them must contain.
    pub event: Option<Value>,
}

/// A one-time code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The name under which the device's `Base32StringSeed` was saved.
    pub of: String,
    /// How many time steps from now it is the code of.
    #[serde(default)]
    pub step: i64,
}

/// A response of a security key in software. A key that behaves otherwise than told is one that lies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyUse {
    /// The key; it is there from its first use on.
    pub key: String,
    /// The name under which the options of a registration were saved.
    pub create: Option<String>,
    /// The name under which the options of an assertion were saved.
    pub get: Option<String>,
    /// The page, in place of the right one.
    pub origin: Option<String>,
    /// Whether the user is verified.
    pub verified: Option<bool>,
    /// The signature counter before this use.
    pub counter: Option<u32>,
    /// The format of the attestation.
    pub attestation: Option<String>,
    /// Whether the signature is spoilt.
    #[serde(default)]
    pub forged: bool,
}

/// An error: code and message exactly.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// The code.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The message; any, if not given.
    pub message: Option<String>,
}
