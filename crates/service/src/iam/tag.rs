//! Tags of IAM's resources (User Guide, "Tags for AWS Identity and Access Management resources").

use doorward_directory::{Tag, Tags, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use crate::cx::Cx;
use crate::page::{Page, PageRequest, page};

/// The tags of a request for a user or a role, checked: keys unique ignoring case, none that is AWS's own.
pub(super) fn checked(tags: Option<Vec<api::Tag>>) -> Result<Tags, Error> {
    let duplicate = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    collected(tags, duplicate, Tags::get, Tags::set)
}

/// The tags of a request for a resource of another kind: their keys are told apart by case (User Guide, "Tags for AWS
/// Identity and Access Management resources", case sensitivity).
pub(super) fn checked_exact(tags: Option<Vec<api::Tag>>) -> Result<Tags, Error> {
    collected(tags, "Duplicate tag keys found.", Tags::get_exact, Tags::set_exact)
}

fn collected(
    tags: Option<Vec<api::Tag>>,
    duplicate: &str,
    get: for<'t> fn(&'t Tags, &str) -> Option<&'t Tag>,
    set: fn(&mut Tags, Tag),
) -> Result<Tags, Error> {
    let mut out = Tags::default();
    for tag in tags.unwrap_or_default() {
        if get(&out, &tag.key).is_some() {
            return Err(error::invalid_input(duplicate));
        }
        if tag.key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            return Err(error::invalid_input("Tag keys that start with aws: are reserved for system use."));
        }
        set(&mut out, Tag { key: tag.key, value: tag.value });
    }
    Ok(out)
}

/// Adds the tags of a request to those of a user or a role.
pub(super) fn add(tags: &mut Tags, request: Vec<api::Tag>) -> Result<(), Error> {
    for tag in checked(Some(request))?.iter() {
        tags.set(tag.clone());
    }
    within_quota(tags)
}

/// The same for a resource whose tag keys are told apart by case.
pub(super) fn add_exact(tags: &mut Tags, request: Vec<api::Tag>) -> Result<(), Error> {
    for tag in checked_exact(Some(request))?.iter() {
        tags.set_exact(tag.clone());
    }
    within_quota(tags)
}

fn within_quota(tags: &Tags) -> Result<(), Error> {
    if tags.len() > quota::TAGS {
        return Err(error::limit_exceeded("The number of tags has reached the maximum limit."));
    }
    Ok(())
}

/// Takes tags away; keys that are not there are no error.
pub(super) fn remove(tags: &mut Tags, keys: &[String]) {
    for key in keys {
        tags.remove(key);
    }
}

/// The same for a resource whose tag keys are told apart by case.
pub(super) fn remove_exact(tags: &mut Tags, keys: &[String]) {
    for key in keys {
        tags.remove_exact(key);
    }
}

/// A page of the tags of a resource, named by its unique id, whose tag keys are told apart by case.
pub(super) fn page_exact(
    cx: &Cx<'_>,
    id: &str,
    tags: &Tags,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<api::Tag>, Error> {
    let after = |after: &str| {
        let after = after.to_owned();
        tags.iter().filter(move |tag| tag.key > after)
    };
    page(cx, &PageRequest { list: &[id], marker, max_items }, after, |tag| &tag.key, |tag| self::api(tag))
}

/// A tag as the API gives it.
pub(super) fn api(tag: &Tag) -> api::Tag {
    api::Tag { key: tag.key.clone(), value: tag.value.clone() }
}

/// Tags as a Get operation gives them: left out when there are none.
pub(super) fn list(tags: &Tags) -> Option<Vec<api::Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(api).collect())
}

/// Keys and values of a request's tags, for its condition keys.
pub(super) fn pairs(tags: &[api::Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}
