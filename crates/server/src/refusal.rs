//! What the HTTP layer refuses by itself, before any service is asked, in the words of AWS's common errors.

/// A request that is refused for what it is on the level of HTTP.
///
/// Codes and statuses are those of the page "Common Errors" of the IAM API Reference, so that every AWS client can read
/// them. On HTTP/1 the connection is closed after each: where the head of a request is in doubt, so is what follows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Label of the metric `doorward_refused_requests_total`.
    pub(crate) reason: &'static str,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

const fn malformed(reason: &'static str, message: &'static str) -> Refusal {
    Refusal { reason, status: 400, code: "MalformedHttpRequestException", message }
}

const fn timeout(reason: &'static str, message: &'static str) -> Refusal {
    Refusal { reason, status: 408, code: "RequestTimeoutException", message }
}

pub(crate) static BARE_LINE_FEED: Refusal =
    malformed("bare-line-feed", "Every line of the request head must end with CR LF.");
pub(crate) static REQUEST_LINE: Refusal =
    malformed("request-line", "The request line must be a method, a target of printable ASCII and HTTP/1.1.");
pub(crate) static HEADER_LINE: Refusal =
    malformed("header-line", "Every header line must be a name, a colon and a value of printable characters.");
pub(crate) static CONTENT_LENGTH: Refusal =
    malformed("content-length", "Content-Length must be given at most once, as a decimal number.");
pub(crate) static LENGTH_AND_ENCODING: Refusal =
    malformed("length-and-encoding", "Content-Length and Transfer-Encoding must not be combined.");
pub(crate) static LENGTH_REQUIRED: Refusal = Refusal {
    reason: "transfer-encoding",
    status: 411,
    code: "MalformedHttpRequestException",
    message: "Transfer-Encoding is not accepted: send the body with a Content-Length.",
};
pub(crate) static HEAD_TOO_LARGE: Refusal = Refusal {
    reason: "head-too-large",
    status: 431,
    code: "MalformedHttpRequestException",
    message: "The request head has too many headers or is too large.",
};
pub(crate) static HEAD_TIMEOUT: Refusal =
    timeout("head-timeout", "The request head did not arrive within the time allowed.");
pub(crate) static BODY_TIMEOUT: Refusal =
    timeout("body-timeout", "The request body did not arrive within the time allowed.");
pub(crate) static HOST: Refusal =
    malformed("host", "The request must name one valid host, the same in every place that names it.");
pub(crate) static TARGET: Refusal =
    malformed("target", "The request target must be a path of printable ASCII that begins with a slash.");
pub(crate) static DUPLICATE_HEADER: Refusal =
    malformed("duplicate-header", "A header that must be given at most once was given twice.");
pub(crate) static CONTENT_ENCODING: Refusal =
    malformed("content-encoding", "Content-Encoding is not accepted: send the body as it is.");
pub(crate) static TRAILERS: Refusal = malformed("trailers", "Trailers are not accepted.");
pub(crate) static BODY_TOO_LARGE: Refusal = Refusal {
    reason: "body-too-large",
    status: 413,
    code: "RequestEntityTooLargeException",
    message: "The request entity is too large.",
};
pub(crate) static BODY_BROKEN: Refusal = Refusal {
    reason: "body-broken",
    status: 400,
    code: "RequestAbortedException",
    message: "The request was aborted before its body was complete.",
};
pub(crate) static BODIES_PENDING: Refusal = Refusal {
    reason: "bodies-pending",
    status: 503,
    code: "ServiceUnavailable",
    message: "Too many request bodies are being received at once; try again.",
};
pub(crate) static CALL_TIMEOUT: Refusal = Refusal {
    reason: "call-timeout",
    status: 503,
    code: "ServiceUnavailable",
    message: "The call did not finish within the time allowed; it may still take effect.",
};
