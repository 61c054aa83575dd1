//! `CallerArn`: the simulated caller.

use doorward_directory::Account;
use doorward_policy::context::Context;
use doorward_policy::request::{Principal, RoleSession, User};
use doorward_shapes::Error;
use doorward_shapes::iam::error;

use super::source::{self, EntityArn, Source};
use crate::caller::{Caller, Who};
use crate::subject::{Subject, session_arn};

/// The name of a simulated role's session.
const SESSION: &str = "session";

/// Who asks, and what is known of it.
pub(super) struct Simulated {
    pub principal: Principal,
    pub account_id: String,
    pub context: Context<'static>,
    /// Resource-based policies are simulated for users alone.
    pub is_user: bool,
}

/// The caller with this ARN. Only the one whose policies are simulated is asked about with its tags and ids: of anybody
/// else, and in SimulateCustomPolicy, nobody is to learn those who may not ask for them.
pub(super) fn caller(account: &Account, arn: Option<&str>, source: Option<&str>) -> Result<Simulated, Error> {
    let Some(arn) = arn else {
        // Nobody in particular: no policy of a resource is asked, and no user has such a name.
        return Ok(imagined(&account.arn("user", "/", ""), EntityArn { account: account.id(), kind: "", name: "" }));
    };
    let entity = EntityArn::parse(arn).ok_or_else(|| {
        error::invalid_input("Invalid caller - Caller must be an IAM user, role or group in this context.")
    })?;
    let known = if source == Some(arn) { known(account, arn) } else { None };
    Ok(known.unwrap_or_else(|| imagined(arn, entity)))
}

fn known(account: &Account, arn: &str) -> Option<Simulated> {
    let (who, is_user) = match source::find(account, arn).ok()? {
        Source::User(user) => (Who::User { id: user.id.clone() }, true),
        Source::Role(role) => (Who::Role { id: role.id.clone(), session_name: SESSION.to_owned() }, false),
        Source::Group(_) => return None,
    };
    let account_id = account.id().to_owned();
    let caller = Caller { account_id: account_id.clone(), who, access_key_id: None, session: None };
    let subject = Subject::find(&caller, Some(account))?;
    let mut context = Context::new();
    subject.describe(&mut context);
    let principal = subject.with_layers(None, |principal, _| principal.clone());
    Some(Simulated { principal, account_id, context, is_user })
}

fn imagined(arn: &str, entity: EntityArn<'_>) -> Simulated {
    let mut context = Context::new().with("aws:PrincipalAccount", entity.account.to_owned());
    if matches!(entity.kind, "user" | "role") {
        context.insert("aws:PrincipalArn", arn.to_owned());
    }
    if entity.kind == "user" {
        context.insert("aws:PrincipalType", "User");
        context.insert("aws:username", entity.name.to_owned());
    }
    // Without an id it is nobody whom a saved policy could mean.
    let principal = match entity.kind {
        "role" => Principal::RoleSession(RoleSession {
            arn: session_arn(entity.account, entity.name, SESSION).into(),
            role_arn: arn.to_owned(),
            role_unique_id: String::new(),
            service_linked: false,
        }),
        _ => Principal::User(User { arn: arn.to_owned().into(), unique_id: String::new() }),
    };
    Simulated { principal, account_id: entity.account.to_owned(), context, is_user: entity.kind == "user" }
}
