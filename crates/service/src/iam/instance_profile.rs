//! Instance profiles (IAM API Reference: CreateInstanceProfile, GetInstanceProfile, ListInstanceProfiles,
//! ListInstanceProfilesForRole, AddRoleToInstanceProfile, RemoveRoleFromInstanceProfile, DeleteInstanceProfile,
//! TagInstanceProfile, UntagInstanceProfile, ListInstanceProfileTags).

use std::sync::Arc;

use doorward_directory::{Account, InstanceProfile, ReferenceKind, id, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use super::room::check_room;
use super::{role, tag};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{Page, PageRequest, page};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("CreateInstanceProfile", new_profile, create_profile),
        Op::read(
            "GetInstanceProfile",
            |scope, input: &api::GetInstanceProfileRequest| target(scope, &input.instance_profile_name),
            get_profile,
        ),
        Op::read("ListInstanceProfiles", listed, list_profiles),
        Op::read(
            "ListInstanceProfilesForRole",
            |scope, input: &api::ListInstanceProfilesForRoleRequest| Ok(vec![scope.role(&input.role_name)]),
            list_profiles_for_role,
        ),
        Op::write("AddRoleToInstanceProfile", passed, add_role),
        Op::write(
            "RemoveRoleFromInstanceProfile",
            |scope, input: &api::RemoveRoleFromInstanceProfileRequest| target(scope, &input.instance_profile_name),
            remove_role,
        ),
        Op::write(
            "DeleteInstanceProfile",
            |scope, input: &api::DeleteInstanceProfileRequest| target(scope, &input.instance_profile_name),
            delete_profile,
        ),
        Op::write("TagInstanceProfile", tagged, tag_profile),
        Op::write("UntagInstanceProfile", untagged, untag_profile),
        Op::read(
            "ListInstanceProfileTags",
            |scope, input: &api::ListInstanceProfileTagsRequest| target(scope, &input.instance_profile_name),
            list_profile_tags,
        ),
    ]
}

fn target(scope: &Scope<'_>, name: &str) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.instance_profile(name)])
}

fn new_profile(scope: &Scope<'_>, input: &api::CreateInstanceProfileRequest) -> Result<Vec<Target>, Error> {
    let path = input.path.as_deref().unwrap_or("/");
    let target = scope
        .arn(scope.account.arn("instance-profile", path, &input.instance_profile_name))
        .request_tags(input.tags.as_deref().map(tag::pairs));
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagInstanceProfile"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn listed(scope: &Scope<'_>, input: &api::ListInstanceProfilesRequest) -> Result<Vec<Target>, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    Ok(vec![scope.arn(scope.account.arn("instance-profile", prefix, ""))])
}

/// Whoever adds a role passes it to EC2, and must be allowed to (API Reference, AddRoleToInstanceProfile). The role's
/// tags say nothing about that (User Guide, "Grant a user permissions to pass a role to an AWS service").
fn passed(scope: &Scope<'_>, input: &api::AddRoleToInstanceProfileRequest) -> Result<Vec<Target>, Error> {
    let passed = scope.arn(scope.role(&input.role_name).arn).also("iam:PassRole");
    Ok(vec![
        scope.instance_profile(&input.instance_profile_name),
        passed.key("iam:PassedToService", "ec2.amazonaws.com"),
    ])
}

fn tagged(scope: &Scope<'_>, input: &api::TagInstanceProfileRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.instance_profile(&input.instance_profile_name).request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagInstanceProfileRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![scope.instance_profile(&input.instance_profile_name).keys("aws:TagKeys", input.tag_keys.clone())])
}

fn profile<'a>(account: &'a Account, name: &str) -> Result<&'a Arc<InstanceProfile>, Error> {
    let missing = || error::no_such_entity(format!("Instance Profile {name} cannot be found."));
    account.instance_profiles().by_name(name).ok_or_else(missing)
}

fn changed(account: &Account, name: &str) -> Result<InstanceProfile, Error> {
    profile(account, name).map(|profile| InstanceProfile::clone(profile))
}

fn create_profile(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateInstanceProfileRequest,
) -> Result<api::CreateInstanceProfileResponse, Error> {
    let tags = tag::checked_exact(input.tags)?;
    let name = input.instance_profile_name;
    if account.instance_profiles().by_name(&name).is_some() {
        return Err(error::entity_already_exists(format!("Instance Profile {name} already exists.")));
    }
    check_room(account, &quota::INSTANCE_PROFILES, account.instance_profiles().len())?;
    let profile = InstanceProfile {
        id: cx.unique_id(id::INSTANCE_PROFILE),
        name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        created: cx.date(),
        role: None,
        tags,
    };
    let answer = api::InstanceProfile { tags: tag::list(&profile.tags), ..summary(cx, account, &profile) };
    account.put(profile);
    Ok(api::CreateInstanceProfileResponse { instance_profile: answer })
}

fn get_profile(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetInstanceProfileRequest,
) -> Result<api::GetInstanceProfileResponse, Error> {
    let profile = profile(account, &input.instance_profile_name)?;
    // An empty list where there are none.
    let tags = Some(profile.tags.iter().map(tag::api).collect());
    let answer = api::InstanceProfile { tags, ..summary(cx, account, profile) };
    Ok(api::GetInstanceProfileResponse { instance_profile: answer })
}

fn list_profiles(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListInstanceProfilesRequest,
) -> Result<api::ListInstanceProfilesResponse, Error> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let page = page_of(cx, account, &[prefix], input.marker.as_deref(), input.max_items, |profile| {
        profile.path.starts_with(prefix)
    })?;
    Ok(api::ListInstanceProfilesResponse {
        instance_profiles: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

/// The instance profiles of a role, with their tags, by name.
pub(super) fn of_role(cx: &Cx<'_>, account: &Account, role_id: &str) -> Vec<api::InstanceProfile> {
    let ids = account.referrers(role_id, ReferenceKind::InstanceProfileRole);
    let mut profiles: Vec<_> = ids.filter_map(|id| account.instance_profiles().by_id(id)).collect();
    profiles.sort_by_key(|profile| profile.name.to_ascii_lowercase());
    let detailed = |profile: &InstanceProfile| api::InstanceProfile {
        tags: tag::list(&profile.tags),
        ..summary(cx, account, profile)
    };
    profiles.into_iter().map(|profile| detailed(profile)).collect()
}

fn list_profiles_for_role(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListInstanceProfilesForRoleRequest,
) -> Result<api::ListInstanceProfilesForRoleResponse, Error> {
    let role = role::role(account, &input.role_name)?;
    let page = page_of(cx, account, &[&role.id], input.marker.as_deref(), input.max_items, |profile| {
        profile.role.as_ref() == Some(&role.id)
    })?;
    Ok(api::ListInstanceProfilesForRoleResponse {
        instance_profiles: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn page_of(
    cx: &Cx<'_>,
    account: &Account,
    list: &[&str],
    marker: Option<&str>,
    max_items: Option<i32>,
    wanted: impl Fn(&InstanceProfile) -> bool,
) -> Result<Page<api::InstanceProfile>, Error> {
    page(
        cx,
        &PageRequest { list, marker, max_items },
        |after| account.instance_profiles().after(after).filter(|profile| wanted(profile)),
        |profile| &profile.name,
        |profile| summary(cx, account, profile),
    )
}

fn add_role(_: &Cx<'_>, account: &mut Account, input: api::AddRoleToInstanceProfileRequest) -> Result<(), Error> {
    let profile = changed(account, &input.instance_profile_name)?;
    let role = role::modifiable(account, &input.role_name)?;
    if profile.role.is_some() {
        return Err(error::limit_exceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"));
    }
    account.put(InstanceProfile { role: Some(role.id), ..profile });
    Ok(())
}

fn remove_role(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::RemoveRoleFromInstanceProfileRequest,
) -> Result<(), Error> {
    let profile = changed(account, &input.instance_profile_name)?;
    let role = role::modifiable(account, &input.role_name)?;
    if profile.role.as_ref() != Some(&role.id) {
        let text = format!("Role {} in Instance Profile {} cannot be found.", role.name, profile.name);
        return Err(error::no_such_entity(text));
    }
    account.put(InstanceProfile { role: None, ..profile });
    Ok(())
}

fn delete_profile(_: &Cx<'_>, account: &mut Account, input: api::DeleteInstanceProfileRequest) -> Result<(), Error> {
    let profile = changed(account, &input.instance_profile_name)?;
    if profile.role.is_some() {
        return Err(in_profile());
    }
    account.remove::<InstanceProfile>(&profile.id);
    Ok(())
}

/// A role that is in an instance profile, and an instance profile with a role, cannot be deleted.
fn in_profile() -> Error {
    error::delete_conflict("Cannot delete entity, must remove roles from instance profile first.")
}

/// Refuses to go on with a role that is in an instance profile.
pub(super) fn check_in_none(account: &Account, role_id: &str) -> Result<(), Error> {
    match account.referrers(role_id, ReferenceKind::InstanceProfileRole).next() {
        Some(_) => Err(in_profile()),
        None => Ok(()),
    }
}

fn tag_profile(_: &Cx<'_>, account: &mut Account, input: api::TagInstanceProfileRequest) -> Result<(), Error> {
    let mut profile = changed(account, &input.instance_profile_name)?;
    tag::add_exact(&mut profile.tags, input.tags)?;
    account.put(profile);
    Ok(())
}

fn untag_profile(_: &Cx<'_>, account: &mut Account, input: api::UntagInstanceProfileRequest) -> Result<(), Error> {
    let mut profile = changed(account, &input.instance_profile_name)?;
    tag::remove_exact(&mut profile.tags, &input.tag_keys);
    account.put(profile);
    Ok(())
}

fn list_profile_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListInstanceProfileTagsRequest,
) -> Result<api::ListInstanceProfileTagsResponse, Error> {
    let profile = profile(account, &input.instance_profile_name)?;
    let page = tag::page_exact(cx, &profile.id, &profile.tags, input.marker.as_deref(), input.max_items)?;
    Ok(api::ListInstanceProfileTagsResponse {
        tags: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

/// An instance profile as lists show it: without tags (API Reference, ListInstanceProfiles).
fn summary(cx: &Cx<'_>, account: &Account, profile: &InstanceProfile) -> api::InstanceProfile {
    let role = profile.role.as_deref().and_then(|id| account.roles().by_id(id));
    api::InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: account.instance_profile_arn(profile),
        create_date: profile.created,
        roles: role.map(|role| role::embedded(cx, account, role)).into_iter().collect(),
        tags: None,
    }
}
