"""Virtual MFA devices and one-time codes, through boto3 with an authenticator app of ten lines."""

import base64
import hmac
import struct
import time
import zlib

import pytest
from doorward import INVALID_TOKEN, Credentials, Server, allow, deny, fails, no_such, trust

UNABLE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and "
    "associated with this user."
)
# The message ends with a space, which XML keeps.
WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


def code(seed, steps=0):
    """The code of RFC 6238, so many steps of 30 seconds from now."""
    key = base64.b32decode(seed)
    tag = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    offset = tag[-1] & 15
    return f"{(struct.unpack('>I', tag[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def device(iam, name, user=None, **details):
    """A new device, enabled for the user if one is given; gives serial number and seed."""
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **details)["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"]
    if user:
        first, second = code(seed, -2), code(seed, -1)
        iam.enable_mfa_device(
            UserName=user, SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
        )
    return serial, seed


def test_life_of_a_device(server, iam):
    server.user("alice")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="life", Path="/team/", Tags=[{"Key": "a", "Value": "1"}])
    made = made["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"]
    assert serial == server.arn("mfa/team/life")
    assert (len(seed), made["Tags"]) == (64, [{"Key": "a", "Value": "1"}])
    which = {"SerialNumber": serial}
    with fails("InvalidAuthenticationCode", 403, "Authentication code for device is not valid."):
        iam.enable_mfa_device(UserName="alice", **which, AuthenticationCode1="000000", AuthenticationCode2="000000")
    first, second = code(seed, -1), code(seed)
    iam.enable_mfa_device(UserName="alice", **which, AuthenticationCode1=first, AuthenticationCode2=second)
    listed = iam.list_mfa_devices(UserName="alice")["MFADevices"]
    assert [(found["UserName"], found["SerialNumber"]) for found in listed] == [("alice", serial)]
    got = iam.get_mfa_device(**which)
    assert (got["UserName"], got["EnableDate"]) == ("alice", listed[0]["EnableDate"])
    iam.tag_mfa_device(**which, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_mfa_device(**which, TagKeys=["a"])
    assert iam.list_mfa_device_tags(**which)["Tags"] == [{"Key": "b", "Value": "2"}]
    with fails("EntityAlreadyExists", 409, "MFA Device is already in use."):
        iam.enable_mfa_device(UserName="alice", **which, AuthenticationCode1=first, AuthenticationCode2=second)
    with fails("InvalidAuthenticationCode", 403, "Authentication code for device is not valid."):
        iam.resync_mfa_device(UserName="alice", **which, AuthenticationCode1=first, AuthenticationCode2=second)
    iam.resync_mfa_device(
        UserName="alice", **which, AuthenticationCode1=code(seed, 2), AuthenticationCode2=code(seed, 3)
    )
    with fails("DeleteConflict", 409, "MFA VirtualDevice in use. Must deactivate first."):
        iam.delete_virtual_mfa_device(**which)
    iam.delete_access_key(
        UserName="alice", AccessKeyId=iam.list_access_keys(UserName="alice")["AccessKeyMetadata"][0]["AccessKeyId"]
    )
    with fails("DeleteConflict", 409, "Cannot delete entity, must delete MFA device first."):
        iam.delete_user(UserName="alice")
    iam.deactivate_mfa_device(UserName="alice", **which)
    with fails("NoSuchEntity", 404, "MFA Device invalid for user."):
        iam.deactivate_mfa_device(UserName="alice", **which)
    iam.delete_virtual_mfa_device(**which)
    with fails("NoSuchEntity", 404, f"VirtualMFADevice with serial number {serial} doesn't exist."):
        iam.delete_virtual_mfa_device(**which)
    iam.delete_user(UserName="alice")
    with no_such("user", "alice"):
        iam.list_mfa_devices(UserName="alice")


def test_the_picture_is_a_png(iam):
    png = iam.create_virtual_mfa_device(VirtualMFADeviceName="picture")["VirtualMFADevice"]["QRCodePNG"]
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    length, kind, width, height, depth, color = struct.unpack(">I4sIIBB", png[8:26])
    assert (length, kind, width, depth, color) == (13, b"IHDR", height, 1, 0)
    (length,) = struct.unpack(">I", png[33:37])
    lines = zlib.decompress(png[41 : 41 + length])
    assert len(lines) == height * (1 + (width + 7) // 8)


def test_pages_of_devices(iam):
    serials = [device(iam, f"paged{number}")[0] for number in range(5)]
    paginator = iam.get_paginator("list_virtual_mfa_devices")
    pages = list(paginator.paginate(AssignmentStatus="Unassigned", PaginationConfig={"PageSize": 2}))
    found = [found["SerialNumber"] for page in pages for found in page["VirtualMFADevices"]]
    assert [serial for serial in found if "paged" in serial] == serials
    assert found == sorted(found)
    assert all(len(page["VirtualMFADevices"]) <= 2 for page in pages)


def test_a_user_has_up_to_eight_devices(server, iam):
    server.user("octavia")
    for number in range(8):
        device(iam, f"octavia{number}", "octavia")
    with fails("LimitExceeded", 409, "Cannot exceed quota for MFADevicesPerUser: 8"):
        device(iam, "octavia8", "octavia")
    pages = list(iam.get_paginator("list_mfa_devices").paginate(UserName="octavia", PaginationConfig={"PageSize": 3}))
    assert [len(page["MFADevices"]) for page in pages] == [3, 3, 2]


GUARD = deny("*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})


def test_a_session_with_a_code(server, iam):
    key = server.user("greta", allow("iam:ListUsers"), GUARD)
    serial, seed = device(iam, "greta", "greta")
    sts, now = server.sts(key), code(seed)
    with fails("AccessDenied", 403, WRONG):
        sts.get_session_token(SerialNumber=serial, TokenCode=code(seed, -1))
    session = Credentials.of(sts.get_session_token(SerialNumber=serial, TokenCode=now))
    server.iam(session).list_users()
    with fails("AccessDenied", 403, WRONG):
        sts.get_session_token(SerialNumber=serial, TokenCode=now)
    # Without one there is neither IAM nor what the guard denies.
    plain = Credentials.of(sts.get_session_token())
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        server.iam(plain).list_users()
    assert server.decide(session, "iam:ListUsers", "*")["decision"] == "Allow"
    assert server.decide(plain, "iam:ListUsers", "*")["decision"] == "Deny"
    assert server.decide(key, "iam:ListUsers", "*")["decision"] == "Deny"


def test_a_role_that_wants_a_code(server, iam):
    key = server.user("hedda", allow("sts:AssumeRole"))
    condition = {"aws:MultiFactorAuthPresent": "true"}
    role = server.role("guarded", trust(server.arn("user/hedda"), Bool=condition), allow("iam:ListUsers"))
    serial, seed = device(iam, "hedda", "hedda")
    with pytest.raises(Exception, match="is not authorized to perform: sts:AssumeRole"):
        server.assume(key, role)
    session = server.assume(key, role, SerialNumber=serial, TokenCode=code(seed))
    server.iam(session).list_users()
    with fails("AccessDenied", 403, WRONG):
        server.assume(key, role, SerialNumber=serial, TokenCode=code(seed))


def test_whose_device_it_is_counts(server, iam):
    key = server.user("ivar")
    other, seed = device(iam, "other")
    for serial in (other, server.arn("mfa/none"), "GAHT12345678"):
        with fails("AccessDenied", 403, UNABLE):
            server.sts(key).get_session_token(SerialNumber=serial, TokenCode=code(seed))
    both = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
    with fails("AccessDenied", 403, both):
        server.sts(key).get_session_token(SerialNumber=other)


def test_the_root_user_has_devices_too(server, iam, sts):
    serial, seed = device(iam, "root-account-mfa-device", "root")
    assert [found["SerialNumber"] for found in iam.list_mfa_devices()["MFADevices"]] == [serial]
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    session = Credentials.of(sts.get_session_token(SerialNumber=serial, TokenCode=code(seed)))
    server.iam(session).list_users()
    admin = server.user("kari", allow("*"))
    with no_such("user", "root"):
        server.iam(admin).deactivate_mfa_device(UserName="root", SerialNumber=serial)
    iam.deactivate_mfa_device(SerialNumber=serial)
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0


def test_a_used_code_stays_used_over_a_restart(tmp_path):
    server = Server(tmp_path)
    key = server.user("lotte")
    serial, seed = device(server.iam(), "lotte", "lotte")
    now = code(seed)
    server.sts(key).get_session_token(SerialNumber=serial, TokenCode=now)
    server.kill()
    server.start()
    with fails("AccessDenied", 403, WRONG):
        server.sts(key).get_session_token(SerialNumber=serial, TokenCode=now)
    server.kill()
