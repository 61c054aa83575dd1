//! `application/x-www-form-urlencoded`, read strictly.

use std::collections::BTreeMap;

use doorward_shapes::{Error, common};

/// Parameters of one request.
const MAX_PARAMETERS: usize = 10_000;

/// Parameters of a presigned URL. They belong to the signature, not to the operation.
const SIGNATURE: &[&str] = &[
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-User-Agent",
];

/// Form parameters by name; each name occurs once.
pub struct Params(BTreeMap<String, String>);

/// Reads a form. The caller caps its size.
///
/// A bad escape, text that is not UTF-8, an empty parameter, a second parameter of the same name and more than 10,000
/// parameters are `MalformedQueryString`.
pub fn parse_form(form: &[u8]) -> Result<Params, Error> {
    Params::collect(pairs(form, Plus::IsSpace)?)
}

impl Params {
    /// The parameters of a whole request: of its query string, without those of a presigned URL's signature, and of its
    /// body. A name in both is refused.
    pub fn of_request(query: &str, body: &[u8]) -> Result<Self, Error> {
        let query = query_pairs(query)?.into_iter().filter(|(name, _)| !is_signature(name));
        Self::collect(query.chain(pairs(body, Plus::IsSpace)?))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All parameters, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn collect(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        let mut params = BTreeMap::new();
        for (name, value) in pairs {
            if params.contains_key(&name) {
                return Err(malformed(format_args!("the parameter {} occurs twice", crate::echo(&name))));
            }
            params.insert(name, value);
        }
        Ok(Self(params))
    }
}

/// Whether a parameter of the query string belongs to a presigned URL's signature.
pub(crate) fn is_signature(name: &str) -> bool {
    SIGNATURE.contains(&name)
}

/// What a plus sign means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plus {
    /// In forms.
    IsSpace,
    /// In query strings: there the signature takes it for `%2B`, and what was verified is what must be used.
    IsPlus,
}

/// Names and values of a query string, in its order; names may repeat.
pub(crate) fn query_pairs(query: &str) -> Result<Vec<(String, String)>, Error> {
    pairs(query.as_bytes(), Plus::IsPlus)
}

fn pairs(form: &[u8], plus: Plus) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    if form.is_empty() {
        return Ok(pairs);
    }
    for pair in form.split(|byte| *byte == b'&') {
        if pairs.len() == MAX_PARAMETERS {
            return Err(malformed(format_args!("there are more than {MAX_PARAMETERS} parameters")));
        }
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(equals) => pair.split_at(equals),
            None => (pair, [].as_slice()),
        };
        if name.is_empty() {
            return Err(malformed(format_args!("a parameter has no name")));
        }
        let value = value.strip_prefix(b"=").unwrap_or(value);
        let decoded = percent_decode(name, plus == Plus::IsSpace).zip(percent_decode(value, plus == Plus::IsSpace));
        pairs.push(decoded.ok_or_else(|| malformed(format_args!("a parameter is not percent-encoded UTF-8")))?);
    }
    Ok(pairs)
}

/// Text out of its percent-encoded form, or nothing if an escape is bad or the result is not UTF-8.
pub(crate) fn percent_decode(encoded: &[u8], plus_is_space: bool) -> Option<String> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(bytes.next()?)? << 4 | digit(bytes.next()?)?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cold]
fn malformed(reason: std::fmt::Arguments<'_>) -> Error {
    common::malformed_query_string(format!("The query string is malformed: {reason}."))
}
