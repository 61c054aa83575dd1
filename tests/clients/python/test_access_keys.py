"""Access keys: how many, how they are switched off, what is known of their use."""

import re
import time

from doorward import INVALID_TOKEN, Credentials, allow, fails, no_such

OWN_KEYS = allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}")


def test_life_of_a_key(server, iam):
    iam.create_user(UserName="keyed")
    made = iam.create_access_key(UserName="keyed")["AccessKey"]
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", made["AccessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", made["SecretAccessKey"])
    assert (made["UserName"], made["Status"]) == ("keyed", "Active")
    listed = iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]
    assert [key.keys() for key in listed] == [{"UserName", "AccessKeyId", "Status", "CreateDate"}]

    sts = server.sts(Credentials.of({"AccessKey": made}))
    assert sts.get_caller_identity()["Arn"] == server.arn("user/keyed")
    iam.update_access_key(UserName="keyed", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    assert iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        sts.get_caller_identity()
    iam.update_access_key(UserName="keyed", AccessKeyId=made["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    iam.delete_access_key(UserName="keyed", AccessKeyId=made["AccessKeyId"])
    with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
        sts.get_caller_identity()
    gone = f"The Access Key with id {made['AccessKeyId']} cannot be found"
    with fails("NoSuchEntity", 404, gone):
        iam.delete_access_key(UserName="keyed", AccessKeyId=made["AccessKeyId"])
    with fails("NoSuchEntity", 404, gone):
        iam.update_access_key(UserName="keyed", AccessKeyId=made["AccessKeyId"], Status="Active")


def test_two_keys_and_no_more(iam):
    iam.create_user(UserName="greedy")
    made = [iam.create_access_key(UserName="greedy")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    with fails("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="greedy")
    # An inactive key counts.
    iam.update_access_key(UserName="greedy", AccessKeyId=made[0], Status="Inactive")
    with fails("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="greedy")
    iam.delete_access_key(UserName="greedy", AccessKeyId=made[0])
    iam.create_access_key(UserName="greedy")


def test_a_user_rotates_their_own_key(server, iam):
    old = server.user("rotator", OWN_KEYS)
    own = server.iam(old)
    new = Credentials.of(own.create_access_key())
    own = server.iam(new)
    own.delete_access_key(AccessKeyId=old.access_key)
    listed = own.list_access_keys()["AccessKeyMetadata"]
    assert [(key["UserName"], key["AccessKeyId"]) for key in listed] == [("rotator", new.access_key)]


def test_a_key_belongs_to_one_user(server, iam):
    key = server.user("owner").access_key
    iam.create_user(UserName="thief")
    with fails("NoSuchEntity", 404, f"The Access Key with id {key} cannot be found"):
        iam.delete_access_key(UserName="thief", AccessKeyId=key)
    with no_such("user", "nobody"):
        iam.create_access_key(UserName="nobody")


def test_last_use(server, iam):
    key = server.user("used")
    never = iam.get_access_key_last_used(AccessKeyId=key.access_key)
    assert never["UserName"] == "used"
    assert (never["AccessKeyLastUsed"]["ServiceName"], never["AccessKeyLastUsed"]["Region"]) == ("N/A", "N/A")
    assert "LastUsedDate" not in never["AccessKeyLastUsed"]

    server.sts(key).get_caller_identity()
    deadline = time.monotonic() + 5
    while True:
        use = iam.get_access_key_last_used(AccessKeyId=key.access_key)["AccessKeyLastUsed"]
        if "LastUsedDate" in use or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    assert (use["ServiceName"], use["Region"]) == ("sts", "us-east-1")
    assert use["LastUsedDate"].tzinfo is not None


def test_the_account_of_a_key(server, sts):
    key = server.user("accounted").access_key
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == server.account
    assert sts.get_access_key_info(AccessKeyId=server.root.access_key)["Account"] == server.account


def test_the_root_key_is_listed_for_root(server, iam):
    listed = iam.list_access_keys()["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in listed] == [server.root.access_key]
