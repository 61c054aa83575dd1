"""An organization through boto3: the tree, an account with its role, and what its policies hold down."""

import pytest
from doorward import allow, deny, policy, refused


@pytest.fixture(scope="module")
def organizations(server):
    client = server.client("organizations")
    client.create_organization(FeatureSet="ALL")
    return client


def test_a_unit_forbids_what_its_accounts_allow(server, organizations):
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    status = organizations.create_account(Email="dev@example.com", AccountName="dev")["CreateAccountStatus"]
    status = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    account = status["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    paginator = organizations.get_paginator("list_accounts")
    found = [one["Id"] for page in paginator.paginate(PaginationConfig={"PageSize": 1}) for one in page["Accounts"]]
    assert account in found and len(found) == 2
    described = organizations.describe_account(AccountId=account)["Account"]
    got = (described["Email"], described["Status"], described["JoinedMethod"])
    assert got == ("dev@example.com", "ACTIVE", "CREATED")

    key = server.user("org-admin", allow("sts:AssumeRole"))
    member = server.assume(key, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", "first")
    iam = server.client("iam", member)
    iam.create_user(UserName="before")
    made = organizations.create_policy(
        Name="no users", Description="", Type="SERVICE_CONTROL_POLICY", Content=policy(deny("iam:CreateUser"))
    )["Policy"]["PolicySummary"]
    because = f"with an explicit deny in a service control policy: {made['Arn']}"
    caller = f"arn:aws:sts::{account}:assumed-role/OrganizationAccountAccessRole/first"
    organizations.attach_policy(PolicyId=made["Id"], TargetId=unit)
    with refused(caller, "iam:CreateUser", f"arn:aws:iam::{account}:user/after", because):
        iam.create_user(UserName="after")
    organizations.detach_policy(PolicyId=made["Id"], TargetId=unit)
    iam.create_user(UserName="after")
    with pytest.raises(organizations.exceptions.ConstraintViolationException) as caught:
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    assert caught.value.response["Reason"] == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    with pytest.raises(organizations.exceptions.AccessDeniedException):
        server.client("organizations", member).list_accounts()


def test_an_outsider_is_in_no_organization(other):
    client = other.client("organizations")
    with pytest.raises(client.exceptions.AWSOrganizationsNotInUseException):
        client.describe_organization()
