"""An OpenID Connect provider of one's own: its tokens become sessions, through the stock clients."""

import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time

import boto3
import botocore
import pytest
import rsa
from doorward import REGION, Credentials, Server, allow, fails, refused
from test_cli import AWS

HOST = "idp.example"
ISSUER = f"https://{HOST}"
NOT_A_TOKEN = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
WRONG_CERTIFICATE = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """Publishes one RSA key over HTTPS, with a certificate of an authority that nobody else knows."""

    def __init__(self, directory):
        public, self.key = rsa.newkeys(2048)
        number = lambda value: encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        self.documents = {
            "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"},
            "/keys": {"keys": [{"kty": "RSA", "kid": "1", "use": "sig", "n": number(public.n), "e": number(public.e)}]},
        }
        self.thumbprint = self.certificates(directory)
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(provider.documents.get(self.path, {})).encode()
                self.send_response(200 if self.path in provider.documents else 404)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "chain.pem", directory / "leaf.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def certificates(self, directory):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

        new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
        openssl(*new, "-subj", f"/CN={HOST}", "-keyout", "leaf.key", "-out", "leaf.csr")
        (directory / "names").write_text(f"subjectAltName=DNS:{HOST}\n")
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", "leaf.pem")  # fmt: skip
        authority = (directory / "ca.pem").read_text()
        (directory / "chain.pem").write_text((directory / "leaf.pem").read_text() + authority)
        return hashlib.sha1(ssl.PEM_cert_to_DER_cert(authority)).hexdigest()

    def token(self, **claims):
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "app", "sub": "alice", "iat": now, "exp": now + 600} | claims
        message = f"{encoded({'alg': 'RS256', 'kid': '1'})}.{encoded(claims)}"
        return f"{message}.{encoded(rsa.sign(message.encode(), self.key, 'SHA-256'))}"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("provider"))
    yield provider
    provider.server.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory, provider):
    port = provider.server.server_address[1]
    server = Server(tmp_path_factory.mktemp("server"), "--egress-to", f"{HOST}=127.0.0.1:{port}")
    yield server
    server.kill()


@pytest.fixture(scope="module")
def role(server, provider):
    iam = server.iam()
    made = iam.create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["app"], ThumbprintList=[provider.thumbprint.upper()]
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": made["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{HOST}:sub": "alice"}},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return server.role("web", trust, allow("iam:ListUsers"))


@pytest.fixture(scope="module")
def unsigned(server):
    config = botocore.config.Config(signature_version=botocore.UNSIGNED)
    return boto3.client("sts", endpoint_url=server.url, region_name=REGION, config=config)


def test_a_token_becomes_a_session(server, provider, role, unsigned):
    made = unsigned.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="s1", WebIdentityToken=provider.token()
    )
    assert (made["SubjectFromWebIdentityToken"], made["Audience"], made["Provider"]) == ("alice", "app", ISSUER)
    session = server.iam(Credentials.of(made))
    assert session.list_users()["Users"] == []
    with refused(server.arn("assumed-role/web/s1", "sts"), "iam:ListRoles", server.arn("role/")):
        session.list_roles()


def test_garbage_is_no_token(role, unsigned):
    """A well-known mock takes it."""
    with fails("InvalidIdentityToken", 400, NOT_A_TOKEN):
        unsigned.assume_role_with_web_identity(RoleArn=role, RoleSessionName="s1", WebIdentityToken="garbage")


def test_who_is_not_trusted_is_refused(provider, role, unsigned):
    with fails("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        unsigned.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="s1", WebIdentityToken=provider.token(sub="mallory")
        )
    with fails("InvalidIdentityToken", 400, "Incorrect token audience"):
        unsigned.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="s1", WebIdentityToken=provider.token(aud="other")
        )


def test_the_default_chain_of_the_command_line_signs_in_by_a_file(server, provider, role, tmp_path):
    (tmp_path / "token").write_text(provider.token())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = inherited | {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": server.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ROLE_ARN": role,
        "AWS_ROLE_SESSION_NAME": "by-file",
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
    }
    ran = subprocess.run([AWS, "sts", "get-caller-identity"], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["Arn"] == server.arn("assumed-role/web/by-file", "sts")


def test_a_certificate_that_no_thumbprint_names_is_refused(server, provider, role, unsigned):
    arn = server.arn(f"oidc-provider/{HOST}")
    iam = server.iam()
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["0" * 40])
    with fails("InvalidIdentityToken", 400, WRONG_CERTIFICATE):
        unsigned.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="s1", WebIdentityToken=provider.token()
        )
