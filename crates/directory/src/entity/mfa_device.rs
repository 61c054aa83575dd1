//! MFA devices that make one-time codes: virtual ones, and hardware tokens whose seeds were imported.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Tags};
use crate::{Guesses, Reference, ReferenceKind};

/// Whom a device is assigned to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MfaHolder {
    /// The root user.
    Root,
    /// A user, by unique id.
    User(String),
}

impl MfaHolder {
    /// What references to the holder name: the user's unique id, or `root`.
    pub fn key(&self) -> &str {
        match self {
            MfaHolder::Root => "root",
            MfaHolder::User(id) => id,
        }
    }
}

/// That a device is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaAssignment {
    /// To whom.
    pub holder: MfaHolder,
    /// Since when.
    pub enabled: Timestamp,
    /// By how many time steps the device's clock is ahead.
    pub drift: i64,
}

/// A device that makes one-time codes from a seed (User Guide, "Assign a virtual MFA device" and "Assign a hardware TOTP
/// token").
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// `MFAV…`; no operation tells it.
    pub id: String,
    /// Of a virtual device path and name, such as `/team/phone`: what comes after `mfa` in its ARN, which is its serial number.
    /// Of a hardware token the serial number, in which there is no `/`.
    pub path_and_name: String,
    /// When it was made, or imported.
    pub created: Timestamp,
    /// The seed, sealed to the device's id.
    pub sealed_seed: String,
    /// Whose it is, if it is enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<MfaAssignment>,
    /// The latest time step whose code was used. No code of it, or of an earlier one, is good again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_step: Option<i64>,
    /// Wrong guesses at its codes.
    #[serde(default, skip_serializing_if = "Guesses::is_empty")]
    pub guesses: Guesses,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl MfaDevice {
    /// Whether it is a hardware token.
    pub fn is_hardware(&self) -> bool {
        !self.path_and_name.starts_with('/')
    }

    /// Whether it is assigned to `holder`.
    pub fn is_of(&self, holder: &MfaHolder) -> bool {
        self.assignment.as_ref().is_some_and(|assignment| assignment.holder == *holder)
    }
}

impl Entity for MfaDevice {
    const KIND: &'static str = "mfa-device";
    const CASE_SENSITIVE: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.path_and_name
    }

    fn references(&self) -> Vec<Reference> {
        let reference = |assignment: &MfaAssignment| Reference {
            kind: ReferenceKind::MfaDevice,
            target: assignment.holder.key().to_owned(),
        };
        self.assignment.iter().map(reference).collect()
    }
}
