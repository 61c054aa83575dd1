//! Outbound web identity federation of the account (IAM API Reference: EnableOutboundWebIdentityFederation,
//! DisableOutboundWebIdentityFederation, GetOutboundWebIdentityFederationInfo).

use doorward_directory::{Account, AccountSettings, OutboundFederation};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

use crate::cx::Cx;
use crate::op::Op;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write("EnableOutboundWebIdentityFederation", |scope, (): &()| Ok(vec![scope.any()]), enable),
        Op::write("DisableOutboundWebIdentityFederation", |scope, (): &()| Ok(vec![scope.any()]), disable),
        Op::read("GetOutboundWebIdentityFederationInfo", |scope, (): &()| Ok(vec![scope.any()]), info),
    ]
}

fn enabled(account: &Account) -> Result<&OutboundFederation, Error> {
    let federation = account.settings().outbound_federation.as_ref().filter(|federation| federation.enabled);
    federation.ok_or_else(|| error::feature_disabled("Outbound web identity federation is disabled for your account."))
}

/// Who was an issuer before keeps its keys: tokens that are still good go on to verify.
fn enable(
    cx: &Cx<'_>,
    account: &mut Account,
    (): (),
) -> Result<api::EnableOutboundWebIdentityFederationResponse, Error> {
    if enabled(account).is_ok() {
        let text = "Outbound web identity federation is already enabled for your account.";
        return Err(error::feature_enabled(text));
    }
    let Some(issuer) = cx.doorward.issuer_of(account.id()) else {
        let text = "This server does not know the URL that others reach it at: start it with --public-url.";
        return Err(Error::new("NotImplemented", 501, text));
    };
    let keys = match &account.settings().outbound_federation {
        Some(former) => former.keys.clone(),
        None => cx.issuer_keys()?,
    };
    put(account, OutboundFederation { issuer: issuer.clone(), enabled: true, keys });
    Ok(api::EnableOutboundWebIdentityFederationResponse { issuer_identifier: Some(issuer) })
}

fn disable(_: &Cx<'_>, account: &mut Account, (): ()) -> Result<(), Error> {
    let federation = OutboundFederation { enabled: false, ..enabled(account)?.clone() };
    put(account, federation);
    Ok(())
}

fn put(account: &mut Account, federation: OutboundFederation) {
    account.put_settings(AccountSettings { outbound_federation: Some(federation), ..account.settings().clone() });
}

fn info(_: &Cx<'_>, account: &Account, (): ()) -> Result<api::GetOutboundWebIdentityFederationInfoResponse, Error> {
    let federation = enabled(account)?;
    Ok(api::GetOutboundWebIdentityFederationInfoResponse {
        issuer_identifier: Some(federation.issuer.clone()),
        jwt_vending_enabled: Some(federation.enabled),
    })
}
