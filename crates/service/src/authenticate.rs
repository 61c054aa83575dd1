//! Who calls: the signature against the key that it names.

use doorward_directory::{KeyOwner, KeyStatus, id};
use doorward_shapes::{Error, common};
use doorward_sigv4::{self as sigv4, PathStyle};
use jiff::Timestamp;

use crate::Doorward;
use crate::call::Call;
use crate::caller::{Authenticated, Caller, Who};
use crate::cx::caller_is_gone;
use crate::evidence::Verify;
use crate::secrets::SecretText;

/// The signature is checked against this where there is no key, so that an unknown access key id takes as long to be
/// refused as a wrong signature.
const DUMMY_SECRET: &str = "0000000000000000000000000000000000000000";

/// Why a caller is not let in, and who it said it was, as far as that key exists here.
pub(crate) struct Refused {
    pub error: Error,
    /// The account that the refusal is an event of.
    pub attributed: Option<Attributed>,
}

/// Whom a call that proved nothing is about.
pub(crate) struct Attributed {
    pub account_id: String,
    /// The key that the call named.
    pub access_key_id: Option<String>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused { error, attributed: None }
    }
}

/// Credentials that exist.
struct Known {
    caller: Caller,
    secret: SecretText,
    /// Why they may not be used: the key is inactive, the session over.
    barred: Option<Error>,
}

impl Doorward {
    pub(crate) fn authenticate(&self, call: &Call<'_>, now: Timestamp) -> Result<Authenticated, Refused> {
        let claim = sigv4::claim(&call.http, PathStyle::Normalised).map_err(signature_error)?;
        let Some(claim) = claim else { return self.unsigned(call) };
        let checked = claim.check(now, call.service.signing_name).map_err(signature_error)?;
        let known = self.known(claim.access_key_id(), claim.session_token(), now)?;
        let secret = known.as_ref().map_or(DUMMY_SECRET, |known| known.secret.0.as_str());
        let verified = checked.verify(&checked.signing_key(secret)).map_err(signature_error);
        let Some(known) = known else { return Err(caller_is_gone().into()) };
        let session = known.caller.session.as_ref();
        let strayed = session.is_some_and(|session| !session.is_good_in(claim.region())).then(caller_is_gone);
        // Whether a token is over comes before whether the signature is right, as for AWS.
        let verified = known.barred.or(strayed).map_or(verified, Err);
        let access_key_id = Some(claim.access_key_id().to_owned());
        let attributed = Some(Attributed { account_id: known.caller.account_id.clone(), access_key_id });
        let verified = verified.map_err(|error| Refused { error, attributed })?;
        Ok(Authenticated::by_signature(known.caller, &verified))
    }

    /// Who calls an operation that AWS leaves unsigned: the evidence in its input says it, and no signature is looked at.
    pub(crate) async fn by_evidence(
        &self,
        call: &Call<'_>,
        verify: Verify,
        now: Timestamp,
    ) -> Result<Authenticated, Refused> {
        let tree = call.input.as_ref().map_err(Error::clone)?;
        call.check(tree)?;
        verify(self, tree, now).await.map(Authenticated::by_evidence)
    }

    /// An unsigned request: refused, but for the own API in `--dev`, where the port is open to this machine alone.
    fn unsigned(&self, call: &Call<'_>) -> Result<Authenticated, Refused> {
        match self.loopback_operator() {
            Some(account_id) if call.service.id == "doorward" && is_from_this_machine(call) => {
                Ok(Authenticated::by_loopback(account_id))
            }
            // One that AWS does not sign is not to be told that a signature would help.
            _ if call.operation.anonymous && self.op(call.service.id, call.operation.name).is_none() => {
                Err(call.not_implemented().into())
            }
            _ => Err(common::missing_authentication_token("Request is missing Authentication Token").into()),
        }
    }

    /// The caller that credentials are of, without a request that they signed: for whoever verified one itself.
    pub(crate) fn caller_of(&self, access_key_id: &str, token: Option<&str>, now: Timestamp) -> Result<Caller, Error> {
        let known = self.known(access_key_id, token, now)?.ok_or_else(caller_is_gone)?;
        known.barred.map_or(Ok(known.caller), Err)
    }

    /// The credentials that a request names; none where there are no such. The error is a store that cannot be read.
    fn known(&self, access_key_id: &str, token: Option<&str>, now: Timestamp) -> Result<Option<Known>, Error> {
        match token {
            Some(token) => Ok(self.known_session(access_key_id, token, now)),
            None => self.known_key(access_key_id),
        }
    }

    fn known_session(&self, access_key_id: &str, token: &str, now: Timestamp) -> Option<Known> {
        let (session, secret) = self.keyring().open_session(access_key_id, token)?;
        let expired = || common::expired_token("The security token included in the request is expired");
        let barred = (session.expires <= now).then(expired);
        Some(Known { caller: Caller::of_session(session), secret, barred })
    }

    fn known_key(&self, access_key_id: &str) -> Result<Option<Known>, Error> {
        let Some(account_id) = id::account_of_access_key(access_key_id) else { return Ok(None) };
        let account = self.account(&account_id).map_err(|error| {
            tracing::error!(%error, account_id, "an account could not be loaded");
            common::service_unavailable("The account could not be read.")
        })?;
        let Some(account) = account else { return Ok(None) };
        let (who, keys) = match account.key_owner(access_key_id) {
            Some(KeyOwner::Root) => (Who::Root, account.settings().root_access_keys.as_slice()),
            Some(KeyOwner::User(id)) => match account.users().by_id(id) {
                Some(user) => (Who::User { id: id.clone() }, user.access_keys.as_slice()),
                None => return Ok(None),
            },
            None => return Ok(None),
        };
        let Some(key) = keys.iter().find(|key| key.id == access_key_id) else { return Ok(None) };
        let Some(secret) = self.keyring().open_secret(access_key_id, &key.sealed_secret) else {
            tracing::error!(access_key_id, "the sealed secret of an access key does not open");
            return Ok(None);
        };
        let barred = (key.status != KeyStatus::Active).then(caller_is_gone);
        let caller = Caller { account_id, who, access_key_id: Some(access_key_id.to_owned()), session: None };
        Ok(Some(Known { caller, secret, barred }))
    }
}

/// Headers that say a browser sends the request for some page, or a proxy for somebody else.
const FOR_SOMEBODY: &[&str] = &["origin", "referer", "forwarded", "via"];

/// Whether an unsigned request comes from this machine's user: over loopback, to a name of this machine (any other may be
/// a page's own that was made to resolve here), and neither for a web page nor through a proxy.
fn is_from_this_machine(call: &Call<'_>) -> bool {
    let host = call.peer.host.as_str();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    let is_here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| known.eq_ignore_ascii_case(name));
    let is_for_somebody = |(name, _): &(&str, &[u8])| {
        FOR_SOMEBODY.contains(name) || name.starts_with("sec-fetch-") || name.starts_with("x-forwarded-")
    };
    call.peer.is_loopback() && is_here && !call.http.headers.iter().any(is_for_somebody)
}

fn signature_error(error: sigv4::Error) -> Error {
    Error::new(error.code(), error.status(), error.message())
}
