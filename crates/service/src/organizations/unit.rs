//! Organizational units: CreateOrganizationalUnit, DescribeOrganizationalUnit, UpdateOrganizationalUnit,
//! DeleteOrganizationalUnit, ListOrganizationalUnitsForParent.

use doorward_directory::{NodeKind, Organization, OrganizationalUnit, id};
use doorward_shapes::Error;
use doorward_shapes::organizations::{self as api, error};

use super::policy::defaults;
use super::target::{self, arn};
use super::{limit, listed, parent, tag};
use crate::cx::Cx;
use crate::op::Op;
use crate::world::random_u128;

/// Units in an organization (Organizations User Guide, "Quotas").
const UNITS: usize = 2_000;
/// How deep units can be in each other, below the root.
const DEPTH: usize = 5;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "CreateOrganizationalUnit",
            |scope, input: &api::CreateOrganizationalUnitRequest| {
                Ok(target::tagged(target::place(scope, &input.parent_id), input.tags.as_deref()))
            },
            create,
        ),
        Op::read(
            "DescribeOrganizationalUnit",
            |scope, input: &api::DescribeOrganizationalUnitRequest| {
                Ok(vec![target::place(scope, &input.organizational_unit_id)])
            },
            describe,
        ),
        Op::write(
            "UpdateOrganizationalUnit",
            |scope, input: &api::UpdateOrganizationalUnitRequest| {
                Ok(vec![target::place(scope, &input.organizational_unit_id)])
            },
            update,
        ),
        Op::write(
            "DeleteOrganizationalUnit",
            |scope, input: &api::DeleteOrganizationalUnitRequest| {
                Ok(vec![target::place(scope, &input.organizational_unit_id)])
            },
            delete,
        ),
        Op::read(
            "ListOrganizationalUnitsForParent",
            |scope, input: &api::ListOrganizationalUnitsForParentRequest| {
                Ok(vec![target::place(scope, &input.parent_id)])
            },
            list_for_parent,
        ),
    ]
}

fn unit(organization: &Organization, id: &str) -> Result<OrganizationalUnit, Error> {
    let unit = organization.units().by_id(id).map(|unit| OrganizationalUnit::clone(unit));
    unit.ok_or_else(|| error::organizational_unit_not_found("You specified an organizational unit that doesn't exist."))
}

fn free_name(organization: &Organization, parent: &str, name: &str) -> Result<(), Error> {
    let mut siblings = organization.children(parent, NodeKind::Unit).filter_map(|id| organization.units().by_id(id));
    match siblings.any(|unit| unit.name == name) {
        true => Err(error::duplicate_organizational_unit("An OU with the same name already exists.")),
        false => Ok(()),
    }
}

fn create(
    cx: &Cx<'_>,
    organization: &mut Organization,
    input: api::CreateOrganizationalUnitRequest,
) -> Result<api::CreateOrganizationalUnitResponse, Error> {
    parent(organization, &input.parent_id)?;
    free_name(organization, &input.parent_id, &input.name)?;
    if organization.lineage(&input.parent_id).len() > DEPTH {
        return Err(limit("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the maximum depth of the OU tree."));
    }
    if organization.units().len() >= UNITS {
        return Err(limit("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of OUs that you can have."));
    }
    let root = organization.root().map(|root| root.id.trim_start_matches("r-").to_owned()).unwrap_or_default();
    let unit = OrganizationalUnit {
        id: id::organization_id(&format!("ou-{root}-"), random_u128(cx.world()), 8),
        parent: input.parent_id,
        name: input.name,
        policies: defaults(organization),
        tags: tag::checked(input.tags)?,
    };
    let id = unit.id.clone();
    organization.put(unit);
    Ok(api::CreateOrganizationalUnitResponse {
        organizational_unit: Some(summary(organization, &self::unit(organization, &id)?)),
    })
}

fn describe(
    _: &Cx<'_>,
    organization: &Organization,
    input: api::DescribeOrganizationalUnitRequest,
) -> Result<api::DescribeOrganizationalUnitResponse, Error> {
    let unit = unit(organization, &input.organizational_unit_id)?;
    Ok(api::DescribeOrganizationalUnitResponse { organizational_unit: Some(summary(organization, &unit)) })
}

fn update(
    _: &Cx<'_>,
    organization: &mut Organization,
    input: api::UpdateOrganizationalUnitRequest,
) -> Result<api::UpdateOrganizationalUnitResponse, Error> {
    let mut unit = unit(organization, &input.organizational_unit_id)?;
    if let Some(name) = input.name.filter(|name| *name != unit.name) {
        free_name(organization, &unit.parent, &name)?;
        unit.name = name;
    }
    let answer = summary(organization, &unit);
    organization.put(unit);
    Ok(api::UpdateOrganizationalUnitResponse { organizational_unit: Some(answer) })
}

fn delete(
    _: &Cx<'_>,
    organization: &mut Organization,
    input: api::DeleteOrganizationalUnitRequest,
) -> Result<(), Error> {
    let id = unit(organization, &input.organizational_unit_id)?.id;
    let has = |kind| organization.children(&id, kind).next().is_some();
    if has(NodeKind::Unit) || has(NodeKind::Account) {
        return Err(error::organizational_unit_not_empty("The specified OU is not empty."));
    }
    organization.remove::<OrganizationalUnit>(&id);
    Ok(())
}

fn list_for_parent(
    cx: &Cx<'_>,
    organization: &Organization,
    input: api::ListOrganizationalUnitsForParentRequest,
) -> Result<api::ListOrganizationalUnitsForParentResponse, Error> {
    let parent = parent(organization, &input.parent_id)?.id();
    let units = organization.children(parent, NodeKind::Unit).filter_map(|id| organization.units().by_id(id));
    let from = (input.next_token.as_deref(), input.max_results);
    let page = listed(cx, &[parent], from, units, |unit| &unit.id, |unit| summary(organization, unit))?;
    Ok(api::ListOrganizationalUnitsForParentResponse {
        organizational_units: Some(page.items),
        next_token: page.marker,
    })
}

fn summary(organization: &Organization, unit: &OrganizationalUnit) -> api::OrganizationalUnit {
    api::OrganizationalUnit {
        id: Some(unit.id.clone()),
        arn: Some(arn(organization, "ou", &unit.id)),
        name: Some(unit.name.clone()),
        path: Some(organization.path(&unit.id)),
    }
}
