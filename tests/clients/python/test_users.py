"""Users: their life, their names, their tags, and what keeps one from being deleted."""

import datetime
import re

import pytest
from doorward import allow, fails, no_such, policy


def test_life_of_a_user(server, iam):
    made = iam.create_user(UserName="alice", Path="/team/red/", Tags=[{"Key": "cost", "Value": "42"}])
    user = made["User"]
    assert user["UserName"] == "alice"
    assert user["Path"] == "/team/red/"
    assert user["Arn"] == server.arn("user/team/red/alice")
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", user["UserId"])
    assert user["CreateDate"].tzinfo is not None
    assert user["CreateDate"].microsecond == 0
    assert user["Tags"] == [{"Key": "cost", "Value": "42"}]

    got = iam.get_user(UserName="alice")["User"]
    assert got == user

    iam.update_user(UserName="alice", NewUserName="alicia", NewPath="/team/blue/")
    moved = iam.get_user(UserName="alicia")["User"]
    assert moved["UserId"] == user["UserId"]
    assert moved["Arn"] == server.arn("user/team/blue/alicia")
    with no_such("user", "alice"):
        iam.get_user(UserName="alice")

    iam.delete_user(UserName="alicia")
    with no_such("user", "alicia"):
        iam.get_user(UserName="alicia")
    with no_such("user", "alicia"):
        iam.delete_user(UserName="alicia")


def test_a_new_user_of_an_old_name_has_a_new_id(iam):
    first = iam.create_user(UserName="phoenix")["User"]["UserId"]
    iam.delete_user(UserName="phoenix")
    assert iam.create_user(UserName="phoenix")["User"]["UserId"] != first


def test_every_response_has_one_request_id(iam):
    metadata = iam.list_users()["ResponseMetadata"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["RequestId"])
    assert metadata["HTTPHeaders"]["x-amzn-requestid"] == metadata["RequestId"]
    assert metadata["HTTPHeaders"]["content-type"].startswith("text/xml")
    assert iam.list_users()["ResponseMetadata"]["RequestId"] != metadata["RequestId"]


def test_names_are_taken_whatever_their_case(iam):
    iam.create_user(UserName="Bob", Path="/a/")
    with fails("EntityAlreadyExists", 409, "User with name Bob already exists."):
        iam.create_user(UserName="Bob")
    with fails("EntityAlreadyExists", 409, re.compile(r"User with name (bob|Bob) already exists\.")):
        iam.create_user(UserName="bob", Path="/b/")
    assert iam.get_user(UserName="Bob")["User"]["UserName"] == "Bob"


def test_a_rename_cannot_take_a_name(iam):
    iam.create_user(UserName="carol")
    iam.create_user(UserName="dave")
    with fails("EntityAlreadyExists", 409, re.compile(r"User with name (CAROL|carol) already exists\.")):
        iam.update_user(UserName="dave", NewUserName="CAROL")
    assert iam.get_user(UserName="dave")["User"]["UserName"] == "dave"
    # One's own name in another case is free.
    iam.update_user(UserName="dave", NewUserName="Dave")
    assert iam.get_user(UserName="Dave")["User"]["UserName"] == "Dave"


def test_tags(iam):
    iam.create_user(UserName="tagged", Tags=[{"Key": "a", "Value": "1"}])
    iam.tag_user(UserName="tagged", Tags=[{"Key": "b", "Value": ""}, {"Key": "a", "Value": "2"}])
    assert iam.list_user_tags(UserName="tagged")["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    assert iam.list_user_tags(UserName="tagged")["IsTruncated"] is False
    iam.untag_user(UserName="tagged", TagKeys=["a", "never there"])
    assert iam.get_user(UserName="tagged")["User"]["Tags"] == [{"Key": "b", "Value": ""}]
    with no_such("user", "untagged"):
        iam.tag_user(UserName="untagged", Tags=[{"Key": "a", "Value": "1"}])


DUPLICATE_TAGS = "Duplicate tag keys found. Please note that Tag keys are case insensitive."


@pytest.mark.parametrize("second", ["k", "K"])
def test_two_tags_of_one_key_are_refused(iam, second):
    tags = [{"Key": "k", "Value": "1"}, {"Key": second, "Value": "2"}]
    with fails("InvalidInput", 400, DUPLICATE_TAGS):
        iam.create_user(UserName=f"twice-{second}", Tags=tags)
    with no_such("user", f"twice-{second}"):
        iam.get_user(UserName=f"twice-{second}")


def test_at_most_fifty_tags(iam):
    iam.create_user(UserName="collector")
    iam.tag_user(UserName="collector", Tags=[{"Key": f"k{i}", "Value": "v"} for i in range(50)])
    with fails("LimitExceeded", 409, re.compile(".+")):
        iam.tag_user(UserName="collector", Tags=[{"Key": "one more", "Value": "v"}])
    assert len(iam.list_user_tags(UserName="collector")["Tags"]) == 50


def test_lists_leave_out_what_get_returns(iam):
    boundary = iam.create_policy(PolicyName="UserBoundary", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.create_user(UserName="bounded", PermissionsBoundary=boundary, Tags=[{"Key": "a", "Value": "b"}])
    got = iam.get_user(UserName="bounded")["User"]
    assert got["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": boundary,
    }
    listed = next(user for user in iam.list_users(MaxItems=1000)["Users"] if user["UserName"] == "bounded")
    assert listed.keys() == {"Path", "UserName", "UserId", "Arn", "CreateDate"}


def conflict(text):
    return fails("DeleteConflict", 409, f"Cannot delete entity, {text}.")


def test_deleting_in_the_wrong_order(iam):
    iam.create_user(UserName="rooted")
    key = iam.create_access_key(UserName="rooted")["AccessKey"]["AccessKeyId"]
    with conflict("must delete access keys first"):
        iam.delete_user(UserName="rooted")
    iam.delete_access_key(UserName="rooted", AccessKeyId=key)

    arn = iam.create_policy(PolicyName="Hold", PolicyDocument=policy(allow("s3:Get*")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="rooted", PolicyArn=arn)
    with conflict("must detach all policies first"):
        iam.delete_user(UserName="rooted")
    iam.detach_user_policy(UserName="rooted", PolicyArn=arn)

    iam.put_user_policy(UserName="rooted", PolicyName="inline", PolicyDocument=policy(allow("s3:Get*")))
    with conflict("must delete policies first"):
        iam.delete_user(UserName="rooted")
    iam.delete_user_policy(UserName="rooted", PolicyName="inline")

    iam.create_group(GroupName="anchors")
    iam.add_user_to_group(GroupName="anchors", UserName="rooted")
    with conflict("must remove users from group first"):
        iam.delete_user(UserName="rooted")
    with conflict("must remove users from group first"):
        iam.delete_group(GroupName="anchors")
    iam.remove_user_from_group(GroupName="anchors", UserName="rooted")

    iam.delete_user(UserName="rooted")
    iam.delete_group(GroupName="anchors")
    iam.delete_policy(PolicyArn=arn)


def test_the_waiter_for_a_user_ends(iam):
    iam.create_user(UserName="awaited")
    iam.get_waiter("user_exists").wait(UserName="awaited", WaiterConfig={"Delay": 1, "MaxAttempts": 2})


def test_dates_are_now(iam):
    made = iam.create_user(UserName="punctual")["User"]["CreateDate"]
    assert abs(datetime.datetime.now(datetime.timezone.utc) - made) < datetime.timedelta(seconds=30)
