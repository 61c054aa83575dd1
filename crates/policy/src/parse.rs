//! From text to [`Document`]: the entry point, and the reading of elements that all kinds of policy share.

use crate::document::{Clause, Condition, Document, PolicyType, Span, Spanned, Version};
use crate::error::{PolicyError, Problem};
use crate::json::{Json, Member, Value};
use crate::operator::Operator;
use crate::validate::{access, identity, organization};

#[cfg(test)]
mod tests;

impl Document {
    /// Parses and validates a document of the given kind (User Guide, "Grammar of the IAM JSON policy language").
    ///
    /// The text is kept as submitted. What needs knowledge beyond the text is left to the caller: quotas, allowed
    /// characters of the API's parameter ([`check_characters`](crate::size::check_characters)), and whether the
    /// principals exist ([`Document::principals`]).
    ///
    /// # Errors
    /// The first fault, in the order in which AWS checks, with AWS's message.
    pub fn parse(text: &str, kind: PolicyType) -> Result<Document, PolicyError> {
        match kind {
            PolicyType::Managed | PolicyType::Inline | PolicyType::Session => identity::parse(text, kind),
            PolicyType::Trust | PolicyType::Resource | PolicyType::VpcEndpoint => access::parse(text, kind),
            PolicyType::ServiceControl | PolicyType::ResourceControl => organization::parse(text, kind),
        }
    }
}

/// The elements of the document itself.
pub(crate) const TOP_ELEMENTS: &[&str] = &["Version", "Id", "Statement"];

/// The elements of a statement, of all kinds of policy.
pub(crate) const STATEMENT_ELEMENTS: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// The members of an object, looked up by name.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'v, 'a> {
    pub(crate) span: Span,
    members: &'v [Member<'a>],
}

impl<'v, 'a> Fields<'v, 'a> {
    pub(crate) fn of(value: &'v Value<'a>, what: &str) -> Result<Self, Problem> {
        match &value.value {
            Json::Object(members) => Ok(Fields { span: value.span, members }),
            other => Err(Problem::new(value.span, format!("{what} must be an object, not {}.", other.describe()))),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'v Member<'a>> {
        self.members.iter().find(|member| member.key.value == name)
    }

    /// The first member that is none of the elements known; names are case-sensitive.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&'v Member<'a>> {
        self.members.iter().find(|member| !known.contains(&member.key.value.as_ref()))
    }

    pub(crate) fn refuse_unknown(&self, known: &[&str]) -> Result<(), Problem> {
        self.unknown(known).map_or(Ok(()), |member| Err(unknown_element(member, known)))
    }

    /// The element or its `Not…` form, but not both, even if one is empty.
    pub(crate) fn either(&self, name: &str, not_name: &str) -> Result<Option<&'v Member<'a>>, Problem> {
        match (self.get(name), self.get(not_name)) {
            (Some(_), Some(second)) => Err(Problem::new(
                second.key.span,
                format!("A statement has either `{name}` or `{not_name}`, not both."),
            )),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// The text of an element that must be a string where it is present.
    pub(crate) fn string(&self, name: &str) -> Result<Option<Spanned<String>>, Problem> {
        self.get(name).map(|member| string(&member.value, name)).transpose()
    }
}

/// Explains an element that does not belong here, and guesses which one was meant.
pub(crate) fn unknown_element(member: &Member<'_>, known: &[&str]) -> Problem {
    let key = member.key.value.as_ref();
    let detail = match known.iter().find(|name| name.eq_ignore_ascii_case(key)) {
        Some(meant) => format!("There is no element `{key}`; names are case-sensitive: write `{meant}`."),
        None => format!("There is no element `{key}` here; the elements are {}.", known.join(", ")),
    };
    Problem::new(member.key.span, detail)
}

/// A value that must be a string.
pub(crate) fn string(value: &Value<'_>, what: &str) -> Result<Spanned<String>, Problem> {
    match &value.value {
        Json::String(text) => Ok(Spanned { value: text.clone().into_owned(), span: value.span }),
        other => Err(Problem::new(value.span, format!("`{what}` must be a string, not {}.", other.describe()))),
    }
}

/// The `Version` element; none where it is absent.
pub(crate) fn version(fields: &Fields<'_, '_>) -> Result<Option<Spanned<Version>>, Problem> {
    let Some(text) = fields.string("Version")? else { return Ok(None) };
    let value = match text.value.as_str() {
        "2008-10-17" => Version::V2008,
        "2012-10-17" => Version::V2012,
        _ => {
            let detail = "`Version` names the policy language, not your policy: write `2012-10-17`.";
            return Err(Problem::new(text.span, detail));
        }
    };
    Ok(Some(Spanned { value, span: text.span }))
}

/// The statements: one object, or the objects of an array (which may be empty: the caller's to refuse).
pub(crate) fn statements<'v, 'a>(value: &'v Value<'a>) -> Result<Vec<Fields<'v, 'a>>, Problem> {
    match &value.value {
        Json::Array(values) => values.iter().map(|one| Fields::of(one, "Each element of `Statement`")).collect(),
        _ => Fields::of(value, "`Statement`").map(|one| vec![one]),
    }
}

/// A list of strings as written.
pub(crate) struct List {
    /// The entries.
    pub(crate) clause: Clause,
    /// The place of the whole value.
    pub(crate) span: Span,
    /// Whether the text holds an empty array: not the same as no entries, which a list of `null`s has too.
    pub(crate) empty: bool,
}

/// Reads `Action`, `Resource` and their `Not…` forms: a string or an array of strings.
///
/// `nulls`: whether `null` elements are tolerated, as IAM does in identity policies. They match nothing: they vanish.
pub(crate) fn list(member: &Member<'_>, nulls: bool) -> Result<List, Problem> {
    let name = member.key.value.as_ref();
    let value = &member.value;
    let (entries, empty) = match &value.value {
        Json::Array(values) => {
            let kept = values.iter().filter(|one| !(nulls && one.value == Json::Null));
            (kept.map(|one| string(one, name)).collect::<Result<_, _>>()?, values.is_empty())
        }
        _ => (vec![string(value, name)?], false),
    };
    Ok(List { clause: Clause { negated: name.starts_with("Not"), entries }, span: value.span, empty })
}

/// Reads `Condition`, absent or not, into one entry per operator and key.
///
/// An operator without keys adds no constraint, whatever its name; with keys it must be one that exists.
pub(crate) fn conditions(fields: &Fields<'_, '_>) -> Result<Vec<Condition>, Problem> {
    let mut conditions = Vec::new();
    let Some(element) = fields.get("Condition") else { return Ok(conditions) };
    for block in Fields::of(&element.value, "`Condition`")?.members {
        let keys = Fields::of(&block.value, "Each operator's value in `Condition`")?.members;
        if keys.is_empty() {
            continue;
        }
        let operator = operator(block)?;
        for key in keys {
            conditions.push(Condition {
                operator: Spanned { value: operator, span: block.key.span },
                key: Spanned { value: key.key.value.clone().into_owned(), span: key.key.span },
                values: values(&key.value)?,
            });
        }
    }
    Ok(conditions)
}

/// The operator that makes [`conditions`] fail by not existing, if that is why it fails.
pub(crate) fn unknown_operator(fields: &Fields<'_, '_>, problem: &Problem) -> Option<String> {
    let element = fields.get("Condition")?;
    let blocks = Fields::of(&element.value, "").ok()?.members;
    let block = blocks.iter().find(|block| block.key.span == problem.span)?;
    Some(block.key.value.clone().into_owned())
}

fn operator(block: &Member<'_>) -> Result<Operator, Problem> {
    let name = block.key.value.as_ref();
    Operator::parse(name).ok_or_else(|| {
        let detail = format!("There is no condition operator `{name}`; names are case-sensitive.");
        Problem::new(block.key.span, detail)
    })
}

/// The values of one condition key: a scalar or an array of them, as text.
fn values(value: &Value<'_>) -> Result<Vec<Spanned<String>>, Problem> {
    let values = match &value.value {
        Json::Array(values) => values.iter().collect(),
        _ => vec![value],
    };
    values.into_iter().map(scalar).collect()
}

fn scalar(value: &Value<'_>) -> Result<Spanned<String>, Problem> {
    let text = match &value.value {
        Json::String(text) => text.clone().into_owned(),
        Json::Number(literal) => (*literal).to_owned(),
        Json::Bool(flag) => flag.to_string(),
        other => {
            let detail = format!("A condition's value is a string, a number or a boolean, not {}.", other.describe());
            return Err(Problem::new(value.span, detail));
        }
    };
    Ok(Spanned { value: text, span: value.span })
}
