//! The form of the facts: services, operations, shapes. The tables themselves are generated.

use crate::Pattern;

/// How a service's messages are laid out on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// Form parameters in, XML out (`awsQuery`).
    Query,
    /// JSON in and out, the operation named by `X-Amz-Target` (`awsJson1_1`).
    Json11,
    /// JSON in and out, the operation named by method and path (`restJson1`).
    RestJson,
}

/// One service, as its AWS model describes it.
pub struct Service {
    /// Name of the model and of this crate's module, with hyphens: `iam`, `sso-admin`.
    pub id: &'static str,
    /// AWS's service id: `IAM`, `SSO Admin`.
    pub service_id: &'static str,
    /// Date of the API, the `Version` parameter of query services.
    pub api_version: &'static str,
    /// Layout on the wire.
    pub protocol: Protocol,
    /// First label of AWS's host names for the service.
    pub endpoint_prefix: &'static str,
    /// Service name in a signature's credential scope.
    pub signing_name: &'static str,
    /// Prefix of `X-Amz-Target` (JSON 1.1 services).
    pub target_prefix: Option<&'static str>,
    /// Namespace of the response documents (query services).
    pub xml_namespace: Option<&'static str>,
    /// `eventSource` of its CloudTrail events.
    pub event_source: &'static str,
    /// All operations, sorted by name.
    pub operations: &'static [Operation],
}

impl Service {
    /// The operation of exactly this name; letter case counts.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        let index = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        self.operations.get(index)
    }
}

/// One operation of a service.
pub struct Operation {
    /// `CreateUser`.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Request URI: a path with `{Label}` segments, perhaps with a fixed query string.
    pub uri: &'static str,
    /// HTTP status of success.
    pub status: u16,
    /// Structure of the request.
    pub input: Option<&'static Shape>,
    /// Structure of the response.
    pub output: Option<&'static Shape>,
    /// Element around the output members (query services).
    pub result_wrapper: Option<&'static str>,
    /// Errors that the model declares for the operation.
    pub errors: &'static [&'static ErrorShape],
    /// Whether the model says that requests are not signed.
    pub anonymous: bool,
    /// How the operation pages, if the SDKs have a paginator for it.
    pub pagination: Option<Pagination>,
}

/// One exception shape of a model.
pub struct ErrorShape {
    /// Name of the exception: `NoSuchEntityException`.
    pub name: &'static str,
    /// Code on the wire: `NoSuchEntity`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
}

/// Member names by which an operation pages.
#[derive(Clone, Copy)]
pub struct Pagination {
    /// Request member that carries the token.
    pub input_token: &'static str,
    /// Response member that carries the next token.
    pub output_token: &'static str,
    /// Request member that limits a page.
    pub limit_key: Option<&'static str>,
    /// Response member that says whether there is more.
    pub more_results: Option<&'static str>,
    /// Response members that hold a page's items.
    pub result_key: &'static [&'static str],
}

/// One shape of a model.
pub struct Shape {
    /// The model's name for it: `userNameType`.
    pub name: &'static str,
    /// Secret: never in logs, events or error texts.
    pub sensitive: bool,
    /// What it is, with its constraints.
    pub kind: Kind,
}

impl Shape {
    /// Members of a structure or union; none for other kinds.
    pub fn members(&self) -> &'static [Member] {
        match self.kind {
            Kind::Structure(members) | Kind::Union(members) => members,
            _ => &[],
        }
    }

    /// The member of exactly this name.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        self.members().iter().find(|member| member.name == name)
    }
}

/// What a shape is. Lengths are in characters (strings), bytes (blobs) or elements (lists, maps).
pub enum Kind {
    /// Named members.
    Structure(&'static [Member]),
    /// Named members of which exactly one is set.
    Union(&'static [Member]),
    /// Elements of one shape.
    List(List),
    /// Values by text keys.
    Map(Map),
    /// Text, or an enumeration if `values` is not empty.
    String {
        /// Least length.
        min: Option<u32>,
        /// Greatest length.
        max: Option<u32>,
        /// Pattern that the whole text must match.
        pattern: Option<&'static Pattern>,
        /// The only values of an enumeration.
        values: &'static [&'static str],
    },
    /// 32-bit number.
    Integer(Bounds),
    /// 64-bit number.
    Long(Bounds),
    /// Floating-point number, single precision on the wire's other side.
    Float,
    /// Floating-point number.
    Double,
    /// Truth value.
    Boolean,
    /// Bytes; base64 text in the tree.
    Blob {
        /// Least length.
        min: Option<u32>,
        /// Greatest length.
        max: Option<u32>,
    },
    /// Point in time; RFC 3339 text in the tree. Without a format the protocol's default holds.
    Timestamp(Option<TimestampFormat>),
    /// Any JSON.
    Document,
}

/// Facts of a list shape.
pub struct List {
    /// Shape of the elements.
    pub member: &'static Shape,
    /// Name of the elements on the wire, `member` if absent (query).
    pub location_name: Option<&'static str>,
    /// Elements stand directly under the list's own name (query).
    pub flattened: bool,
    /// Least number of elements.
    pub min: Option<u32>,
    /// Greatest number of elements.
    pub max: Option<u32>,
}

/// Facts of a map shape.
pub struct Map {
    /// Shape of the keys.
    pub key: &'static Shape,
    /// Shape of the values.
    pub value: &'static Shape,
    /// Name of a key on the wire, `key` if absent (query).
    pub key_name: Option<&'static str>,
    /// Name of a value on the wire, `value` if absent (query).
    pub value_name: Option<&'static str>,
    /// Entries stand directly under the map's own name (query).
    pub flattened: bool,
    /// Least number of entries.
    pub min: Option<u32>,
    /// Greatest number of entries.
    pub max: Option<u32>,
}

/// Bounds of a number, both inclusive.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Least value.
    pub min: Option<i64>,
    /// Greatest value.
    pub max: Option<i64>,
}

/// Form of a timestamp on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimestampFormat {
    /// `2026-01-02T03:04:05Z`.
    Iso8601,
    /// Seconds since 1970.
    UnixTimestamp,
    /// `Fri, 02 Jan 2026 03:04:05 GMT`.
    Rfc822,
}

/// One member of a structure.
#[derive(Clone, Copy)]
pub struct Member {
    /// Name in the model and in the tree.
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static Shape,
    /// Must be present in a request.
    pub required: bool,
    /// Name on the wire where it differs from `name`.
    pub location_name: Option<&'static str>,
    /// Part of the HTTP message that carries it (REST services).
    pub location: Location,
}

impl Member {
    /// A member that may be absent.
    pub const fn optional(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, shape, required: false, location_name: None, location: Location::Body }
    }

    /// A member that must be present.
    pub const fn required(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, shape, required: true, location_name: None, location: Location::Body }
    }

    /// The name on the wire.
    pub fn wire_name(&self) -> &'static str {
        self.location_name.unwrap_or(self.name)
    }
}

/// Part of an HTTP message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Location {
    /// A member of the body's object.
    Body,
    /// The whole body.
    Payload,
    /// A label of the path.
    Uri,
    /// A parameter of the query string.
    Query,
    /// A header.
    Header,
}
