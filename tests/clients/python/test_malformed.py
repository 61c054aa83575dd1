"""What no stock client sends: refused with the right error, quickly, and without effect."""

import http.client
import re
import socket
import time
import urllib.parse

import pytest
from doorward import no_such, same_text

VERSION = "Version=2010-05-08"


def check(answer, code, status, message=re.compile(".+", re.DOTALL)):
    assert (answer.code(), answer.status) == (code, status), answer.text
    same_text(answer.message(), message)


def malformed(answer):
    """AWS's common errors give "the query string contains a syntax error" the status 404."""
    assert (answer.code(), answer.status) in [("MalformedQueryString", 404), ("ValidationError", 400)], answer.text


def constraint(parameter, rule):
    """AWS leaves the value out, or says null, for some services and parameters."""
    return re.compile(f"1 validation error detected: Value .*at '{parameter}' failed to satisfy constraint: {re.escape(rule)}")


def test_an_unknown_action(server):
    text = re.compile("Could not find operation ListUser for version 2010-05-08.*")
    check(server.signed(f"Action=ListUser&{VERSION}"), "InvalidAction", 400, text)


@pytest.mark.parametrize("action", ["listusers", "LISTUSERS", "ListUsers%00", "ListUsers%20"])
def test_an_action_is_named_exactly(server, action):
    check(server.signed(f"Action={action}&{VERSION}"), "InvalidAction", 400)


def test_an_action_of_another_version(server):
    text = re.compile("Could not find operation ListUsers for version 2011-01-01.*")
    check(server.signed("Action=ListUsers&Version=2011-01-01"), "InvalidAction", 400, text)


def test_an_action_of_the_other_service(server):
    answer = server.signed("Action=ListUsers&Version=2011-06-15", service="sts")
    check(answer, "InvalidAction", 400)
    # Signed for one service and sent to another: nobody's request.
    answer = server.signed(f"Action=ListUsers&{VERSION}", service="sts")
    assert answer.status in (400, 403), answer.text


def test_no_action(server):
    check(server.signed(VERSION), "MissingAction", 400)


@pytest.mark.parametrize(
    "body",
    [
        f"Action=ListUsers&{VERSION}&Action=ListUsers",
        f"Action=ListUsers&{VERSION}&Action=ListRoles",
        f"Action=CreateUser&{VERSION}&UserName=one&UserName=two",
        f"Action=CreateUser&{VERSION}&UserName=one&UserName=one",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.1.Key=c",
    ],
)
def test_f03_duplicate_parameter_is_refused(server, iam, body):
    malformed(server.signed(body))
    with no_such("user", "one"):
        iam.get_user(UserName="one")


@pytest.mark.parametrize(
    "body",
    [
        f"Action=CreateUser&{VERSION}&UserName=one&Nonsense=1",
        f"Action=CreateUser&{VERSION}&UserName=one&username=two",
        f"Action=CreateUser&{VERSION}&UserName=one&UserName.member.1=two",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags=a",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.0.Key=a&Tags.member.0.Value=b",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.2.Key=a&Tags.member.2.Value=b",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.01.Key=a&Tags.member.01.Value=b",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.-1.Key=a&Tags.member.-1.Value=b",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.1.Other=c",
        f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.x.Key=a",
    ],
)
def test_f03_what_the_model_does_not_know_is_refused(server, iam, body):
    answer = server.signed(body)
    assert answer.status == 400, answer.text
    with no_such("user", "one"):
        iam.get_user(UserName="one")


@pytest.mark.parametrize("index", ["1000", "4294967296", "99999999999999999999999", "9" * 1000])
def test_f03_a_huge_index_costs_nothing(server, index):
    start = time.monotonic()
    answer = server.signed(f"Action=CreateUser&{VERSION}&UserName=one&Tags.member.{index}.Key=a&Tags.member.{index}.Value=b")
    assert answer.status == 400, answer.text
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("value", ["abc", "1.5", "1e2", "%2B5", "0x10", "", "99999999999999999999"])
def test_a_number_is_a_number(server, value):
    assert server.signed(f"Action=ListUsers&{VERSION}&MaxItems={value}").status == 400


@pytest.mark.parametrize("value", ["yes", "1", "TRUE", ""])
def test_a_boolean_is_true_or_false(server, value):
    assert server.signed(f"Action=ListPolicies&{VERSION}&OnlyAttached={value}").status == 400


def test_a_required_parameter(server):
    check(server.query("CreateUser"), "ValidationError", 400, constraint("userName", "Member must not be null"))
    check(server.query("CreateUser", UserName=""), "ValidationError", 400)


def test_several_errors_are_told_together(server):
    answer = server.query("CreateUser", UserName="a b", Path="nowhere")
    text = re.compile(r"2 validation errors detected: Value .*at '.*; Value .*at '.*", re.DOTALL)
    check(answer, "ValidationError", 400, text)


@pytest.mark.parametrize(
    ("action", "parameters", "parameter", "rule"),
    [
        ("CreateUser", {"UserName": "x" * 65}, "userName", "Member must have length less than or equal to 64"),
        ("CreateGroup", {"GroupName": "x" * 129}, "groupName", "Member must have length less than or equal to 128"),
        ("ListUsers", {"MaxItems": "0"}, "maxItems", "Member must have value greater than or equal to 1"),
        ("ListUsers", {"MaxItems": "1001"}, "maxItems", "Member must have value less than or equal to 1000"),
        ("UpdateAccessKey", {"AccessKeyId": "A" * 15, "Status": "Active"}, "accessKeyId", "Member must have length greater than or equal to 16"),
    ],
)
def test_constraints_of_the_model(server, action, parameters, parameter, rule):
    check(server.query(action, **parameters), "ValidationError", 400, constraint(parameter, rule))


def test_an_enumeration_lists_its_values(server):
    answer = server.query("UpdateAccessKey", AccessKeyId="A" * 20, Status="Broken")
    text = re.compile(r"1 validation error detected: Value .*at 'status' failed to satisfy constraint: Member must satisfy enum value set: \[(Active|Inactive|Expired)(, ?(Active|Inactive|Expired))*\]")
    check(answer, "ValidationError", 400, text)


@pytest.mark.parametrize("path", ["x", "/x", "x/", "//", "/a b/", "/" + "x" * 511 + "/"])
def test_what_is_no_path(server, path):
    answer = server.query("CreateUser", UserName="pathless", Path=path)
    assert answer.status == 400, answer.text
    assert answer.code() == "ValidationError", answer.text


@pytest.mark.parametrize("name", ["%00", "a%0Ab", "a%0D%0Ab", "%FF", "%C3%28", "%ED%A0%80", "%E2%84%AA", "%EF%BC%A1", "..%2F..", "%", "%G1"])
def test_b07_b09_names_are_plain(server, iam, name):
    malformed(server.signed(f"Action=CreateUser&{VERSION}&UserName={name}"))
    assert [user for user in iam.list_users(MaxItems=1000)["Users"]] == []


def test_f13_errors_do_not_carry_markup(server):
    answer = server.query("GetUser", UserName="<script>alert(1)</script>&\"'")
    assert answer.status == 400
    assert "<script>" not in answer.text
    action = urllib.parse.quote("<b>x</b>")
    answer = server.signed(f"Action={action}&{VERSION}")
    assert answer.status == 400
    assert "<b>" not in answer.text


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-amz-json-1.1"])
def test_f10_the_content_type_decides_the_protocol_once(server, content_type):
    answer = server.signed(f"Action=ListUsers&{VERSION}", content_type=content_type)
    assert answer.status in (400, 403, 404, 415), answer.text
    assert b"<ListUsersResult>" not in answer.body


def test_f03_an_action_in_the_url_beside_one_in_the_body(server):
    """The body is what was signed and what is run."""
    signed = {}
    body = f"Action=ListUsers&{VERSION}"
    server.signed(body, change=signed.update)
    answer = server.send("POST", "/?Action=CreateUser&Version=2010-05-08&UserName=x", body, list(signed.items()))
    assert answer.status in (400, 403, 404), answer.text


@pytest.mark.parametrize("target", ["/x", "//", "/%2e%2e/", "/?", "/v1/../"])
def test_only_the_root_path_is_a_query_service(server, target):
    signed = {}
    body = f"Action=ListUsers&{VERSION}"
    server.signed(body, change=signed.update)
    answer = server.send("POST", target, body, list(signed.items()))
    if target == "/?":  # An empty query is no query.
        assert answer.status in (200, 400, 403)
    else:
        assert answer.status in (400, 403, 404), answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_other_methods(server, method):
    assert server.send(method).status in (400, 403, 404, 405, 501)


def test_b05_a_body_too_large(server):
    body = f"Action=CreatePolicy&{VERSION}&PolicyName=p&PolicyDocument=" + "x" * (2 << 20)
    try:
        answer = server.signed(body)
    except (BrokenPipeError, ConnectionResetError):
        return  # The server may hang up on what it will not read.
    assert answer.status in (400, 413), answer.text


def test_b05_a_document_too_deep(server):
    nested = '{"a":' * 2000 + "1" + "}" * 2000
    start = time.monotonic()
    check(server.query("CreatePolicy", PolicyName="deep", PolicyDocument=nested), "MalformedPolicyDocument", 400, "Syntax errors in policy.")
    assert time.monotonic() - start < 1


def test_b05_many_parameters(server):
    many = "".join(f"&P{number}=x" for number in range(20000))
    start = time.monotonic()
    assert server.signed(f"Action=ListUsers&{VERSION}{many}").status in (400, 404, 413)
    assert time.monotonic() - start < 2


def raw(server, data, timeout=5):
    """Sends bytes as they are and gives the first line of the answer, or nothing if the server hung up."""
    address = urllib.parse.urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=timeout) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        try:
            return connection.recv(65536).split(b"\r\n")[0].decode()
        except ConnectionResetError:
            return ""


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost : a\r\nContent-Length: 0\r\n\r\n",
        b"POST http://elsewhere.example/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 500 + b"Content-Length: 0\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_f12_framing_that_two_readers_could_read_differently(server, head):
    line = raw(server, head)
    assert line == "" or re.match(r"HTTP/1\.[01] (4\d\d|5\d\d)", line), line
    # Whatever was sent, the next client is served.
    assert server.query("ListUsers").status == 200


def test_a_connection_is_kept(server):
    address = urllib.parse.urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    for _ in range(3):
        connection.request("POST", "/", b"", {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.will_close) == (400, False)
    connection.close()
