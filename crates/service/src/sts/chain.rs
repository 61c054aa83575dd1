//! What a role session gets from the request and from the session that it is made with: tags and source identity (User
//! Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed roles").

use doorward_directory::{Tag, Tags};
use doorward_shapes::sts as api;
use doorward_shapes::{Error, common};

use crate::caller::{Caller, Who};
use crate::session::Session;

/// Tags of a new session, and which of them go on.
#[derive(Default)]
pub(super) struct SessionTags {
    pub tags: Tags,
    pub transitive_keys: Vec<String>,
}

/// The role session that is chained from, if any.
fn calling_session(caller: &Caller) -> Option<&Session> {
    match caller.who {
        Who::Role { .. } => caller.session.as_ref(),
        _ => None,
    }
}

/// The tags that come down from the calling session.
pub(super) fn inherited(caller: &Caller) -> Vec<&Tag> {
    let Some(session) = calling_session(caller) else { return Vec::new() };
    session.transitive_tag_keys.iter().filter_map(|key| session.tags.get(key)).collect()
}

/// Whether the call needs `sts:TagSession`: tags are passed, or come down.
pub(super) fn needs_tag_session(caller: &Caller, tags: Option<&[api::Tag]>) -> bool {
    tags.is_some() || !inherited(caller).is_empty()
}

/// The session's tags: those passed and those that come down, which cannot be replaced.
pub(super) fn tags(
    caller: &Caller,
    passed: Option<&[api::Tag]>,
    transitive_keys: Option<&[String]>,
) -> Result<SessionTags, Error> {
    let mut out = SessionTags::default();
    for tag in passed.into_iter().flatten() {
        if out.tags.get(&tag.key).is_some() {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(common::invalid_parameter_value(text));
        }
        if tag.key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            return Err(common::invalid_parameter_value("Tag keys that start with aws: are reserved for system use."));
        }
        out.tags.set(Tag { key: tag.key.clone(), value: tag.value.clone() });
    }
    let inherited = inherited(caller);
    let comes_down = |key: &str| inherited.iter().any(|tag| tag.key.to_lowercase() == key.to_lowercase());
    for key in transitive_keys.into_iter().flatten() {
        if comes_down(key) {
            return Err(conflict());
        }
        let Some(tag) = out.tags.get(key) else {
            let text = "The specified transitive tag key must be included in the requested tags.";
            return Err(common::invalid_parameter_value(text));
        };
        out.transitive_keys.push(tag.key.clone());
    }
    if passed.into_iter().flatten().any(|tag| comes_down(&tag.key)) {
        return Err(conflict());
    }
    for tag in inherited {
        out.tags.set(tag.clone());
        out.transitive_keys.push(tag.key.clone());
    }
    Ok(out)
}

fn conflict() -> Error {
    common::invalid_parameter_value(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the \
         calling session.",
    )
}

/// The source identity of the new session: once set, it stays through every session that is chained from it.
pub(super) fn source_identity(caller: &Caller, requested: Option<&str>) -> Result<Option<String>, Error> {
    let held = caller.session.as_ref().and_then(|session| session.source_identity.as_deref());
    match (held, requested) {
        (Some(held), Some(requested)) if held != requested => {
            Err(common::access_denied("The source identity of the calling session cannot be changed."))
        }
        (_, Some(requested)) if requested.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) => {
            Err(common::validation_error("The value for sourceIdentity must not begin with aws:."))
        }
        (Some(identity), _) | (None, Some(identity)) => Ok(Some(identity.to_owned())),
        (None, None) => Ok(None),
    }
}
