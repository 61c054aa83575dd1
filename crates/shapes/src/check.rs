//! The constraints of a model, and AWS's text for what breaks them.

use serde_json::Value;

use crate::{Error, Kind, Member, Pattern, Service, Shape, common};

/// Violations that are reported; the rest of the input is then no longer looked at.
const MAX_VIOLATIONS: usize = 20;
/// Characters of a value that an error text repeats.
const MAX_ECHO: usize = 200;
/// Levels of structures, lists and maps.
const MAX_DEPTH: usize = 32;

/// Texts by which IAM reports a value that breaks one of these patterns, and nothing else is wrong.
const IAM_TEXTS: &[(&str, &str)] = &[
    (r"[\w+=,.@-]+", "It must contain only alphanumeric characters and/or the following: +=,.@_-"),
    (
        r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)",
        "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ),
    (
        r"((/[A-Za-z0-9\.,\+@=_-]+)*)/",
        "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ),
    (r"[\u0009\u000A\u000D\u0020-\u00FF]+", "It must contain only printable ASCII characters."),
];

/// Checks a request's tree against every constraint of its shape.
///
/// The error is one `ValidationError` that lists the violations as AWS does: `2 validation errors detected: Value 'x' at
/// 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2; …`.
pub fn check(service: &Service, shape: &Shape, tree: &Value) -> Result<(), Error> {
    let mut found = Violations { service, list: Vec::new() };
    found.walk(shape, tree, &Path::Root, 0);
    match found.list.as_slice() {
        [] => Ok(()),
        [only] => Err(common::validation_error(match &only.text {
            Some(text) => text.clone(),
            None => format!("1 validation error detected: {}", only.constraint),
        })),
        several => {
            let constraints: Vec<&str> = several.iter().map(|violation| violation.constraint.as_str()).collect();
            Err(common::validation_error(format!(
                "{} validation errors detected: {}",
                constraints.len(),
                constraints.join("; ")
            )))
        }
    }
}

/// Where a value stands in the input, as a list of names that grows towards the leaf.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
    Part(&'a Path<'a>, &'static str),
}

impl std::fmt::Display for Path<'_> {
    /// AWS's form: `tags.1.member.key`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Path::Member(parent, _) | Path::Index(parent, _) | Path::Part(parent, _)) = self else { return Ok(()) };
        if !matches!(parent, Path::Root) {
            write!(f, "{parent}.")?;
        }
        match self {
            Path::Root => Ok(()),
            Path::Member(_, name) => {
                let mut characters = name.chars();
                let first = characters.next().map(|first| first.to_ascii_lowercase());
                write!(f, "{}{}", first.map(String::from).unwrap_or_default(), characters.as_str())
            }
            Path::Index(_, index) => write!(f, "{}.member", index + 1),
            Path::Part(_, part) => f.write_str(part),
        }
    }
}

struct Violation {
    /// `Value 'x' at 'userName' failed to satisfy constraint: …`
    constraint: String,
    /// IAM's own text, used when this violation is the only one.
    text: Option<String>,
}

struct Violations<'a> {
    service: &'a Service,
    list: Vec<Violation>,
}

impl Violations<'_> {
    fn walk(&mut self, shape: &Shape, tree: &Value, path: &Path<'_>, depth: usize) {
        if self.list.len() >= MAX_VIOLATIONS {
            return;
        }
        if depth > MAX_DEPTH {
            return self.add(shape, tree, path, "Member must not be nested deeper".to_owned());
        }
        match (&shape.kind, tree) {
            (Kind::Structure(members), Value::Object(_)) => self.members(members, tree, path, depth),
            (Kind::Union(members), Value::Object(_)) => {
                self.members(members, tree, path, depth);
                if members.iter().filter(|member| tree.get(member.name).is_some_and(|tree| !tree.is_null())).count()
                    != 1
                {
                    self.add(shape, tree, path, "Member must have exactly one member set".to_owned());
                }
            }
            (Kind::List(list), Value::Array(elements)) => {
                self.length(shape, tree, path, elements.len(), list.min, list.max);
                for (index, element) in elements.iter().enumerate() {
                    self.walk(list.member, element, &Path::Index(path, index), depth + 1);
                }
            }
            (Kind::Map(map), Value::Object(entries)) => {
                self.length(shape, tree, path, entries.len(), map.min, map.max);
                for (key, value) in entries {
                    self.text(map.key, key, &Path::Part(path, "key"));
                    self.walk(map.value, value, &Path::Part(path, "value"), depth + 1);
                }
            }
            (Kind::String { .. }, Value::String(text)) => self.text(shape, text, path),
            (Kind::Integer(bounds) | Kind::Long(bounds), Value::Number(number)) => {
                // A number beyond 64 bits is beyond every bound as well.
                let number = number.as_i64();
                if let Some(min) = bounds.min.filter(|min| number.is_some_and(|number| number < *min)) {
                    self.add(shape, tree, path, format!("Member must have value greater than or equal to {min}"));
                }
                if let Some(max) = bounds.max.filter(|max| number.is_none_or(|number| number > *max)) {
                    self.add(shape, tree, path, format!("Member must have value less than or equal to {max}"));
                }
            }
            (Kind::Blob { min, max }, Value::String(text)) => {
                let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
                let length = (text.len() / 4 * 3).saturating_sub(padding);
                self.length(shape, tree, path, length, *min, *max);
            }
            // Types themselves are the decoder's and the typed value's business.
            _ => {}
        }
    }

    fn members(&mut self, members: &[Member], tree: &Value, path: &Path<'_>, depth: usize) {
        for member in members {
            let path = Path::Member(path, member.name);
            match tree.get(member.name) {
                None | Some(Value::Null) if member.required => {
                    self.add(member.shape, &Value::Null, &path, "Member must not be null".to_owned());
                }
                None | Some(Value::Null) => {}
                Some(value) => self.walk(member.shape, value, &path, depth + 1),
            }
        }
    }

    fn text(&mut self, shape: &Shape, text: &str, path: &Path<'_>) {
        let Kind::String { min, max, pattern, values } = &shape.kind else { return };
        let value = || Value::from(text);
        if min.is_some() || max.is_some() {
            self.length(shape, &value(), path, text.chars().count(), *min, *max);
        }
        if let Some(pattern) = pattern.filter(|pattern| !pattern.matches(text)) {
            let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.as_str());
            self.add(shape, &value(), path, constraint);
            if let Some(last) = self.list.last_mut() {
                last.text = own_text(self.service, pattern, path);
            }
        }
        if !values.is_empty() && !values.contains(&text) {
            self.add(shape, &value(), path, format!("Member must satisfy enum value set: [{}]", values.join(", ")));
        }
    }

    fn length(
        &mut self,
        shape: &Shape,
        tree: &Value,
        path: &Path<'_>,
        length: usize,
        min: Option<u32>,
        max: Option<u32>,
    ) {
        let below = |limit: &u32| usize::try_from(*limit).is_ok_and(|limit| length < limit);
        let above = |limit: &u32| usize::try_from(*limit).is_ok_and(|limit| length > limit);
        if let Some(max) = max.filter(above) {
            self.add(shape, tree, path, format!("Member must have length less than or equal to {max}"));
        }
        if let Some(min) = min.filter(below) {
            self.add(shape, tree, path, format!("Member must have length greater than or equal to {min}"));
        }
    }

    fn add(&mut self, shape: &Shape, tree: &Value, path: &Path<'_>, constraint: String) {
        if self.list.len() < MAX_VIOLATIONS {
            let subject = subject(self.service, shape, tree);
            let constraint = format!("{subject} at '{path}' failed to satisfy constraint: {constraint}");
            self.list.push(Violation { constraint, text: None });
        }
    }
}

/// How an error text names the value: IAM never repeats it, the other services do unless it is sensitive.
fn subject(service: &Service, shape: &Shape, tree: &Value) -> String {
    match tree {
        Value::Null => "Value null".to_owned(),
        _ if service.id == "iam" || shape.sensitive => "Value".to_owned(),
        Value::String(text) => format!("Value '{}'", echo(text.chars())),
        // A list or a structure may hold sensitive parts.
        Value::Array(_) | Value::Object(_) => "Value".to_owned(),
        scalar => format!("Value '{scalar}'"),
    }
}

fn echo(characters: impl Iterator<Item = char>) -> String {
    characters.take(MAX_ECHO).collect()
}

fn own_text(service: &Service, pattern: &Pattern, path: &Path<'_>) -> Option<String> {
    if service.id != "iam" {
        return None;
    }
    let (_, rule) = IAM_TEXTS.iter().find(|(source, _)| *source == pattern.as_str())?;
    Some(format!("The specified value for {path} is invalid. {rule}"))
}
