"""Passwords: the account's policy, login profiles, and a user's own password, through boto3."""

import threading
import time

import pytest
from botocore.exceptions import ClientError
from doorward import allow, fails, no_such, refused


def test_the_password_policy(server, iam):
    missing = f"The Password Policy with domain name {server.account} cannot be found."
    with fails("NoSuchEntity", 404, missing):
        iam.get_account_password_policy()
    iam.update_account_password_policy()
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 6,
        "RequireSymbols": False,
        "RequireNumbers": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": False,
    }
    iam.update_account_password_policy(MinimumPasswordLength=12, MaxPasswordAge=90, HardExpiry=True)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["ExpirePasswords"], policy["MaxPasswordAge"]) == (12, True, 90)
    assert policy["HardExpiry"] is True
    iam.delete_account_password_policy()
    with fails("NoSuchEntity", 404, missing):
        iam.delete_account_password_policy()


def test_life_of_a_login_profile(iam):
    iam.create_user(UserName="dora")
    missing = "Login Profile for User dora cannot be found."
    with fails("NoSuchEntity", 404, missing):
        iam.get_login_profile(UserName="dora")
    weak = (
        "Password should meet 1 more of the following requirements: Password should have at least one uppercase letter, "
        "Password should have at least one symbol"
    )
    with fails("PasswordPolicyViolation", 400, weak):
        iam.create_login_profile(UserName="dora", Password="letters4nd")
    made = iam.create_login_profile(UserName="dora", Password="Letters 4nd", PasswordResetRequired=True)["LoginProfile"]
    assert (made["UserName"], made["PasswordResetRequired"]) == ("dora", True)
    assert iam.get_login_profile(UserName="dora")["LoginProfile"] == made
    with fails("EntityAlreadyExists", 409, "Login Profile for user dora already exists."):
        iam.create_login_profile(UserName="dora", Password="Letters 4nd")
    iam.update_login_profile(UserName="dora", Password="Letters 5nd", PasswordResetRequired=False)
    assert iam.get_login_profile(UserName="dora")["LoginProfile"] == made | {"PasswordResetRequired": False}
    with fails("DeleteConflict", 409, "Cannot delete entity, must delete login profile first."):
        iam.delete_user(UserName="dora")
    iam.delete_login_profile(UserName="dora")
    with fails("NoSuchEntity", 404, missing):
        iam.delete_login_profile(UserName="dora")
    iam.delete_user(UserName="dora")
    with no_such("user", "dora"):
        iam.create_login_profile(UserName="dora", Password="Letters 4nd")


def test_a_user_changes_their_own_password(server, iam):
    key = server.user("emil")
    own = server.iam(key)
    iam.create_login_profile(UserName="emil", Password="Passw0rd")
    change = {"OldPassword": "Passw0rd", "NewPassword": "Passw1rd"}
    with refused(server.arn("user/emil"), "iam:ChangePassword", "user emil"):
        own.change_password(**change)
    iam.update_account_password_policy(AllowUsersToChangePassword=True, PasswordReusePrevention=2)
    with fails("AccessDenied", 403, "The old password was incorrect."):
        own.change_password(OldPassword="passw0rd", NewPassword="Passw1rd")
    # A wrong guess makes the next one wait for a second.
    deadline = time.monotonic() + 5
    while True:
        try:
            own.change_password(**change)
            break
        except ClientError as error:
            assert error.response["Error"]["Code"] == "Throttling"
            assert time.monotonic() < deadline
            time.sleep(0.2)
    reuse = "Policy constraint violation with password reuse prevention during password change"
    for password in ("Passw0rd", "Passw1rd"):
        with fails("PasswordPolicyViolation", 400, reuse):
            iam.update_login_profile(UserName="emil", Password=password)
    iam.delete_account_password_policy()


@pytest.mark.parametrize("name", ["root", "session"])
def test_only_users_have_a_password_to_change(server, name):
    credentials = server.root
    if name == "session":
        key = server.user("frida", allow("sts:AssumeRole"))
        trust_policy = f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{server.account}"}},"Action":"sts:AssumeRole"}}}}'
        credentials = server.assume(key, server.role("powers", trust_policy, allow("*")))
    with fails("InvalidUserType", 400, "Only IAM Users can change their own password"):
        server.iam(credentials).change_password(OldPassword="Passw0rd", NewPassword="Passw1rd")


def test_a_password_takes_its_time_and_others_do_not_wait(server, iam):
    """Hashing is done apart: while many passwords are set, other calls are answered at once."""
    names = [f"crowd{number}" for number in range(12)]
    for name in names:
        iam.create_user(UserName=name)
    clients = [server.iam() for _ in names]
    failed = []

    def create(client, name):
        try:
            client.create_login_profile(UserName=name, Password="Passw0rd")
        except ClientError as error:
            failed.append(error)

    threads = [threading.Thread(target=create, args=pair) for pair in zip(clients, names)]
    for thread in threads:
        thread.start()
    answered = 0
    while any(thread.is_alive() for thread in threads):
        iam.get_user(UserName=names[0])
        answered += 1
    for thread in threads:
        thread.join()
    assert not failed
    assert answered >= len(names)
    for name in names:
        assert iam.get_login_profile(UserName=name)["LoginProfile"]["UserName"] == name
