//! The checks of scope and clock, and the signature.

use jiff::Timestamp;
use subtle::ConstantTimeEq;

use crate::encode::unhex;
use crate::error::shown;
use crate::{CLOCK_WINDOW_SECONDS, Claim, Error, SigningKey, TERMINATOR, stamp};

/// The longest region name, in bytes.
const MAX_REGION_BYTES: usize = 32;

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
    Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

const PAYLOAD_MISMATCH: &str = "The provided 'x-amz-content-sha256' header does not match what was computed.";

/// A claim of the right scope and time. Its signature is not yet known to be right.
#[derive(Clone, Copy)]
pub struct Checked<'a>(&'a Claim<'a>);

/// A claim that was proved: whoever sent the request holds the secret of its access key.
#[derive(Clone, Copy)]
pub struct Verified<'a>(&'a Claim<'a>);

impl Claim<'_> {
    /// Checks the credential scope and the clock.
    ///
    /// `service` is the signing name of the service that is called. The region is only checked for its form: with a custom
    /// endpoint, clients sign for a region of their own. The scope's date must be that of the request's time. A request is
    /// valid from 15 minutes before its time until 15 minutes after it, a presigned one until it expires.
    ///
    /// # Errors
    /// `SignatureDoesNotMatch` with AWS's texts.
    pub fn check(&self, now: Timestamp, service: &str) -> Result<Checked<'_>, Error> {
        self.check_clock(now.as_second())?;
        self.check_scope(service)?;
        Ok(Checked(self))
    }

    fn check_clock(&self, now: i64) -> Result<(), Error> {
        let time = self.time.as_second();
        let window = self.expires.unwrap_or(CLOCK_WINDOW_SECONDS);
        let earliest = now.saturating_sub(i64::from(window));
        if time < earliest {
            let (stamp, earliest, now) = (&self.stamp, at(earliest), at(now));
            let (count, unit) = if window.is_multiple_of(60) { (window / 60, "min") } else { (window, "sec") };
            return Err(Error::mismatch(format!(
                "Signature expired: {stamp} is now earlier than {earliest} ({now} - {count} {unit}.)"
            )));
        }
        let latest = now.saturating_add(i64::from(CLOCK_WINDOW_SECONDS));
        if time > latest {
            let (stamp, latest, now) = (&self.stamp, at(latest), at(now));
            return Err(Error::mismatch(format!(
                "Signature not yet current: {stamp} is still later than {latest} ({now} + 15 min.)"
            )));
        }
        Ok(())
    }

    /// Says all that is wrong with the scope in one message, as AWS does.
    fn check_scope(&self, service: &str) -> Result<(), Error> {
        let scope = &self.credential;
        let date = self.stamp.get(..8).unwrap_or_default();
        let mut message = String::new();
        if !is_region(&scope.region) {
            let region = shown(&scope.region);
            message.push_str(&format!("Credential should be scoped to a valid region, not '{region}'. "));
        }
        if scope.service != service {
            message.push_str(&format!("Credential should be scoped to correct service: '{service}'. "));
        }
        if scope.terminator != TERMINATOR {
            let terminator = shown(&scope.terminator);
            message.push_str(&format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
            ));
        }
        if scope.date != date {
            if scope.terminator != TERMINATOR {
                message.push(' ');
            }
            let (scope_date, stamp) = (shown(&scope.date), &self.stamp);
            message.push_str(&format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{scope_date}' != '{date}', from '{stamp}'."
            ));
        }
        if message.is_empty() { Ok(()) } else { Err(Error::mismatch(message)) }
    }
}

impl<'a> Checked<'a> {
    /// The claim.
    pub fn claim(&self) -> &'a Claim<'a> {
        self.0
    }

    /// Derives the key that the request must be signed with, from the secret of its access key.
    ///
    /// If there is no such access key, pass a dummy secret, [verify](Checked::verify) with it, and answer that the access
    /// key does not exist: the answer then takes as long as it takes for one that does.
    pub fn signing_key(&self, secret_access_key: &str) -> SigningKey {
        SigningKey::derive(secret_access_key, self.0.date(), self.0.region(), self.0.service())
    }

    /// Compares the signature, in constant time.
    ///
    /// # Errors
    /// `SignatureDoesNotMatch`, also if the request states another hash of its body than the body has.
    pub fn verify(&self, key: &SigningKey) -> Result<Verified<'a>, Error> {
        let claim = self.0;
        let body_hash = claim.canonical.body_hash();
        let signature = claim.canonical.signature(&claim.preamble(), &body_hash, key);
        if claim.content_sha256.as_ref().is_some_and(|stated| stated.as_bytes() != body_hash) {
            return Err(Error::mismatch(PAYLOAD_MISMATCH));
        }
        match unhex(&claim.signature) {
            Some(claimed) if signature.ct_eq(&claimed).into() => Ok(Verified(claim)),
            _ => Err(Error::mismatch(MISMATCH)),
        }
    }
}

impl<'a> Verified<'a> {
    /// The claim, now a fact.
    pub fn claim(&self) -> &'a Claim<'a> {
        self.0
    }
}

fn is_region(region: &str) -> bool {
    (1..=MAX_REGION_BYTES).contains(&region.len())
        && region.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// A number of seconds since 1970 as a time for an error text.
fn at(second: i64) -> String {
    stamp::format(Timestamp::from_second(second).unwrap_or(Timestamp::MIN))
}
