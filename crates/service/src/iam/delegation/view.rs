//! Delegation requests as the API gives them.

use doorward_directory::{DelegationState, TemplateParameter};
use doorward_shapes::iam as api;
use jiff::Timestamp;

use super::template;
use crate::delegation::Found;

/// Characters of `RequestorName`.
const NAME_CHARS: usize = 30;

pub(super) fn request(found: &Found, now: Timestamp) -> api::DelegationRequest {
    let request = found.request();
    let delegation = match found {
        Found::Assigned(delegation) => Some(delegation),
        Found::Unassigned(_) => None,
    };
    api::DelegationRequest {
        delegation_request_id: Some(request.id.clone()),
        owner_account_id: Some(request.owner_account_id.clone()),
        description: Some(request.description.clone()),
        request_message: request.request_message.clone(),
        permissions: Some(api::DelegationPermission {
            policy_template_arn: Some(request.template_arn.clone()),
            parameters: Some(request.parameters.iter().map(parameter).collect()),
        }),
        permission_policy: Some(request.policy.text().to_owned()),
        role_permission_restriction_arns: Some(template::boundaries(request.policy.text())),
        owner_id: delegation.map(|delegation| delegation.owner.arn.clone()),
        approver_id: delegation.and_then(|delegation| Some(delegation.approver.as_ref()?.party.arn.clone())),
        state: Some(state(found, now)),
        expiration_time: Some(found.expires()),
        requestor_id: Some(request.requestor_id.clone()),
        requestor_name: Some(request.requestor_name.chars().take(NAME_CHARS).collect()),
        create_date: Some(request.created),
        session_duration: Some(request.session_duration),
        redirect_url: request.redirect_url.clone(),
        notes: delegation.and_then(|delegation| delegation.notes.clone()),
        rejection_reason: delegation.and_then(|delegation| delegation.rejection_reason.clone()),
        only_send_by_owner: Some(request.only_send_by_owner),
        updated_time: Some(delegation.map_or(request.created, |delegation| delegation.updated)),
    }
}

fn state(found: &Found, now: Timestamp) -> api::StateType {
    if found.is_expired(now) {
        return api::StateType::Expired;
    }
    match found.state() {
        None => api::StateType::Unassigned,
        Some(DelegationState::Assigned) => api::StateType::Assigned,
        Some(DelegationState::PendingApproval) => api::StateType::PendingApproval,
        Some(DelegationState::Accepted) => api::StateType::Accepted,
        Some(DelegationState::Finalized) => api::StateType::Finalized,
        Some(DelegationState::Rejected) => api::StateType::Rejected,
    }
}

fn parameter(parameter: &TemplateParameter) -> api::PolicyParameter {
    api::PolicyParameter {
        name: Some(parameter.name.clone()),
        values: Some(parameter.values.clone()),
        r#type: Some(match parameter.is_list {
            true => api::PolicyParameterTypeEnum::StringList,
            false => api::PolicyParameterTypeEnum::String,
        }),
    }
}
