"""Lists of many, page by page."""

import re

import pytest
from doorward import fails, trust

COUNT = 250


@pytest.fixture(scope="module")
def names(server, iam):
    made = [f"user{number:03}" for number in range(COUNT)]
    for number, name in enumerate(made):
        iam.create_user(UserName=name, Path="/even/" if number % 2 == 0 else "/odd/")
    return made


def listed(page):
    return [user["UserName"] for user in page["Users"]]


def test_the_default_page_is_a_hundred(iam, names):
    page = iam.list_users()
    assert (len(page["Users"]), page["IsTruncated"]) == (100, True)
    assert page["Marker"]
    last = iam.list_users(MaxItems=1000)
    assert (len(last["Users"]), last["IsTruncated"]) == (COUNT, False)
    assert "Marker" not in last


@pytest.mark.parametrize("size", [1000, 100, 77, 1])
def test_pages_hold_each_name_once_in_order(iam, names, size):
    limit = {"PageSize": size} | ({"MaxItems": 5} if size == 1 else {})
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig=limit))
    assert all(len(page["Users"]) <= size for page in pages)
    found = [name for page in pages for name in listed(page)]
    assert found == (names[:5] if size == 1 else names)


def test_a_client_resumes_where_it_stopped(iam, names):
    first = iam.get_paginator("list_users").paginate(PaginationConfig={"MaxItems": 120, "PageSize": 50}).build_full_result()
    assert listed(first) == names[:120]
    rest = {"StartingToken": first["NextToken"], "PageSize": 50}
    assert listed(iam.get_paginator("list_users").paginate(PaginationConfig=rest).build_full_result()) == names[120:]


def test_a_path_filters_before_the_pages(iam, names):
    pages = iam.get_paginator("list_users").paginate(PathPrefix="/odd/", PaginationConfig={"PageSize": 40})
    assert [name for page in pages for name in listed(page)] == names[1::2]
    assert iam.list_users(PathPrefix="/none/")["Users"] == []
    assert len(iam.list_users(PathPrefix="/o", MaxItems=1000)["Users"]) == COUNT // 2


def test_a_change_between_pages_loses_nothing_else(iam, names):
    first = iam.list_users(MaxItems=100)
    iam.delete_user(UserName=names[99])
    iam.create_user(UserName="user000a")
    second = iam.list_users(MaxItems=1000, Marker=first["Marker"])
    assert listed(second) == names[100:]
    iam.delete_user(UserName="user000a")
    iam.create_user(UserName=names[99], Path="/odd/")


def test_a_marker_is_not_made_by_clients(server, iam, names):
    marker = iam.list_users(MaxItems=10)["Marker"]
    changed = marker[:-1] + ("A" if marker[-1] != "A" else "B")
    for bad in ("user100", "AAAA", changed):
        with fails("ValidationError", 400, "Invalid Marker."):
            iam.list_users(Marker=bad)
    # A marker of one list is of no use to another.
    with fails("ValidationError", 400, "Invalid Marker."):
        iam.list_roles(Marker=marker)


@pytest.mark.parametrize(("size", "bound"), [(0, "greater than or equal to 1"), (1001, "less than or equal to 1000")])
def test_page_sizes_have_bounds(server, size, bound):
    text = f"1 validation error detected: Value .*at 'maxItems' failed to satisfy constraint: Member must have value {bound}"
    with fails("ValidationError", 400, re.compile(text)):
        server.iam(parameter_validation=False).list_users(MaxItems=size)


def test_every_list_says_whether_there_is_more(server, iam):
    iam.create_user(UserName="a-user")
    iam.create_group(GroupName="a-group")
    server.role("a-role", trust(server.account))
    user, group, role = {"UserName": "a-user"}, {"GroupName": "a-group"}, {"RoleName": "a-role"}
    lists = [
        ("list_users", {}),
        ("list_groups", {}),
        ("list_roles", {}),
        ("list_policies", {"Scope": "Local"}),
        ("list_account_aliases", {}),
        ("list_access_keys", user),
        ("list_groups_for_user", user),
        ("list_user_policies", user),
        ("list_attached_user_policies", user),
        ("list_user_tags", user),
        ("list_group_policies", group),
        ("list_attached_group_policies", group),
        ("get_group", group),
        ("list_role_policies", role),
        ("list_attached_role_policies", role),
        ("list_role_tags", role),
    ]
    for name, parameters in lists:
        page = getattr(iam, name)(MaxItems=1000, **parameters)
        assert page["IsTruncated"] is False, name
        assert "Marker" not in page, name


def test_pages_of_roles_groups_and_policies(server, iam):
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    for number in range(5):
        iam.create_group(GroupName=f"page-group{number}", Path="/page/")
        server.role(f"page-role{number}", trust(server.account), Path="/page/")
        iam.create_policy(PolicyName=f"page-policy{number}", Path="/page/", PolicyDocument=document)
    for operation, members, name in [
        ("list_groups", "Groups", "GroupName"),
        ("list_roles", "Roles", "RoleName"),
        ("list_policies", "Policies", "PolicyName"),
    ]:
        pages = list(iam.get_paginator(operation).paginate(PathPrefix="/page/", PaginationConfig={"PageSize": 2}))
        assert [len(page[members]) for page in pages] == [2, 2, 1], operation
        found = [item[name] for page in pages for item in page[members]]
        assert found == [f"page-{operation[5:-1].replace('ie', 'y')}{number}" for number in range(5)]
