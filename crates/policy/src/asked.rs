//! A request, read once for all statements that it is compared with.

use crate::arn::{COMPONENTS, components, is_account_id};
use crate::context::folded_hash;
use crate::evaluate::Confusion;
use crate::request::Request;

/// The parts of a request. It is filled where it is: moving it would take longer than reading the request does.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    /// The action's service, in any case.
    pub(crate) service: &'a str,
    /// The same for services that differ only in case.
    pub(crate) service_hash: u64,
    /// The action without its service, in any case.
    pub(crate) action: &'a str,
    /// The same for actions that differ only in case.
    pub(crate) action_hash: u64,
    /// The components of the resource's ARN; empty for an action that has no resource.
    resource: [&'a str; COMPONENTS],
    /// The ARN up to its fifth colon, that included.
    pub(crate) resource_head: &'a str,
    /// The partition and account of a principal that IAM or STS knows.
    partition: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    /// The account that owns the resource.
    pub(crate) owner: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Reads a request. One that no policy could be written for is an error.
    #[inline]
    pub(crate) fn read(&mut self, request: &Request<'a>) -> Result<(), Confusion> {
        let colon = request.action.bytes().position(|byte| byte == b':').ok_or(Confusion::Action)?;
        self.service = request.action.get(..colon).unwrap_or_default();
        self.action = request.action.get(colon + 1..).unwrap_or_default();
        if self.service.is_empty() || self.action.is_empty() {
            return Err(Confusion::Action);
        }
        self.service_hash = folded_hash(self.service.as_bytes());
        self.action_hash = folded_hash(self.action.as_bytes());
        let arn = request.resource.arn;
        self.owner = request.resource.account;
        if arn != "*" {
            if !components(arn, &mut self.resource) {
                return Err(Confusion::Resource);
            }
            let [.., account, name] = self.resource;
            self.resource_head = arn.get(..arn.len() - name.len()).unwrap_or_default();
            // So that a forgotten account never makes a foreign resource the caller's own.
            self.owner = self.owner.or_else(|| is_account_id(account).then_some(account));
        }
        if let Some(arn) = request.principal.arn() {
            self.partition = arn.partition();
            self.account = Some(arn.account().ok_or(Confusion::Principal)?);
        }
        Ok(())
    }

    /// The components of the resource's ARN; none for an action that has no resource.
    pub(crate) fn resource(&self) -> Option<&[&'a str; COMPONENTS]> {
        Some(&self.resource).filter(|_| !self.resource_head.is_empty())
    }

    /// What stands behind the fifth colon of the resource's ARN.
    pub(crate) fn resource_name(&self) -> Option<&'a str> {
        self.resource().map(|[.., name]| *name)
    }

    /// Whether the resource is of the principal's partition, or of none.
    pub(crate) fn is_same_partition(&self) -> bool {
        self.resource().is_none_or(|[_, partition, ..]| Some(*partition) == self.partition)
    }
}
