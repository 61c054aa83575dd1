//! The query string, read once: for the canonical request and for the authentication parameters.

use std::borrow::Cow;

use crate::encode::{decode, encode, is_unreserved, normalise};
use crate::{Error, MAX_QUERY_BYTES, MAX_QUERY_PARAMETERS};

/// The parameter that carries the signature, the only one that the signature does not cover.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

/// The parameters of a query string, encoded canonically and sorted by name, then value.
pub(crate) struct Query<'a>(Vec<Parameter<'a>>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Parameter<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

impl<'a> Query<'a> {
    /// Reads a query string.
    ///
    /// # Errors
    /// `MalformedQueryString` for an invalid escape, an empty parameter (`a=1&&b=2`), or a string beyond the limits.
    pub(crate) fn parse(text: &'a str) -> Result<Query<'a>, Error> {
        if text.is_empty() {
            return Ok(Query(Vec::new()));
        }
        if text.len() > MAX_QUERY_BYTES {
            return Err(Error::malformed_query("The query string is too long."));
        }
        let mut parameters = Vec::new();
        for pair in text.split('&') {
            if pair.is_empty() {
                return Err(Error::malformed_query("The query string contains an empty parameter."));
            }
            if parameters.len() == MAX_QUERY_PARAMETERS {
                return Err(Error::malformed_query("The query string contains too many parameters."));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let encoded = |text| normalise(text, is_unreserved).map_err(Error::malformed_query);
            parameters.push(Parameter { name: encoded(name)?, value: encoded(value)? });
        }
        parameters.sort_unstable();
        Ok(Query(parameters))
    }

    /// The names that begin with `X-Amz-`, in whatever case.
    pub(crate) fn amz_names(&self) -> impl Iterator<Item = &str> {
        let is_amz = |name: &&str| name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("X-Amz-"));
        self.0.iter().map(|parameter| parameter.name.as_ref()).filter(is_amz)
    }

    /// The decoded value of a parameter, if it is present. All authentication parameters are printable ASCII.
    ///
    /// # Errors
    /// `MalformedQueryString` if it is not.
    pub(crate) fn value(&self, name: &str) -> Result<Option<Cow<'a, str>>, Error> {
        let Some(parameter) = self.0.iter().find(|parameter| parameter.name == name) else { return Ok(None) };
        let encoded = match &parameter.value {
            // Borrowed is what holds no escape, and so stands for itself.
            Cow::Borrowed(text) => return Ok(Some(Cow::Borrowed(text))),
            Cow::Owned(text) => text,
        };
        let bytes = decode(encoded).map_err(Error::malformed_query)?;
        match String::from_utf8(bytes) {
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(Cow::Owned(text))),
            _ => {
                Err(Error::malformed_query(format!("The value of '{name}' contains a character that is not allowed.")))
            }
        }
    }

    /// The canonical query string, in pieces: all parameters but the signature.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &str> {
        let covered = self.0.iter().filter(|parameter| parameter.name != SIGNATURE);
        covered
            .enumerate()
            .flat_map(|(index, parameter)| [if index == 0 { "" } else { "&" }, &parameter.name, "=", &parameter.value])
    }

    /// Adds a parameter whose name needs no encoding.
    pub(crate) fn add(&mut self, name: &'a str, value: &'a str) {
        self.0.push(Parameter { name: Cow::Borrowed(name), value: encode(value, is_unreserved) });
        self.0.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let got = Query::parse(text).map(|query| query.pieces().collect::<String>());
        assert_eq!(got.as_deref().map_err(Error::message), expect, "{text:?}");
    }

    #[test]
    fn parameters_are_sorted_by_encoded_name_then_value() {
        check("", Ok(""));
        check("b=2&a=1", Ok("a=1&b=2"));
        check("a=2&a=1&a", Ok("a=&a=1&a=2"));
        check("Param-3=3&Param=2&%E1%88%B4=1", Ok("%E1%88%B4=1&Param=2&Param-3=3"));
        check("a=b=c", Ok("a=b%3Dc"));
        check("=1", Ok("=1"));
        check("a=1+2", Ok("a=1%2B2"));
        check("a=x%20y&X-Amz-Signature=00", Ok("a=x%20y"));
    }

    #[test]
    fn a_malformed_query_is_refused() {
        check("&", Err("The query string contains an empty parameter."));
        check("a=1&", Err("The query string contains an empty parameter."));
        check("a=1&&b=2", Err("The query string contains an empty parameter."));
        check("a=%", Err("Incomplete trailing escape % sequence"));
        check("%zz=1", Err("Illegal hex characters in escape % pattern"));
        check(&"a".repeat(MAX_QUERY_BYTES + 1), Err("The query string is too long."));
        check(&["a"; MAX_QUERY_PARAMETERS + 1].join("&"), Err("The query string contains too many parameters."));
    }
}
