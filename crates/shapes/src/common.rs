//! Errors that every service can answer (AWS: "Common Errors" of the IAM and STS API references).
//!
//! Codes are those of the query services.

use crate::Error;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal;)*) => {
        $($(#[$doc])* pub fn $name(message: impl Into<String>) -> Error { Error::new($code, $status, message) })*
    };
}

errors! {
    /// The caller is known but may not do this.
    access_denied = 403 "AccessDenied";
    /// The temporary credentials of the request have expired.
    expired_token = 403 "ExpiredToken";
    /// The signature does not conform to AWS's standards.
    incomplete_signature = 400 "IncompleteSignature";
    /// The service failed.
    internal_failure = 500 "InternalFailure";
    /// The operation is unknown.
    invalid_action = 400 "InvalidAction";
    /// The access key or security token is unknown.
    invalid_client_token_id = 403 "InvalidClientTokenId";
    /// Parameters that must not be used together.
    invalid_parameter_combination = 400 "InvalidParameterCombination";
    /// A parameter has a bad value.
    invalid_parameter_value = 400 "InvalidParameterValue";
    /// A value has the wrong type.
    malformed_input = 400 "MalformedInput";
    /// The query string or form has a syntax error.
    malformed_query_string = 404 "MalformedQueryString";
    /// No `Action` parameter.
    missing_action = 400 "MissingAction";
    /// The request is not signed at all.
    missing_authentication_token = 403 "MissingAuthenticationToken";
    /// A required parameter is missing.
    missing_parameter = 400 "MissingParameter";
    /// The access key needs a subscription to the service.
    opt_in_required = 403 "OptInRequired";
    /// The request came more than 15 minutes from its date, or after a presigned URL's expiry.
    request_expired = 400 "RequestExpired";
    /// The body is not valid JSON of the expected types (JSON services).
    serialization_exception = 400 "SerializationException";
    /// The service is overloaded or not ready.
    service_unavailable = 503 "ServiceUnavailable";
    /// The signature is not the one that the secret gives.
    signature_does_not_match = 403 "SignatureDoesNotMatch";
    /// Too many requests.
    throttling = 400 "Throttling";
    /// The path names no operation (REST services).
    unknown_operation = 404 "UnknownOperationException";
    /// Input breaks a constraint of the model.
    validation_error = 400 "ValidationError";
}
