//! Tags: TagResource, UntagResource, ListTagsForResource. Keys are told apart by case.

use doorward_directory::{Organization, OrganizationPolicy, Tag, Tags, quota};
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::{invalid, limit, listed, target};
use crate::cx::Cx;
use crate::op::Op;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "TagResource",
            |scope, input: &api::TagResourceRequest| {
                let pairs = input.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
                Ok(vec![target::resource(scope, &input.resource_id).request_tags(Some(pairs))])
            },
            tag,
        ),
        Op::write(
            "UntagResource",
            |scope, input: &api::UntagResourceRequest| {
                let target = target::resource(scope, &input.resource_id);
                Ok(vec![target.keys("aws:TagKeys", input.tag_keys.clone())])
            },
            untag,
        ),
        Op::read(
            "ListTagsForResource",
            |scope, input: &api::ListTagsForResourceRequest| Ok(vec![target::resource(scope, &input.resource_id)]),
            list,
        ),
    ]
}

/// The tags of a request, checked.
pub(super) fn checked(tags: Option<Vec<api::Tag>>) -> Result<Tags, Error> {
    added(Tags::default(), tags.unwrap_or_default())
}

fn added(mut tags: Tags, request: Vec<api::Tag>) -> Result<Tags, Error> {
    for (index, tag) in request.iter().enumerate() {
        if request.iter().take(index).any(|other| other.key == tag.key) {
            return Err(invalid(
                "DUPLICATE_TAG_KEY",
                "Tag keys must be unique among the tags attached to the same entity.",
            ));
        }
        if tag.key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            let text = "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys.";
            return Err(invalid("INVALID_SYSTEM_TAGS_PARAMETER", text));
        }
    }
    for tag in request {
        tags.set_exact(Tag { key: tag.key, value: tag.value });
    }
    match tags.len() > quota::TAGS {
        true => Err(limit("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")),
        false => Ok(tags),
    }
}

/// The tags of a root, unit, account or policy of the organization's own.
fn tags<'a>(organization: &'a Organization, id: &str) -> Result<&'a Tags, Error> {
    let of_policy = || organization.policies().by_id(id).map(|policy| &policy.tags);
    let tags = organization.node(id).map(|node| node.tags()).or_else(of_policy);
    tags.ok_or_else(|| error::target_not_found("You specified a target that doesn't exist."))
}

fn put(organization: &mut Organization, id: &str, tags: Tags) {
    match organization.policies().by_id(id).map(|policy| OrganizationPolicy::clone(policy)) {
        Some(policy) => organization.put(OrganizationPolicy { tags, ..policy }),
        None => organization.put_tags(id, tags),
    }
}

fn tag(_: &Cx<'_>, organization: &mut Organization, input: api::TagResourceRequest) -> Result<(), Error> {
    let tags = added(tags(organization, &input.resource_id)?.clone(), input.tags)?;
    put(organization, &input.resource_id, tags);
    Ok(())
}

fn untag(_: &Cx<'_>, organization: &mut Organization, input: api::UntagResourceRequest) -> Result<(), Error> {
    let mut tags = tags(organization, &input.resource_id)?.clone();
    for key in &input.tag_keys {
        tags.remove_exact(key);
    }
    put(organization, &input.resource_id, tags);
    Ok(())
}

fn list(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Error> {
    let tags = tags(organization, &input.resource_id)?;
    let item = |tag: &&Tag| api::Tag { key: tag.key.clone(), value: tag.value.clone() };
    let from = (input.next_token.as_deref(), None);
    let page = listed(cx, &[&input.resource_id], from, tags.iter(), |tag| &tag.key, item)?;
    Ok(api::ListTagsForResourceResponse { tags: Some(page.items), next_token: page.marker })
}
