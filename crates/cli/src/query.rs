//! Calls of AWS's query protocol: parameters in a form, XML in the answer, of which little is read.

use http::Method;

use crate::client::{ApiError, Ask, Client, encode};
use crate::failure::Failure;

/// The version of a service's API.
fn version(service: &str) -> &'static str {
    if service == "sts" { "2011-06-15" } else { "2010-05-08" }
}

impl Client {
    /// Calls an operation with these parameters; the XML of its answer.
    pub(crate) async fn query(
        &self,
        service: &'static str,
        action: &str,
        parameters: &[(String, String)],
    ) -> std::result::Result<String, ApiError> {
        let mut body = format!("Action={}&Version={}", encode(action), version(service));
        for (name, value) in parameters {
            body.push_str(&format!("&{}={}", encode(name), encode(value)));
        }
        let body = Some(("application/x-www-form-urlencoded; charset=utf-8", body));
        let (status, bytes) = self.send(&Ask { method: Method::POST, path: "/", query: "", body, service }).await?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Failure::new("the answer is not UTF-8 text"))?;
        if (200..300).contains(&status) {
            return Ok(text);
        }
        Err(ApiError::Refused {
            status,
            code: first(&text, "Code").unwrap_or_else(|| format!("HTTP {status}")),
            message: first(&text, "Message").unwrap_or_else(|| "the server says no more".to_owned()),
        })
    }
}

/// The texts of all elements of this name. Only for elements without attributes that hold text alone.
pub(crate) fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(open.as_str())
        .skip(1)
        .filter_map(|rest| rest.split_once(close.as_str()))
        .map(|(text, _)| plain(text))
        .collect()
}

/// The text of the first one.
pub(crate) fn first(xml: &str, name: &str) -> Option<String> {
    all(xml, name).into_iter().next()
}

/// The text without the escapes that every XML writer has to use. Others are left as they are.
fn plain(text: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    escapes.iter().fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let xml = "<R><UserName>a</UserName><UserNames><UserName>b&amp;lt;&lt;</UserName></UserNames><Empty/></R>";
        assert_eq!(all(xml, "UserName"), ["a", "b&lt;<"]);
        assert_eq!(first(xml, "Empty"), None);
        assert_eq!(first("<Code>cut", "Code"), None);
    }
}
