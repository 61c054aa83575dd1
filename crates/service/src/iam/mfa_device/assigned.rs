//! Devices as somebody's: EnableMFADevice, DeactivateMFADevice, ResyncMFADevice, ListMFADevices, GetMFADevice.

use std::sync::Arc;

use doorward_directory::{Account, MfaAssignment, MfaDevice, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};

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
    let assigned = scope.account.mfa_device(&input.serial_number).and_then(|device| device.assignment.as_ref());
    let target = match assigned.and_then(|assignment| Holder::of(scope.account, &assignment.holder)) {
        Some(Holder::User(user)) if input.user_name.is_none() => scope.user(&user.name),
        Some(Holder::Root) if input.user_name.is_none() => {
            scope.arn(format!("arn:aws:iam::{}:root", scope.account.id()))
        }
        _ => Holder::target(scope, input.user_name.as_deref()),
    };
    Ok(vec![target])
}

fn invalid_code() -> Error {
    error::invalid_authentication_code("Authentication code for device is not valid.")
}

/// A device that is the holder's, to be changed.
fn device_of(account: &Account, holder: &Holder, serial_number: &str) -> Result<MfaDevice, Error> {
    let device = device(account, serial_number)?;
    match device.is_of(&holder.key()) {
        true => Ok(MfaDevice::clone(device)),
        false => Err(error::no_such_entity("MFA Device invalid for user.")),
    }
}

fn enable_device(cx: &Cx<'_>, account: &mut Account, input: api::EnableMFADeviceRequest) -> Result<(), Error> {
    let holder = Holder::find(cx, account, Some(&input.user_name))?;
    let mut device = MfaDevice::clone(device(account, &input.serial_number)?);
    if device.assignment.is_some() {
        return Err(error::entity_already_exists("MFA Device is already in use."));
    }
    if account.mfa_devices_of(&holder.key()).count() >= quota::MFA_DEVICES {
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
    let mut devices: Vec<&Arc<MfaDevice>> = account.mfa_devices_of(&key).collect();
    devices.sort_by(|a, b| a.path_and_name.cmp(&b.path_and_name));
    let list = [key.key()];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            devices.into_iter().filter(move |device| device.path_and_name > after)
        },
        |device| &device.path_and_name,
        |device| api::MFADevice {
            user_name: holder.name().to_owned(),
            serial_number: account.mfa_serial_number(device),
            enable_date: device.assignment.as_ref().map_or(device.created, |assignment| assignment.enabled),
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
