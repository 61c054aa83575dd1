"""Groups and who is in them."""

import re

from doorward import allow, fails, no_such, policy


def test_life_of_a_group(server, iam):
    group = iam.create_group(GroupName="Readers", Path="/x/")["Group"]
    assert group["Arn"] == server.arn("group/x/Readers")
    assert re.fullmatch(r"AGPA[A-Z2-7]{17}", group["GroupId"])
    assert iam.get_group(GroupName="Readers")["Users"] == []

    iam.update_group(GroupName="Readers", NewGroupName="Writers", NewPath="/y/")
    got = iam.get_group(GroupName="Writers")["Group"]
    assert (got["GroupId"], got["Arn"]) == (group["GroupId"], server.arn("group/y/Writers"))
    with no_such("group", "Readers"):
        iam.get_group(GroupName="Readers")

    iam.delete_group(GroupName="Writers")
    with no_such("group", "Writers"):
        iam.delete_group(GroupName="Writers")


def test_names_are_taken_whatever_their_case(iam):
    iam.create_group(GroupName="Staff", Path="/a/")
    with fails("EntityAlreadyExists", 409, re.compile(r"Group with name (staff|Staff) already exists\.")):
        iam.create_group(GroupName="staff")


def test_membership(iam):
    for user in ("m1", "m2", "m3"):
        iam.create_user(UserName=user)
    for group in ("g1", "g2"):
        iam.create_group(GroupName=group)
    for user in ("m1", "m2", "m3", "m3"):
        iam.add_user_to_group(GroupName="g1", UserName=user)
    iam.add_user_to_group(GroupName="g2", UserName="m1")

    pages = iam.get_paginator("get_group").paginate(GroupName="g1", PaginationConfig={"PageSize": 2})
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [["m1", "m2"], ["m3"]]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="m1")["Groups"]] == ["g1", "g2"]

    iam.remove_user_from_group(GroupName="g1", UserName="m1")
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="m1")["Groups"]] == ["g2"]
    with no_such("group", "none"):
        iam.add_user_to_group(GroupName="none", UserName="m1")
    with no_such("user", "nobody"):
        iam.add_user_to_group(GroupName="g1", UserName="nobody")
    with no_such("user", "nobody"):
        iam.list_groups_for_user(UserName="nobody")


def test_membership_outlives_a_rename(iam):
    iam.create_user(UserName="before")
    iam.create_group(GroupName="old")
    iam.add_user_to_group(GroupName="old", UserName="before")
    iam.update_user(UserName="before", NewUserName="after")
    iam.update_group(GroupName="old", NewGroupName="new")
    assert [user["UserName"] for user in iam.get_group(GroupName="new")["Users"]] == ["after"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="after")["Groups"]] == ["new"]


def test_a_group_with_policies_is_not_deleted(iam):
    iam.create_group(GroupName="held")
    iam.put_group_policy(GroupName="held", PolicyName="p", PolicyDocument=policy(allow("s3:Get*")))
    with fails("DeleteConflict", 409, "Cannot delete entity, must delete policies first."):
        iam.delete_group(GroupName="held")
    iam.delete_group_policy(GroupName="held", PolicyName="p")
    arn = iam.create_policy(PolicyName="GroupHold", PolicyDocument=policy(allow("s3:Get*")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="held", PolicyArn=arn)
    with fails("DeleteConflict", 409, "Cannot delete entity, must detach all policies first."):
        iam.delete_group(GroupName="held")
    iam.detach_group_policy(GroupName="held", PolicyArn=arn)
    iam.delete_group(GroupName="held")
