"""The account: its alias and its summary."""

import re

import pytest
from doorward import allow, fails, policy, trust


def test_the_alias(iam):
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="example-corp")
    assert iam.list_account_aliases()["AccountAliases"] == ["example-corp"]
    # A second one takes the place of the first.
    iam.create_account_alias(AccountAlias="example-corp-2")
    assert iam.list_account_aliases()["AccountAliases"] == ["example-corp-2"]
    with fails("NoSuchEntity", 404, re.compile(".*example-corp.*")):
        iam.delete_account_alias(AccountAlias="example-corp")
    iam.delete_account_alias(AccountAlias="example-corp-2")
    assert iam.list_account_aliases()["AccountAliases"] == []


@pytest.mark.parametrize("alias", ["ab", "Upper", "-a-b", "a-b-", "under_score"])
def test_what_is_no_alias(server, alias):
    text = re.compile("[12] validation errors? detected: Value .*at 'accountAlias' failed to satisfy constraint: .+")
    with fails("ValidationError", 400, text):
        server.iam(parameter_validation=False).create_account_alias(AccountAlias=alias)


def test_the_summary_counts(server, iam):
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_user(UserName="counted")
    iam.create_group(GroupName="counted")
    server.role("counted", trust(server.account))
    arn = iam.create_policy(PolicyName="counted", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("s3:Get*")))
    iam.attach_user_policy(UserName="counted", PolicyArn=arn)
    after = iam.get_account_summary()["SummaryMap"]
    grown = {key: after[key] - before[key] for key in ("Users", "Groups", "Roles", "Policies")}
    assert grown == {"Users": 1, "Groups": 1, "Roles": 1, "Policies": 1}
    quotas = {
        "UsersQuota": 5000,
        "GroupsQuota": 300,
        "RolesQuota": 1000,
        "PoliciesQuota": 1500,
        "AccessKeysPerUserQuota": 2,
        "GroupsPerUserQuota": 10,
        "VersionsPerPolicyQuota": 5,
        "AttachedPoliciesPerUserQuota": 10,
        "AttachedPoliciesPerRoleQuota": 10,
        "AttachedPoliciesPerGroupQuota": 10,
        "PolicySizeQuota": 6144,
        "UserPolicySizeQuota": 2048,
        "GroupPolicySizeQuota": 5120,
        "AssumeRolePolicySizeQuota": 2048,
    }
    assert {key: after[key] for key in quotas} == quotas
