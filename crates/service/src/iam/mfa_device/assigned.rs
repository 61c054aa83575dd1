//! Devices as somebody's: EnableMFADevice, DeactivateMFADevice, ResyncMFADevice, ListMFADevices, GetMFADevice.

use std::collections::BTreeMap;

use doorward_directory::{Account, MfaAssignment, MfaDevice, MfaHolder, ReferenceKind, SecurityKey, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};
use jiff::Timestamp;

use super::device;
use super::holder::Holder;
use crate::cx::Cx;
use crate::mfa;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::target::{Scope, Target};

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "EnableMFADevice",
            |scope, input: &api::EnableMFADeviceRequest| Ok(vec![Holder::target(scope, Some(&input.user_name))]),
            enable_device,
        ),
        Op::write(
            "DeactivateMFADevice",
            |scope, input: &api::DeactivateMFADeviceRequest| {
                Ok(vec![Holder::target(scope, input.user_name.as_deref())])
            },
            deactivate_device,
        ),
        Op::write(
            "ResyncMFADevice",
            |scope, input: &api::ResyncMFADeviceRequest| Ok(vec![Holder::target(scope, Some(&input.user_name))]),
            resync_device,
        ),
        Op::read(
            "ListMFADevices",
            |scope, input: &api::ListMFADevicesRequest| Ok(vec![Holder::target(scope, input.user_name.as_deref())]),
            list_devices,
        ),
        Op::read("GetMFADevice", holder_of_device, get_device),
    ]
}

/// GetMFADevice is authorized on the user named; without one, on whom the device is assigned to.
fn holder_of_device(scope: &Scope<'_>, input: &api::GetMFADeviceRequest) -> Result<Vec<Target>, Error> {
    let target = match holder(scope.account, &input.serial_number) {
        Some(Holder::User(user)) if input.user_name.is_none() => scope.user(&user.name),
        Some(Holder::Root) if input.user_name.is_none() => {
            scope.arn(format!("arn:aws:iam::{}:root", scope.account.id()))
        }
        _ => Holder::target(scope, input.user_name.as_deref()),
    };
    Ok(vec![target])
}

/// Whom a device or security key is assigned to.
fn holder(account: &Account, serial_number: &str) -> Option<Holder> {
    if let Some(key) = account.security_key(serial_number) {
        return Holder::of(account, &MfaHolder::User(key.user_id.clone()));
    }
    Holder::of(account, &account.mfa_device(serial_number)?.assignment.as_ref()?.holder)
}

fn invalid_for_user() -> Error {
    error::no_such_entity("MFA Device invalid for user.")
}

fn invalid_code() -> Error {
    error::invalid_authentication_code("Authentication code for device is not valid.")
}

/// A device that is the holder's, to be changed.
fn device_of(account: &Account, holder: &Holder, serial_number: &str) -> Result<MfaDevice, Error> {
    let device = device(account, serial_number)?;
    match device.is_of(&holder.key()) {
        true => Ok(MfaDevice::clone(device)),
        false => Err(invalid_for_user()),
    }
}

fn enable_device(cx: &Cx<'_>, account: &mut Account, input: api::EnableMFADeviceRequest) -> Result<(), Error> {
    let holder = Holder::find(cx, account, Some(&input.user_name))?;
    let mut device = MfaDevice::clone(device(account, &input.serial_number)?);
    if device.assignment.is_some() {
        return Err(error::entity_already_exists("MFA Device is already in use."));
    }
    if account.referrers(holder.key().key(), ReferenceKind::MfaDevice).count() >= quota::MFA_DEVICES {
        return Err(error::limit_exceeded(format!(
            "Cannot exceed quota for MFADevicesPerUser: {}",
            quota::MFA_DEVICES
        )));
    }
    let codes = (input.authentication_code1.expose(), input.authentication_code2.expose());
    let drift = mfa::synchronize(cx.keyring(), &mut device, codes, cx.now).ok_or_else(invalid_code)?;
    device.assignment = Some(MfaAssignment { holder: holder.key(), enabled: cx.date(), drift });
    account.put(device);
    Ok(())
}

fn deactivate_device(cx: &Cx<'_>, account: &mut Account, input: api::DeactivateMFADeviceRequest) -> Result<(), Error> {
    let holder = Holder::find(cx, account, input.user_name.as_deref())?;
    // A security key is nothing without its user: it would have to be registered anew.
    if let Some(key) = account.security_key(&input.serial_number).cloned() {
        if MfaHolder::User(key.user_id.clone()) != holder.key() {
            return Err(invalid_for_user());
        }
        account.remove::<SecurityKey>(&key.id);
        return Ok(());
    }
    let device = device_of(account, &holder, &input.serial_number)?;
    account.put(MfaDevice { assignment: None, ..device });
    Ok(())
}

fn resync_device(cx: &Cx<'_>, account: &mut Account, input: api::ResyncMFADeviceRequest) -> Result<(), Error> {
    let holder = Holder::find(cx, account, Some(&input.user_name))?;
    let mut device = device_of(account, &holder, &input.serial_number)?;
    let codes = (input.authentication_code1.expose(), input.authentication_code2.expose());
    let drift = mfa::synchronize(cx.keyring(), &mut device, codes, cx.now).ok_or_else(invalid_code)?;
    let assignment = device.assignment.take().map(|assignment| MfaAssignment { drift, ..assignment });
    account.put(MfaDevice { assignment, ..device });
    Ok(())
}

fn list_devices(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListMFADevicesRequest,
) -> Result<api::ListMFADevicesResponse, Error> {
    let holder = Holder::find(cx, account, input.user_name.as_deref())?;
    let key = holder.key();
    let codes = account.mfa_devices_of(&key).map(|device| {
        let enabled = device.assignment.as_ref().map_or(device.created, |assignment| assignment.enabled);
        (account.mfa_serial_number(device), enabled)
    });
    let keys = account.security_keys_of(key.key());
    let keys = keys.filter_map(|key| Some((account.security_key_serial_number(key)?, key.enabled)));
    let mut devices: Vec<(String, Timestamp)> = codes.chain(keys).collect();
    devices.sort();
    let list = [key.key()];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            devices.iter().filter(move |(serial_number, _)| *serial_number > after)
        },
        |(serial_number, _)| serial_number,
        |(serial_number, enabled)| api::MFADevice {
            user_name: holder.name().to_owned(),
            serial_number: serial_number.clone(),
            enable_date: *enabled,
        },
    )?;
    Ok(api::ListMFADevicesResponse {
        mfa_devices: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

fn get_device(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetMFADeviceRequest,
) -> Result<api::GetMFADeviceResponse, Error> {
    if let Some(key) = account.security_key(&input.serial_number) {
        return get_security_key(cx, account, &input, key);
    }
    let device = match input.user_name.as_deref() {
        Some(name) => {
            let holder = Holder::find(cx, account, Some(name))?;
            device_of(account, &holder, &input.serial_number)?
        }
        None => MfaDevice::clone(device(account, &input.serial_number)?),
    };
    let holder = device.assignment.as_ref().and_then(|assignment| Holder::of(account, &assignment.holder));
    Ok(api::GetMFADeviceResponse {
        user_name: holder.map(|holder| holder.name().to_owned()),
        serial_number: account.mfa_serial_number(&device),
        enable_date: device.assignment.as_ref().map(|assignment| assignment.enabled),
        certifications: None,
    })
}

/// What a key is certified for is in the FIDO Metadata Service, which nobody asks: nothing is known of it.
fn get_security_key(
    cx: &Cx<'_>,
    account: &Account,
    input: &api::GetMFADeviceRequest,
    key: &SecurityKey,
) -> Result<api::GetMFADeviceResponse, Error> {
    let owner = MfaHolder::User(key.user_id.clone());
    if let Some(name) = input.user_name.as_deref()
        && Holder::find(cx, account, Some(name))?.key() != owner
    {
        return Err(invalid_for_user());
    }
    Ok(api::GetMFADeviceResponse {
        user_name: Holder::of(account, &owner).map(|holder| holder.name().to_owned()),
        serial_number: input.serial_number.clone(),
        enable_date: Some(key.enabled),
        certifications: Some(BTreeMap::new()),
    })
}
