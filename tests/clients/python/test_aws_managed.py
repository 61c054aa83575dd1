"""AWS-managed policies, which every account has by default."""

from doorward import Credentials, fails, refused, trust

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def with_policy(server, iam, name, arn):
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    return server.iam(Credentials.of(iam.create_access_key(UserName=name)))


def test_administrator_access_can_be_attached_and_is_in_force(server, iam):
    """A well-known mock does not know AdministratorAccess with its default settings."""
    admin = with_policy(server, iam, "managed-admin", ADMIN)
    admin.create_user(UserName="made-by-admin", Path="/made/")
    admin.attach_user_policy(UserName="made-by-admin", PolicyArn=READ_ONLY)
    attached = admin.list_attached_user_policies(UserName="made-by-admin")["AttachedPolicies"]
    assert attached == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    caller, resource = server.arn("user/managed-admin"), f"policy {READ_ONLY}"
    because = "because no resource-based policy allows the iam:DeletePolicy action"
    with refused(caller, "iam:DeletePolicy", resource, because):
        admin.delete_policy(PolicyArn=READ_ONLY)


def test_read_only_access_reads_only(server, iam):
    reader = with_policy(server, iam, "managed-reader", READ_ONLY)
    assert reader.get_user()["User"]["UserName"] == "managed-reader"
    with refused(server.arn("user/managed-reader"), "iam:CreateGroup", server.arn("group/nobodys")):
        reader.create_group(GroupName="nobodys")


def test_all_of_them_are_listed_and_read(iam):
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 250})
    found = [policy for page in pages for policy in page["Policies"]]
    assert len(found) > 1_500
    assert len({policy["PolicyId"] for policy in found}) == len(found)
    assert all(policy["Arn"] == f"arn:aws:iam::aws:policy{policy['Path']}{policy['PolicyName']}" for policy in found)
    for policy in found[::100]:
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        assert version["PolicyVersion"]["Document"]["Statement"]


def test_what_is_for_service_linked_roles_is_not_attached(server, iam):
    server.role("managed-plain", trust(server.account))
    with fails("PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer Role."):
        iam.attach_role_policy(
            RoleName="managed-plain", PolicyArn="arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
        )
