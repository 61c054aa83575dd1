"""Which error for which bad credential, and that nothing bad is let in."""

import re

import botocore.auth
import botocore.awsrequest
import pytest
from doorward import INVALID_TOKEN, Credentials, allow, fails, same_text, utc

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
    "signing method. Consult the service documentation for details."
)
WHO = "Action=GetCallerIdentity&Version=2011-06-15"


def refused(answer, code, status, message):
    assert (answer.code(), answer.status) == (code, status), answer.text
    same_text(answer.message(), message)
    # The one form of every query error, whoever asks.
    assert re.match(r'(<\?xml[^>]*\?>\s*)?<ErrorResponse xmlns="https://(sts|iam)\.amazonaws\.com/doc/', answer.text)
    assert "<Type>Sender</Type>" in answer.text
    assert re.search(r"<RequestId>[0-9a-f-]{36}</RequestId>", answer.text)


def signed_headers(server):
    """The headers of a request that the server accepts."""
    found = {}
    assert server.signed(WHO, service="sts", change=found.update).status == 200
    return list(found.items())


def test_the_wrong_secret(server):
    key = server.user("wrong")
    wrong = Credentials(key.access_key, key.secret_key[::-1])
    with fails("SignatureDoesNotMatch", 403, MISMATCH):
        server.sts(wrong).get_caller_identity()
    with fails("SignatureDoesNotMatch", 403, MISMATCH):
        server.iam(wrong).list_users()


def test_an_unknown_key(server):
    for key in ("AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "AKIA2222222222222222"):
        with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
            server.sts(Credentials(key, "x" * 40)).get_caller_identity()
        with fails("InvalidClientTokenId", 403, INVALID_TOKEN):
            server.iam(Credentials(key, "x" * 40)).list_users()


def test_no_authentication(server):
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    for body in (WHO, "Action=ListUsers&Version=2010-05-08", "Action=CreateUser&Version=2010-05-08&UserName=x"):
        refused(server.send(body=body, headers=form), "MissingAuthenticationToken", 403, re.compile("(Request is m|M)issing Authentication Token"))


@pytest.mark.parametrize("body", [WHO.replace("CallerIdentity", "SessionToken"), WHO + "&DurationSeconds=900", "&".join(reversed(WHO.split("&")))])
def test_a_changed_body(server, body):
    answer = server.send(body=body, headers=signed_headers(server))
    refused(answer, "SignatureDoesNotMatch", 403, MISMATCH)


def test_every_part_of_the_signature_counts(server):
    """One character changed anywhere in the signature, or in what it covers, is refused."""

    def altered(name, change):
        def apply(headers):
            headers[name] = change(headers[name])

        return server.signed(WHO, service="sts", change=apply)

    def flip(text, at):
        return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]

    assert server.signed(WHO, service="sts").status == 200
    for back in range(1, 65, 9):
        answer = altered("Authorization", lambda text, back=back: flip(text, len(text) - back))
        refused(answer, "SignatureDoesNotMatch", 403, MISMATCH)
    refused(altered("Content-Type", lambda text: text + "x"), "SignatureDoesNotMatch", 403, MISMATCH)
    for name in ("Authorization", "X-Amz-Date"):
        assert altered(name, lambda text: text[:-1]).status in (400, 403)


@pytest.mark.parametrize("minutes", [-16, 16, -24 * 60, 24 * 60])
def test_a_clock_that_is_off(server, monkeypatch, minutes):
    moved = utc(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: moved.replace(tzinfo=None))
    if minutes < 0:
        text = re.compile(r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)")
    else:
        text = re.compile(r"Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)")
    with fails("SignatureDoesNotMatch", 403, text):
        server.sts().get_caller_identity()


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_that_is_off_a_little(server, monkeypatch, minutes):
    moved = utc(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: moved.replace(tzinfo=None))
    assert server.sts().get_caller_identity()["Account"] == server.account


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "mars-1"])
def test_every_region_is_ours(server, region):
    assert server.signed(WHO, service="sts", region=region).status == 200
    assert server.signed("Action=ListUsers&Version=2010-05-08", region=region).status == 200


@pytest.mark.parametrize("service", ["iam", "s3", "sts2", "STS"])
def test_a_scope_of_another_service(server, service):
    text = re.compile(r"Credential should be scoped to correct service: 'sts'\. ?")
    refused(server.signed(WHO, service=service), "SignatureDoesNotMatch", 403, text)


def test_a_scope_of_another_day_or_end(server):
    def scope(pattern, replacement):
        def apply(headers):
            headers["Authorization"] = re.sub(pattern, replacement, headers["Authorization"])

        return server.signed(WHO, service="sts", change=apply)

    for answer in (
        scope(r"/\d{8}/", "/20200101/"),
        scope("aws4_request", "aws5_request"),
        scope("/sts/", "/iam/"),
        scope("/us-east-1/", "/us-east-2/"),
    ):
        assert (answer.code(), answer.status) == ("SignatureDoesNotMatch", 403), answer.text


@pytest.mark.parametrize("part", ["Credential", "SignedHeaders", "Signature"])
def test_an_incomplete_header(server, part):
    def without(headers):
        headers["Authorization"] = re.sub(rf"{part}=[^,]*(, )?", "", headers["Authorization"]).removesuffix(", ")

    answer = server.signed(WHO, service="sts", change=without)
    refused(answer, "IncompleteSignature", 400, re.compile(f"Authorization header requires '{part}' parameter\\. .*"))


def test_a_signature_must_cover_the_host(server):
    def without(headers):
        headers["Authorization"] = headers["Authorization"].replace(";host", "")

    answer = server.signed(WHO, service="sts", change=without)
    assert answer.status in (400, 403)
    assert answer.code() in ("SignatureDoesNotMatch", "IncompleteSignature")


def test_a_session_token_must_be_signed(server):
    key = server.user("unsigned-token")
    session = Credentials.of(server.sts(key).get_session_token())

    def without(headers):
        headers["Authorization"] = headers["Authorization"].replace(";x-amz-security-token", "")

    assert server.signed(WHO, session, "sts").status == 200
    assert server.signed(WHO, session, "sts", change=without).status in (400, 403)


# By URL.


def presigned(server, credentials=None, seconds=60):
    sts = server.sts(credentials)
    return sts.generate_presigned_url("get_caller_identity", ExpiresIn=seconds, HttpMethod="GET")


def get(server, url):
    return server.send("GET", url[len(server.url) :])


def test_a_presigned_url_tells_who_signed_it(server):
    key = server.user("presigner")
    answer = get(server, presigned(server, key))
    assert answer.status == 200, answer.text
    assert f"<Arn>{server.arn('user/presigner')}</Arn>" in answer.text
    session = Credentials.of(server.sts(key).get_session_token())
    answer = get(server, presigned(server, session))
    assert answer.status == 200, answer.text


def test_a_changed_url_is_refused(server):
    url = presigned(server)
    refused(get(server, url.replace("X-Amz-Expires=60", "X-Amz-Expires=600")), "SignatureDoesNotMatch", 403, MISMATCH)
    refused(get(server, url.replace("GetCallerIdentity", "GetSessionToken")), "SignatureDoesNotMatch", 403, MISMATCH)
    refused(get(server, url[:-1] + ("0" if url[-1] != "0" else "1")), "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize("seconds", ["0", "-1", "604801", "1e3", "99999999999999999999", ""])
def test_f08_lifetimes_out_of_bounds(server, seconds):
    url = presigned(server, seconds=60)
    answer = get(server, url.replace("X-Amz-Expires=60", f"X-Amz-Expires={seconds}"))
    assert answer.status in (400, 403), answer.text
    assert answer.code() in ("IncompleteSignature", "SignatureDoesNotMatch", "AuthorizationQueryParametersError"), answer.text


def test_an_old_url_is_refused(server, monkeypatch):
    moved = utc(minutes=-10).replace(tzinfo=None)
    with monkeypatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: moved)
        short, long = presigned(server, seconds=60), presigned(server, seconds=3600)
    assert get(server, short).status in (400, 403)
    assert get(server, long).status == 200


def test_f02_header_and_url_do_not_mix(server):
    answer = server.send("GET", presigned(server)[len(server.url) :], headers=signed_headers(server))
    assert answer.status in (400, 403), answer.text


# By header lines.


def test_duplicate_header_lines_are_refused(server):
    lines = signed_headers(server)
    assert server.send(body=WHO, headers=lines).status == 200
    for name in ("Authorization", "X-Amz-Date", "Content-Type"):
        answer = server.send(body=WHO, headers=[*lines, (name, dict(lines)[name])])
        assert answer.status in (400, 403), (name, answer.text)
    assert server.send(body=WHO, headers=[*lines, ("Host", "elsewhere.example")]).status in (400, 403)


@pytest.mark.parametrize("value", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_f04_an_unsigned_body_is_refused(server, value):
    class Unsigned(botocore.auth.SigV4Auth):
        def payload(self, request):
            return value

    request = botocore.awsrequest.AWSRequest(
        "POST", server.url + "/", {"Content-Type": "application/x-www-form-urlencoded", "X-Amz-Content-SHA256": value}, WHO.encode()
    )
    Unsigned(server.root.botocore(), "sts", "us-east-1").add_auth(request)
    answer = server.send(body=WHO, headers=list(request.headers.items()))
    assert answer.status in (400, 403), answer.text


def test_a15_forwarded_addresses_are_not_believed(server):
    """What a client says about its own address does not decide."""
    key = server.user("roamer", allow("iam:ListUsers", IpAddress={"aws:SourceIp": "203.0.113.0/24"}))
    lies = {
        "X-Forwarded-For": "203.0.113.7",
        "Forwarded": "for=203.0.113.7",
        "X-Real-IP": "203.0.113.7",
        "X-Client-IP": "203.0.113.7",
        "True-Client-IP": "203.0.113.7",
        "CF-Connecting-IP": "203.0.113.7",
    }
    answer = server.signed("Action=ListUsers&Version=2010-05-08", key, change=lambda headers: headers.update(lies))
    assert (answer.code(), answer.status) == ("AccessDenied", 403), answer.text
    home = server.user("homebody", allow("iam:ListUsers", IpAddress={"aws:SourceIp": "127.0.0.0/8"}))
    assert server.signed("Action=ListUsers&Version=2010-05-08", home).status == 200
