"""What a well-known mock accepts and AWS refuses, each as a test."""

import re

import pytest
from doorward import allow, fails, no_such, policy, trust

SMALL = policy(allow("s3:Get*"))


def large(size):
    """A good policy of exactly this many characters that are not white space."""
    frame = policy(allow("s3:GetObject", "arn:aws:s3:::/*"))
    without = len(re.sub(r"\s", "", frame))
    return policy(allow("s3:GetObject", "arn:aws:s3:::" + "x" * (size - without) + "/*"))


# 1.


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_1_names_that_differ_only_by_case(server, iam, kind):
    def create(name):
        more = {"AssumeRolePolicyDocument": trust(server.account)} if kind == "role" else {}
        getattr(iam, f"create_{kind}")(**{f"{kind.title()}Name": name}, **more)

    create("Mixed")
    with fails("EntityAlreadyExists", 409, re.compile(f"{kind.title()} with name (Mixed|mIXED) already exists\\.")):
        create("mIXED")


def test_1_policies_that_differ_only_by_case_or_path(iam):
    iam.create_policy(PolicyName="Mixed", Path="/a/", PolicyDocument=SMALL)
    for name, path in (("Mixed", "/b/"), ("mixed", "/a/")):
        text = re.compile(f"A policy called ({name}|Mixed) already exists\\. Duplicate names are not allowed\\.")
        with fails("EntityAlreadyExists", 409, text):
            iam.create_policy(PolicyName=name, Path=path, PolicyDocument=SMALL)


# 2.


def test_2_ids_have_the_prefix_of_their_kind(server, iam):
    ids = {
        "AIDA": iam.create_user(UserName="id")["User"]["UserId"],
        "AGPA": iam.create_group(GroupName="id")["Group"]["GroupId"],
        "ANPA": iam.create_policy(PolicyName="id", PolicyDocument=SMALL)["Policy"]["PolicyId"],
        "AROA": iam.create_role(RoleName="id", AssumeRolePolicyDocument=trust(server.account))["Role"]["RoleId"],
    }
    for prefix, found in ids.items():
        assert re.fullmatch(prefix + "[A-Z2-7]{17}", found)
    key = iam.create_access_key(UserName="id")["AccessKey"]["AccessKeyId"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", key)


# 3.


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_3_ten_policies_are_attached_and_no_more(server, iam, kind):
    name = f"full-{kind}"
    more = {"AssumeRolePolicyDocument": trust(server.account)} if kind == "role" else {}
    who = {f"{kind.title()}Name": name}
    getattr(iam, f"create_{kind}")(**who, **more)
    attach = getattr(iam, f"attach_{kind}_policy")
    arns = [
        iam.create_policy(PolicyName=f"{kind}{number}", PolicyDocument=SMALL)["Policy"]["Arn"] for number in range(11)
    ]
    for arn in arns[:10]:
        attach(PolicyArn=arn, **who)
    attach(PolicyArn=arns[0], **who)  # Attached already: nothing changes.
    with fails("LimitExceeded", 409, f"Cannot exceed quota for PoliciesPer{kind.title()}: 10"):
        attach(PolicyArn=arns[10], **who)


def test_3_a_user_is_in_ten_groups_and_no_more(iam):
    iam.create_user(UserName="sociable")
    for number in range(11):
        iam.create_group(GroupName=f"club{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"club{number}", UserName="sociable")
    with fails("LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10"):
        iam.add_user_to_group(GroupName="club10", UserName="sociable")


# 4.


def test_4_a_managed_policy_has_6144_characters(iam):
    with fails("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName="Large", PolicyDocument=large(8800))
    with fails("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName="Large", PolicyDocument=large(6145))
    # White space does not count.
    spaced = large(6144).replace(", ", ",\n        ")
    arn = iam.create_policy(PolicyName="Large", PolicyDocument=spaced)["Policy"]["Arn"]
    with fails("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=large(6145))


@pytest.mark.parametrize(("kind", "limit"), [("user", 2048), ("group", 5120), ("role", 10240)])
def test_4_inline_policies_together(server, iam, kind, limit):
    name = f"heavy-{kind}"
    who = {f"{kind.title()}Name": name}
    more = {"AssumeRolePolicyDocument": trust(server.account)} if kind == "role" else {}
    getattr(iam, f"create_{kind}")(**who, **more)
    put = getattr(iam, f"put_{kind}_policy")
    text = f"Maximum policy size of {limit} bytes exceeded for {kind} {name}"
    with fails("LimitExceeded", 409, text):
        put(PolicyName="one", PolicyDocument=large(limit + 1), **who)
    put(PolicyName="one", PolicyDocument=large(limit - 200), **who)
    put(PolicyName="two", PolicyDocument=large(200), **who)
    with fails("LimitExceeded", 409, text):
        put(PolicyName="two", PolicyDocument=large(201), **who)
    with fails("LimitExceeded", 409, text):
        put(PolicyName="three", PolicyDocument=large(150), **who)


def test_4_a_trust_policy_has_2048_characters(server, iam):
    def document(size):
        short = trust(server.account, StringEquals={"sts:ExternalId": ""})
        return trust(server.account, StringEquals={"sts:ExternalId": "x" * (size - len(re.sub(r"\s", "", short)))})

    with fails("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"):
        iam.create_role(RoleName="Wordy", AssumeRolePolicyDocument=document(2049))
    iam.create_role(RoleName="Wordy", AssumeRolePolicyDocument=document(2000))
    with fails("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"):
        iam.update_assume_role_policy(RoleName="Wordy", PolicyDocument=document(2049))


# 5.


def test_5_a_trust_policy_names_who_exists(server, iam):
    missing = server.arn("user/never-was")
    with fails("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{missing}"'):
        iam.create_role(RoleName="Credulous", AssumeRolePolicyDocument=trust(missing))
    with no_such("role", "Credulous"):
        iam.get_role(RoleName="Credulous")
    iam.create_user(UserName="is")
    iam.create_role(RoleName="Sound", AssumeRolePolicyDocument=trust(server.arn("user/is")))
    with fails("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{missing}"'):
        iam.update_assume_role_policy(RoleName="Sound", PolicyDocument=trust(missing))


# 6.


def test_6_a_session_is_no_longer_than_its_role_allows(server, iam):
    key = server.user("patient")
    role = server.role("Hour", trust(server.arn("user/patient")))
    text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with fails("ValidationError", 400, text):
        server.assume(key, role, DurationSeconds=3601)
    server.assume(key, role, DurationSeconds=3600)
    iam.update_role(RoleName="Hour", MaxSessionDuration=7200)
    server.assume(key, role, DurationSeconds=7200)


# 8.


def test_8_an_alias_has_no_two_hyphens_in_a_row(server, iam):
    text = re.compile("1 validation error detected: Value .*at 'accountAlias' failed to satisfy constraint: .+")
    for alias in ("a--b", "A--b"):
        with fails("ValidationError", 400, text):
            server.iam(parameter_validation=False).create_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == []


# 10.


def test_10_the_packed_size_follows_the_policy(server):
    key = server.user("packer")
    role = server.role("Packed", trust(server.arn("user/packer")))
    sts = server.sts(key)

    def size(**details):
        response = sts.assume_role(RoleArn=role, RoleSessionName="packed", **details)
        return response.get("PackedPolicySize")

    assert size() is None
    small, big = size(Policy=large(200)), size(Policy=large(1900))
    assert 0 < small < big <= 100
