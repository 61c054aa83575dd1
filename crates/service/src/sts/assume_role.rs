//! AssumeRole (STS API Reference).

use doorward_directory::Account;
use doorward_shapes::sts as api;
use doorward_shapes::{Error, common};

use super::issue;
use super::role_session::{self, Assumed, Bounds, Wanted};
use crate::authorize::refuse_root;
use crate::cx::Cx;
use crate::op::Op;
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![Op::issue("AssumeRole", targets, assume_role)]
}

fn wanted(input: &api::AssumeRoleRequest) -> Wanted<'_> {
    Wanted {
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        tags: input.tags.as_deref(),
        transitive_tag_keys: input.transitive_tag_keys.as_deref(),
        source_identity: input.source_identity.as_deref(),
    }
}

fn targets(scope: &Scope<'_>, input: &api::AssumeRoleRequest) -> Result<Vec<Target>, Error> {
    refuse_root(scope.cx)?;
    let (serial_number, code) = (input.serial_number.as_deref(), input.token_code.as_ref());
    // What it proves is a condition key of the call; the role's session does not keep it.
    issue::second_factor(scope.cx, scope.account, serial_number, code)?;
    role_session::targets(scope, &wanted(input), |target| target.key_if("sts:ExternalId", input.external_id.as_deref()))
}

fn assume_role(cx: &Cx<'_>, _: &Account, input: api::AssumeRoleRequest) -> Result<api::AssumeRoleResponse, Error> {
    if input.provided_contexts.as_ref().is_some_and(|contexts| !contexts.is_empty()) {
        return Err(common::invalid_parameter_value(
            "There is no context provider that ProvidedContexts could come from.",
        ));
    }
    let bounds = Bounds {
        duration_seconds: input.duration_seconds,
        policy: input.policy.as_deref(),
        policy_arns: input.policy_arns.as_deref(),
        minimum_token_size: input.minimum_session_token_size,
    };
    let Assumed { issued, user, packed_policy_size, source_identity } =
        role_session::assume(cx, &wanted(&input), &bounds, None)?;
    Ok(api::AssumeRoleResponse {
        credentials: Some(issued.credentials),
        assumed_role_user: Some(user),
        packed_policy_size,
        source_identity,
        session_token_utilization: Some(issued.token_utilization),
        session_token_size: Some(issued.token_size),
    })
}
