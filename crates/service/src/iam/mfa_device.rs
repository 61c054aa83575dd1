//! Virtual MFA devices (IAM API Reference: CreateVirtualMFADevice, DeleteVirtualMFADevice, ListVirtualMFADevices,
//! EnableMFADevice, DeactivateMFADevice, ResyncMFADevice, ListMFADevices, GetMFADevice, TagMFADevice, UntagMFADevice,
//! ListMFADeviceTags).

mod assigned;
mod holder;
mod qr;

use std::sync::Arc;

use data_encoding::BASE32_NOPAD;
use doorward_directory::{Account, MfaDevice, id, quota};
use doorward_policy::arn::is_account_id;
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};
use zeroize::Zeroizing;

use self::holder::Holder;
use super::tag;
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::percent::percent_encoded;
use crate::secrets::Purpose;
use crate::target::{Scope, Target};

/// Bytes of a seed: 64 characters of base 32.
const SEED_LENGTH: usize = 40;
/// Longest serial number, in characters (API Reference, `serialNumberType`).
const SERIAL_NUMBER_MAX: usize = 256;

pub(super) fn ops() -> Vec<Op> {
    let devices = vec![
        Op::write("CreateVirtualMFADevice", new_device, create_device),
        Op::write(
            "DeleteVirtualMFADevice",
            |scope, input: &api::DeleteVirtualMFADeviceRequest| Ok(vec![existing(scope, &input.serial_number)?]),
            delete_device,
        ),
        Op::read(
            "ListVirtualMFADevices",
            |scope, _: &api::ListVirtualMFADevicesRequest| Ok(vec![scope.arn(scope.account.arn("mfa", "/", ""))]),
            list_devices,
        ),
        Op::write("TagMFADevice", tagged, tag_device),
        Op::write("UntagMFADevice", untagged, untag_device),
        Op::read(
            "ListMFADeviceTags",
            |scope, input: &api::ListMFADeviceTagsRequest| Ok(vec![existing(scope, &input.serial_number)?]),
            list_device_tags,
        ),
    ];
    devices.into_iter().chain(assigned::ops()).collect()
}

/// A device as a target, by its serial number.
fn existing(scope: &Scope<'_>, serial_number: &str) -> Result<Target, Error> {
    super::check_arn_of(serial_number, "mfa", is_account_id)?;
    let target = scope.arn(serial_number);
    Ok(match scope.account.mfa_device(serial_number) {
        Some(device) => target.resource_tags(&device.tags, false),
        None => target,
    })
}

fn new_device(scope: &Scope<'_>, input: &api::CreateVirtualMFADeviceRequest) -> Result<Vec<Target>, Error> {
    let path = input.path.as_deref().unwrap_or("/");
    let target = scope
        .arn(scope.account.arn("mfa", path, &input.virtual_mfa_device_name))
        .request_tags(input.tags.as_deref().map(tag::pairs));
    let tagging = input.tags.as_ref().map(|_| target.also("iam:TagMFADevice"));
    Ok(std::iter::once(target).chain(tagging).collect())
}

fn tagged(scope: &Scope<'_>, input: &api::TagMFADeviceRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, &input.serial_number)?.request_tags(Some(tag::pairs(&input.tags)))])
}

fn untagged(scope: &Scope<'_>, input: &api::UntagMFADeviceRequest) -> Result<Vec<Target>, Error> {
    Ok(vec![existing(scope, &input.serial_number)?.keys("aws:TagKeys", input.tag_keys.clone())])
}

fn device<'a>(account: &'a Account, serial_number: &str) -> Result<&'a Arc<MfaDevice>, Error> {
    let missing =
        || error::no_such_entity(format!("VirtualMFADevice with serial number {serial_number} doesn't exist."));
    account.mfa_device(serial_number).ok_or_else(missing)
}

/// The serial number of a new device must be one that operations take: neither too long, nor of other characters.
fn check_serial_number(account: &Account, path: &str, name: &str) -> Result<(), Error> {
    let length = account.arn("mfa", path, name).chars().count();
    if length > SERIAL_NUMBER_MAX {
        let most = name.chars().count().saturating_sub(length.saturating_sub(SERIAL_NUMBER_MAX));
        return Err(common::validation_error(format!(
            "1 validation error detected: Value at 'virtualMFADeviceName' failed to satisfy constraint: Member must have \
             length less than or equal to {most}"
        )));
    }
    if !path.chars().all(|c| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c)) {
        return Err(common::validation_error(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters.",
        ));
    }
    Ok(())
}

fn create_device(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::CreateVirtualMFADeviceRequest,
) -> Result<api::CreateVirtualMFADeviceResponse, Error> {
    let (path, name) = (input.path.as_deref().unwrap_or("/"), input.virtual_mfa_device_name.as_str());
    check_serial_number(account, path, name)?;
    let tags = tag::checked_exact(input.tags)?;
    let path_and_name = format!("{path}{name}");
    if account.mfa_devices().by_name(&path_and_name).is_some() {
        let text = "MFADevice entity at the same path and name already exists.";
        return Err(error::entity_already_exists(text));
    }
    if account.mfa_devices().iter().filter(|device| !device.is_hardware()).count() >= quota::VIRTUAL_MFA_DEVICES {
        let text = format!("Cannot exceed quota for VirtualMFADevicesPerAccount: {}", quota::VIRTUAL_MFA_DEVICES);
        return Err(error::limit_exceeded(text));
    }
    let id = cx.unique_id(id::MFA_DEVICE);
    let mut seed = Zeroizing::new([0; SEED_LENGTH]);
    cx.world().fill(seed.as_mut_slice());
    let sealed = cx.keyring().seal_text(Purpose::MfaSeeds, cx.world(), &id, seed.as_slice());
    let text = Zeroizing::new(BASE32_NOPAD.encode(seed.as_slice()));
    let device = MfaDevice {
        id,
        path_and_name,
        created: cx.date(),
        sealed_seed: sealed.ok_or_else(|| common::internal_failure("the seed could not be sealed"))?,
        assignment: None,
        used_step: None,
        guesses: Default::default(),
        tags,
    };
    let answer = api::VirtualMFADevice {
        serial_number: account.mfa_serial_number(&device),
        base32_string_seed: Some(text.as_bytes().to_vec()),
        qr_code_png: Some(picture(account, name, &text)?),
        tags: tag::list(&device.tags),
        ..Default::default()
    };
    account.put(device);
    Ok(api::CreateVirtualMFADeviceResponse { virtual_mfa_device: answer })
}

/// What authenticator apps scan (API Reference, VirtualMFADevice, `QRCodePNG`).
fn picture(account: &Account, name: &str, seed: &str) -> Result<Vec<u8>, Error> {
    let settings = account.settings();
    let (name, account) = (percent_encoded(name), settings.alias.as_deref().unwrap_or(&settings.id));
    let text = Zeroizing::new(format!("otpauth://totp/{name}@{account}?secret={seed}"));
    qr::png(&text).ok_or_else(|| common::internal_failure("the QR code could not be made"))
}

fn delete_device(_: &Cx<'_>, account: &mut Account, input: api::DeleteVirtualMFADeviceRequest) -> Result<(), Error> {
    let device = device(account, &input.serial_number)?;
    if device.assignment.is_some() {
        return Err(error::delete_conflict("MFA VirtualDevice in use. Must deactivate first."));
    }
    let id = device.id.clone();
    account.remove::<MfaDevice>(&id);
    Ok(())
}

fn list_devices(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListVirtualMFADevicesRequest,
) -> Result<api::ListVirtualMFADevicesResponse, Error> {
    let status = input.assignment_status.unwrap_or(api::AssignmentStatusType::Any);
    let is_wanted = |device: &&Arc<MfaDevice>| match status {
        _ if device.is_hardware() => false,
        api::AssignmentStatusType::Assigned => device.assignment.is_some(),
        api::AssignmentStatusType::Unassigned => device.assignment.is_none(),
        api::AssignmentStatusType::Any => true,
    };
    let list = [status.as_str()];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let page = page(
        cx,
        &request,
        |after| account.mfa_devices().after(after).filter(is_wanted),
        |device| &device.path_and_name,
        |device| listed(account, device),
    )?;
    Ok(api::ListVirtualMFADevicesResponse {
        virtual_mfa_devices: page.items,
        is_truncated: Some(page.is_truncated),
        marker: page.marker,
    })
}

/// A device as the list of all shows it: without its tags (API Reference), and never with its seed.
fn listed(account: &Account, device: &MfaDevice) -> api::VirtualMFADevice {
    let holder = device.assignment.as_ref().and_then(|assignment| Holder::of(account, &assignment.holder));
    api::VirtualMFADevice {
        serial_number: account.mfa_serial_number(device),
        user: holder.map(|holder| holder.summary(account)),
        enable_date: device.assignment.as_ref().map(|assignment| assignment.enabled),
        ..Default::default()
    }
}

fn tag_device(_: &Cx<'_>, account: &mut Account, input: api::TagMFADeviceRequest) -> Result<(), Error> {
    let mut device = MfaDevice::clone(device(account, &input.serial_number)?);
    tag::add_exact(&mut device.tags, input.tags)?;
    account.put(device);
    Ok(())
}

fn untag_device(_: &Cx<'_>, account: &mut Account, input: api::UntagMFADeviceRequest) -> Result<(), Error> {
    let mut device = MfaDevice::clone(device(account, &input.serial_number)?);
    tag::remove_exact(&mut device.tags, &input.tag_keys);
    account.put(device);
    Ok(())
}

fn list_device_tags(
    cx: &Cx<'_>,
    account: &Account,
    input: api::ListMFADeviceTagsRequest,
) -> Result<api::ListMFADeviceTagsResponse, Error> {
    let device = device(account, &input.serial_number)?;
    let page = tag::page_exact(cx, &device.id, &device.tags, input.marker.as_deref(), input.max_items)?;
    Ok(api::ListMFADeviceTagsResponse { tags: page.items, is_truncated: Some(page.is_truncated), marker: page.marker })
}
