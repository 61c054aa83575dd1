//! A request, read once for all statements that it is compared with.

use smallvec::SmallVec;

use crate::arn::{Arn, is_account_id};
use crate::evaluate::Confusion;
use crate::request::Request;

/// The parts of a request. So long an action needs no allocation.
pub(crate) struct Asked<'a> {
    /// The action in lower case.
    action: SmallVec<[u8; 64]>,
    /// Where the colon behind the service stands in it.
    colon: usize,
    /// The components of the resource's ARN; none for an action that has no resource.
    pub(crate) resource: Option<[&'a str; 6]>,
    /// The principal's partition and account, if IAM or STS knows it.
    pub(crate) principal: Option<Arn<'a>>,
}

impl<'a> Asked<'a> {
    /// Reads a request. One that no policy could be written for is an error.
    pub(crate) fn read(request: &Request<'a>) -> Result<Asked<'a>, Confusion> {
        let action = SmallVec::from_slice(request.action.as_bytes());
        let colon = action.iter().position(|byte| *byte == b':').ok_or(Confusion::Action)?;
        let mut asked = Asked { action, colon, resource: None, principal: None };
        asked.action.make_ascii_lowercase();
        if asked.service().is_empty() || asked.action_name().is_empty() {
            return Err(Confusion::Action);
        }
        if request.resource.arn != "*" {
            asked.resource = Some(components(request.resource.arn).ok_or(Confusion::Resource)?);
        }
        if let Some(arn) = request.principal.arn() {
            let arn = Arn::parse(arn).filter(|arn| !arn.account.is_empty());
            asked.principal = Some(arn.ok_or(Confusion::Principal)?);
        }
        Ok(asked)
    }

    /// The action's service, in lower case.
    pub(crate) fn service(&self) -> &[u8] {
        self.action.get(..self.colon).unwrap_or_default()
    }

    /// The action without its service, in lower case.
    pub(crate) fn action_name(&self) -> &[u8] {
        self.action.get(self.colon + 1..).unwrap_or_default()
    }

    /// What stands behind the fifth colon of the resource's ARN.
    pub(crate) fn resource_name(&self) -> Option<&'a str> {
        self.resource.map(|[.., name]| name)
    }

    /// The account that owns the resource: the given one or, so that a forgotten account never makes a foreign resource
    /// the caller's own, the one in the ARN.
    pub(crate) fn owner(&self, request: &Request<'a>) -> Option<&'a str> {
        let in_arn = || self.resource.map(|[.., account, _]| account).filter(|account| is_account_id(account));
        request.resource.account.or_else(in_arn)
    }
}

fn components(arn: &str) -> Option<[&str; 6]> {
    let Arn { partition, service, region, account, resource } = Arn::parse(arn)?;
    Some(["arn", partition, service, region, account, resource])
}
