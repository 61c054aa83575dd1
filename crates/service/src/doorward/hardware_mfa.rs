//! Hardware tokens: ImportHardwareMFADevices, ListHardwareMFADevices, DeleteHardwareMFADevice. AWS has the seeds of the
//! tokens that it sells; here the account that has bought them imports these.

use std::sync::Arc;

use data_encoding::{BASE32, BASE32_NOPAD, HEXUPPER_PERMISSIVE};
use doorward_directory::{Account, MfaDevice, MfaHolder, id, quota};
use doorward_shapes::doorward::{self as api, error};
use doorward_shapes::{Error, Sensitive, common};
use zeroize::Zeroizing;

use crate::cx::Cx;
use crate::op::Op;
use crate::secrets::Purpose;

/// Bytes of a seed. RFC 4226 asks for 16 at least and recommends 20; a longer one than a block of SHA-1 is of no use.
const SEED_BYTES: std::ops::RangeInclusive<usize> = 16..=64;
/// Devices of a page where no number is asked for.
const DEFAULT_LIMIT: i32 = 100;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "ImportHardwareMFADevices",
            |scope, _: &api::ImportHardwareMFADevicesRequest| Ok(vec![scope.any()]),
            import_devices,
        ),
        Op::read(
            "ListHardwareMFADevices",
            |scope, _: &api::ListHardwareMFADevicesRequest| Ok(vec![scope.any()]),
            list_devices,
        ),
        Op::write(
            "DeleteHardwareMFADevice",
            |scope, _: &api::DeleteHardwareMFADeviceRequest| Ok(vec![scope.any()]),
            delete_device,
        ),
    ]
}

/// All of them or none.
fn import_devices(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::ImportHardwareMFADevicesRequest,
) -> Result<api::ImportHardwareMFADevicesResponse, Error> {
    let held = account.mfa_devices().iter().filter(|device| device.is_hardware()).count();
    if held.saturating_add(input.devices.len()) > quota::HARDWARE_MFA_DEVICES {
        let text = format!("An account can hold {} hardware MFA devices.", quota::HARDWARE_MFA_DEVICES);
        return Err(error::conflict(text));
    }
    let count = input.devices.len();
    for device in input.devices {
        import(cx, account, device)?;
    }
    Ok(api::ImportHardwareMFADevicesResponse { imported: i32::try_from(count).unwrap_or(i32::MAX) })
}

fn import(cx: &Cx<'_>, account: &mut Account, device: api::HardwareMFADeviceSeed) -> Result<(), Error> {
    let serial_number = device.serial_number;
    if serial_number.starts_with("arn:") {
        return Err(error::validation(format!("{serial_number} is no serial number of a hardware token.")));
    }
    if account.mfa_device(&serial_number).is_some() {
        return Err(error::conflict(format!("The serial number {serial_number} is there already, or given twice.")));
    }
    let seed = seed(&device.seed, device.seed_encoding).ok_or_else(|| {
        error::validation(format!(
            "The seed of {serial_number} is not {} of {} to {} bytes.",
            device.seed_encoding.as_str(),
            SEED_BYTES.start(),
            SEED_BYTES.end()
        ))
    })?;
    let id = cx.unique_id(id::MFA_DEVICE);
    let sealed = cx.keyring().seal_text(Purpose::MfaSeeds, cx.world(), &id, &seed);
    account.put(MfaDevice {
        id,
        path_and_name: serial_number,
        created: cx.date(),
        sealed_seed: sealed.ok_or_else(|| common::internal_failure("the seed could not be sealed"))?,
        assignment: None,
        used_step: None,
        guesses: Default::default(),
        tags: Default::default(),
    });
    Ok(())
}

/// The bytes of a seed; letters may be of either case, and base 32 may end with its padding. How it is written must be said: many a text
/// could be either.
fn seed(text: &Sensitive, encoding: api::SeedEncoding) -> Option<Zeroizing<Vec<u8>>> {
    let text = Zeroizing::new(text.expose().to_ascii_uppercase());
    let bytes = match encoding {
        api::SeedEncoding::Hex => HEXUPPER_PERMISSIVE.decode(text.as_bytes()),
        api::SeedEncoding::Base32 if text.ends_with('=') => BASE32.decode(text.as_bytes()),
        api::SeedEncoding::Base32 => BASE32_NOPAD.decode(text.as_bytes()),
    };
    bytes.ok().map(Zeroizing::new).filter(|bytes| SEED_BYTES.contains(&bytes.len()))
}

fn list_devices(
    _: &Cx<'_>,
    account: &Account,
    input: api::ListHardwareMFADevicesRequest,
) -> Result<api::ListHardwareMFADevicesResponse, Error> {
    let limit = usize::try_from(input.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(1);
    let after = input.after.as_deref().unwrap_or_default();
    let mut rest = account.mfa_devices().after(after).filter(|device| device.is_hardware());
    let devices: Vec<&Arc<MfaDevice>> = rest.by_ref().take(limit).collect();
    let last = devices.last().map(|device| device.path_and_name.clone());
    Ok(api::ListHardwareMFADevicesResponse {
        next: last.filter(|_| rest.next().is_some()),
        devices: devices.into_iter().map(|device| listed(account, device)).collect(),
    })
}

fn listed(account: &Account, device: &MfaDevice) -> api::HardwareMFADevice {
    let user_name = |holder: &MfaHolder| match holder {
        MfaHolder::Root => Some("root".to_owned()),
        MfaHolder::User(id) => account.users().by_id(id).map(|user| user.name.clone()),
    };
    api::HardwareMFADevice {
        serial_number: device.path_and_name.clone(),
        import_date: device.created,
        user_name: device.assignment.as_ref().and_then(|assignment| user_name(&assignment.holder)),
        enable_date: device.assignment.as_ref().map(|assignment| assignment.enabled),
    }
}

/// A token that nobody uses is forgotten with its seed.
fn delete_device(
    _: &Cx<'_>,
    account: &mut Account,
    input: api::DeleteHardwareMFADeviceRequest,
) -> Result<api::DeleteHardwareMFADeviceResponse, Error> {
    let serial_number = &input.serial_number;
    let found = account.mfa_device(serial_number).filter(|device| device.is_hardware());
    let device = found.ok_or_else(|| {
        error::resource_not_found(format!("There is no hardware MFA device with the serial number {serial_number}."))
    })?;
    if device.assignment.is_some() {
        return Err(error::conflict(format!(
            "The hardware MFA device {serial_number} is in use: deactivate it first."
        )));
    }
    let id = device.id.clone();
    account.remove::<MfaDevice>(&id);
    Ok(api::DeleteHardwareMFADeviceResponse {})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, encoding: api::SeedEncoding, expect: Option<&[u8]>) {
        assert_eq!(seed(&text.into(), encoding).as_deref().map(Vec::as_slice), expect, "{text}");
    }

    #[test]
    fn seeds_are_read_in_the_encoding_that_is_said() {
        use api::SeedEncoding::{Base32, Hex};
        let seed = b"12345678901234567890".as_slice();
        check("3132333435363738393031323334353637383930", Hex, Some(seed));
        check("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Base32, Some(seed));
        check("gezdgnbvgy3tqojqgezdgnbvgy3tqojq", Base32, Some(seed));
        check("GEZDGNBVGY3TQOJQGEZDGNBVGY======", Base32, Some(b"1234567890123456"));
        for bad in ["", "31", "GEZDGNBVGY3TQOJQ", "3132333435363738393031323334353637383930 ", &"31".repeat(65)] {
            check(bad, Hex, None);
        }
        for bad in ["", "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQ=GEZDGNBVGY3TQOJQ"] {
            check(bad, Base32, None);
        }
    }
}
