"""The account as an OpenID Connect issuer: stock libraries verify its tokens by what it publishes, over the wire."""

import hashlib
import json
import ssl
import subprocess
import time
import urllib.request

import boto3
import botocore
import jwt
import pytest
from botocore.config import Config
from doorward import ACCOUNT, REGION, Credentials, Server, allow, fails, refused, trust
from test_cli import Cli

APP = "https://app.example.com"
STS = "https://sts.amazonaws.com/"
TAGS = [{"Key": "job-id", "Value": "job-7"}, {"Key": "Größe", "Value": "drei Äpfel=3"}]


@pytest.fixture(scope="module")
def issuer(iam, server):
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer == f"{server.url}/issuers/{server.account}"
    return issuer


@pytest.fixture(scope="module")
def alice(server):
    grant = allow(["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"])
    return server.user("alice", grant, Tags=[{"Key": "team", "Value": "red"}])


def read(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer), answer.headers


def verified(issuer, token, audience=APP):
    """What any party that trusts the issuer does, with nothing but its URL."""
    metadata, _ = read(f"{issuer}/.well-known/openid-configuration")
    assert metadata["issuer"] == issuer
    key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token)
    algorithms = metadata["id_token_signing_alg_values_supported"]
    required = ["iss", "sub", "aud", "iat", "exp", "jti"]
    return jwt.decode(token, key, algorithms, audience=audience, issuer=issuer, options={"require": required})


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_a_stock_library_verifies_a_token(server, issuer, alice, algorithm):
    sts = server.sts(alice)
    answer = sts.get_web_identity_token(Audience=[APP], SigningAlgorithm=algorithm, DurationSeconds=600, Tags=TAGS)
    token = answer["WebIdentityToken"]
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    claims = verified(issuer, token)
    assert claims["sub"] == server.arn("user/alice")
    assert claims["exp"] - claims["iat"] == 600
    assert claims["exp"] == answer["Expiration"].timestamp()
    assert claims[STS] == {
        "aws_account": server.account,
        "source_region": REGION,
        "principal_id": server.arn("user/alice"),
        "principal_tags": {"team": "red"},
        "request_tags": {tag["Key"]: tag["Value"] for tag in TAGS},
    }
    with pytest.raises(jwt.InvalidAudienceError):
        verified(issuer, token, "https://another.example.com")
    head, claimed, signature = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        verified(issuer, f"{head}.{claimed}.{signature[:-8]}AAAAAAAA")


def test_a_token_of_a_role_is_for_all_of_its_audiences(server, issuer, alice):
    role = server.role("Worker", trust(server.arn("user/alice")), allow("sts:GetWebIdentityToken"))
    session = server.assume(alice, role, "job", DurationSeconds=900)
    sts = server.sts(session)
    audiences = [APP, "https://other.example.com"]
    token = sts.get_web_identity_token(Audience=audiences, SigningAlgorithm="ES384")["WebIdentityToken"]
    for audience in audiences:
        claims = verified(issuer, token, audience)
    assert claims["sub"] == claims[STS]["principal_id"] == role
    assert "original_session_exp" in claims[STS]
    text = "The requested token duration would extend the session beyond its original expiration time."
    with fails("SessionDurationEscalationException", 403, text):
        sts.get_web_identity_token(Audience=[APP], SigningAlgorithm="ES384", DurationSeconds=3600)
    with refused(server.arn("assumed-role/Worker/job", "sts"), "sts:TagGetWebIdentityToken", "*"):
        sts.get_web_identity_token(Audience=[APP], SigningAlgorithm="ES384", Tags=TAGS)


def test_what_is_published_may_be_kept_and_holds_no_private_part(issuer):
    keys, headers = read(f"{issuer}/.well-known/jwks.json")
    assert headers["cache-control"] == "public, max-age=3600"
    assert headers["content-type"] == "application/json"
    assert sorted(key["kty"] for key in keys["keys"]) == ["EC", "RSA"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & {name for key in keys["keys"] for name in key}


def test_the_keys_are_the_same_after_the_power_goes(server, issuer, alice):
    if not isinstance(server, Server):
        pytest.skip("the server is not ours to stop")
    token = server.sts(alice).get_web_identity_token(Audience=[APP], SigningAlgorithm="RS256")["WebIdentityToken"]
    before, _ = read(f"{issuer}/.well-known/jwks.json")
    server.kill()
    server.start()
    # The port is another one; the issuer is not: others trust it by its name.
    info = server.iam().get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (issuer, True)
    after, _ = read(f"{server.url}/issuers/{ACCOUNT}/.well-known/jwks.json")
    assert after == before
    keys = jwt.PyJWKSet.from_dict(after)
    kid = jwt.get_unverified_header(token)["kid"]
    assert jwt.decode(token, keys[kid], ["RS256"], audience=APP, issuer=issuer)["iat"] <= time.time()


def test_the_command_line(server, alice, tmp_path, monkeypatch):
    monkeypatch.setattr(Cli, "home", str(tmp_path))
    root, user = Cli(server, server.root), Cli(server, alice)
    info = root("iam", "get-outbound-web-identity-federation-info")
    assert info["JwtVendingEnabled"] is True
    answer = user("sts", "get-web-identity-token", "--audience", "app", "--signing-algorithm", "ES384")
    claims = jwt.decode(answer["WebIdentityToken"], options={"verify_signature": False})
    assert claims["iss"] == info["IssuerIdentifier"]
    root("iam", "disable-outbound-web-identity-federation")
    text = "Outbound web identity federation is not enabled for this account."
    with fails("OutboundWebIdentityFederationDisabledException", 403, text):
        server.sts(alice).get_web_identity_token(Audience=[APP], SigningAlgorithm="ES384")


def test_issuers_are_named_after_the_public_url(tmp_path):
    server = Server(tmp_path, "--public-url", "https://iam.example.com")
    try:
        issuer = server.iam().enable_outbound_web_identity_federation()["IssuerIdentifier"]
        assert issuer == f"https://iam.example.com/issuers/{ACCOUNT}"
        metadata, _ = read(f"{server.url}/issuers/{ACCOUNT}/.well-known/openid-configuration")
        assert (metadata["issuer"], metadata["jwks_uri"]) == (issuer, f"{issuer}/.well-known/jwks.json")
    finally:
        server.kill()


HOST = "issuer.example"


@pytest.fixture
def authority(tmp_path):
    """A certificate of an authority of one's own, for the issuer's name and this machine."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(*new, "-subj", f"/CN={HOST}", "-keyout", "leaf.key", "-out", "leaf.csr")
    (tmp_path / "names").write_text(f"subjectAltName=DNS:{HOST},IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "leaf.pem")  # fmt: skip
    authority = (tmp_path / "ca.pem").read_text()
    (tmp_path / "chain.pem").write_text((tmp_path / "leaf.pem").read_text() + authority)
    return tmp_path, hashlib.sha1(ssl.PEM_cert_to_DER_cert(authority)).hexdigest()


def test_another_installation_takes_it_for_a_session(authority, tmp_path_factory, monkeypatch):
    directory, thumbprint = authority
    monkeypatch.setenv("AWS_CA_BUNDLE", str(directory / "ca.pem"))
    tls = ("--tls-cert", directory / "chain.pem", "--tls-key", directory / "leaf.key")
    issuing = Server(tmp_path_factory.mktemp("issuing"), "--public-url", f"https://{HOST}", *tls)
    port = issuing.url.rpartition(":")[2]
    taking = Server(tmp_path_factory.mktemp("taking"), "--egress-to", f"{HOST}=127.0.0.1:{port}")
    try:
        issuer = issuing.iam().enable_outbound_web_identity_federation()["IssuerIdentifier"]
        worker = issuing.user("worker", allow("sts:GetWebIdentityToken"))
        token = issuing.sts(worker).get_web_identity_token(Audience=["taking"], SigningAlgorithm="ES384")
        provider = taking.iam().create_open_id_connect_provider(
            Url=issuer, ClientIDList=["taking"], ThumbprintList=[thumbprint]
        )
        condition = {"StringEquals": {f"{issuer.removeprefix('https://')}:sub": issuing.arn("user/worker")}}
        principal = {"Federated": provider["OpenIDConnectProviderArn"]}
        document = trust(principal, "sts:AssumeRoleWithWebIdentity", **condition)
        role = taking.role("Trusting", document, allow("iam:ListUsers"))
        unsigned = boto3.client(
            "sts", endpoint_url=taking.url, region_name=REGION, config=Config(signature_version=botocore.UNSIGNED)
        )
        made = unsigned.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="s1", WebIdentityToken=token["WebIdentityToken"]
        )
        assert (made["SubjectFromWebIdentityToken"], made["Provider"]) == (issuing.arn("user/worker"), issuer)
        assert taking.iam(Credentials.of(made)).list_users()["Users"] == []
        # For another audience it is good for nothing.
        token = issuing.sts(worker).get_web_identity_token(Audience=["others"], SigningAlgorithm="ES384")
        with fails("InvalidIdentityToken", 400, "Incorrect token audience"):
            unsigned.assume_role_with_web_identity(
                RoleArn=role, RoleSessionName="s1", WebIdentityToken=token["WebIdentityToken"]
            )
    finally:
        issuing.kill()
        taking.kill()
