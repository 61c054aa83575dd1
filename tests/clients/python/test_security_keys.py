"""Hardware tokens and security keys: the own API over HTTP, with a security key in software."""

import base64
import hashlib
import json
import os
import secrets
import subprocess

import pytest
from doorward import Credentials, Server, allow, fails
from test_mfa import code

ORIGIN = "https://iam.example.org"
SEED = b"12345678901234567890"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if "DOORWARD_BINARY" not in os.environ:
        pytest.skip("needs a server that knows the page's origin")
    server = Server(tmp_path_factory.mktemp("server"), "--webauthn-origin", ORIGIN)
    yield server
    server.kill()


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# P-256 (FIPS 186-5). What follows is right, and neither fast nor safe from who watches: it is for tests.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add(one, other):
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(scalar, point=G):
    total = None
    while scalar:
        total = add(total, point) if scalar & 1 else total
        point, scalar = add(point, point), scalar >> 1
    return total


def der(number):
    data = number.to_bytes(33, "big").lstrip(b"\0")
    data = b"\0" + data if data[0] & 0x80 else data
    return b"\x02" + bytes([len(data)]) + data


class SecurityKey:
    """ES256, attestation `none`, the user verified."""

    def __init__(self):
        self.secret = 1 + secrets.randbelow(N - 1)
        self.id = os.urandom(32)
        self.counter = 0

    def _data(self, rp_id, flags):
        self.counter += 1
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags | 5]) + self.counter.to_bytes(4, "big")

    def _answer(self, kind, options, response):
        client = {"type": kind, "challenge": options["challenge"], "origin": ORIGIN, "crossOrigin": False}
        client = json.dumps(client).encode()
        response = {"clientDataJSON": encoded(client)} | response(hashlib.sha256(client).digest())
        own = encoded(self.id)
        return {"id": own, "rawId": own, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _sign(self, data):
        digest, nonce = int.from_bytes(hashlib.sha256(data).digest(), "big"), 1 + secrets.randbelow(N - 1)
        r = times(nonce)[0] % N
        numbers = der(r) + der(pow(nonce, -1, N) * (digest + r * self.secret) % N)
        return b"\x30" + bytes([len(numbers)]) + numbers

    def create(self, options):
        x, y = (number.to_bytes(32, "big") for number in times(self.secret))
        public = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
        data = self._data(options["rp"]["id"], 0x40) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = b"\xa3cfmtdnonegattStmt\xa0hauthData\x58" + bytes([len(data)]) + data
        return self._answer("webauthn.create", options, lambda _: {"attestationObject": encoded(attestation)})

    def get(self, options):
        data = self._data(options["rpId"], 0)

        def response(client):
            return {"authenticatorData": encoded(data), "signature": encoded(self._sign(data + client))}

        return self._answer("webauthn.get", options, response)


def done(server, method, target, document=None, credentials=None):
    status, answer = server.own(method, target, document, credentials)
    assert status in (200, 201), answer
    return answer


def test_a_security_key_proves_the_second_factor(server, iam):
    on_self = allow("iam:EnableMFADevice", server.arn("user/${aws:username}"))
    user = server.user("keyed", on_self, allow("iam:ListUsers", Bool={"aws:MultiFactorAuthPresent": "true"}))
    key = SecurityKey()
    begun = done(server, "POST", "/v1/security-keys/registration", {}, user)
    finish = {"registrationId": begun["registrationId"], "credential": key.create(begun["options"])}
    serial = done(server, "POST", "/v1/security-keys", finish, user)["serialNumber"]
    assert serial.startswith(server.arn("u2f/user/keyed/"))
    [device] = iam.list_mfa_devices(UserName="keyed")["MFADevices"]
    assert device["SerialNumber"] == serial
    assert iam.get_mfa_device(SerialNumber=serial)["UserName"] == "keyed"

    begun = done(server, "POST", "/v1/security-keys/assertion", {}, user)
    finish = {"assertionId": begun["assertionId"], "credential": key.get(begun["options"]), "durationSeconds": 900}
    found = done(server, "POST", "/v1/security-keys/session", finish, user)["credentials"]
    session = Credentials(found["accessKeyId"], found["secretAccessKey"], found["sessionToken"])
    assert server.iam(session).list_users()["Users"]
    status, answer = server.own("POST", "/v1/security-keys/session", finish, user)
    assert (status, answer["message"].split()[:4]) == (404, ["There", "is", "no", "ceremony"])
    iam.deactivate_mfa_device(UserName="keyed", SerialNumber=serial)
    assert iam.list_mfa_devices(UserName="keyed")["MFADevices"] == []


def test_a_hardware_token_is_imported_and_gives_codes(server, iam, tmp_path):
    def doorward(*arguments):
        environment = os.environ | server.root.environment() | {"AWS_ENDPOINT_URL": server.url}
        command = [server.binary, "mfa", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    user = server.user("tokened")
    (tmp_path / "tokens.csv").write_text(f"serial,seed\nGAHT00000001,{SEED.hex()}\nGAHT00000002,{SEED.hex()}\n")
    imported = doorward("import", tmp_path / "tokens.csv", "--encoding", "hex")
    assert (imported.returncode, imported.stdout) == (0, "imported 2 hardware tokens\n"), imported.stderr
    again = doorward("import", tmp_path / "tokens.csv", "--encoding", "hex")
    assert again.returncode == 1 and "GAHT00000001 is there already" in again.stderr
    seed = base64.b32encode(SEED).decode()
    iam.enable_mfa_device(
        UserName="tokened",
        SerialNumber="GAHT00000001",
        AuthenticationCode1=code(seed, -1),
        AuthenticationCode2=code(seed),
    )
    assert doorward("list").stdout == "GAHT00000001  tokened\nGAHT00000002  -\n"
    which = {"SerialNumber": "GAHT00000001", "TokenCode": code(seed, 1)}
    session = server.sts(user).get_session_token(**which)
    assert session["Credentials"]["AccessKeyId"].startswith("ASIA")
    with fails("AccessDenied", 403, "MultiFactorAuthentication failed with invalid MFA one time pass code. "):
        server.sts(user).get_session_token(**which)
    assert doorward("delete", "GAHT00000001").returncode == 1
    assert doorward("delete", "GAHT00000002").returncode == 0
    assert doorward("list").stdout == "GAHT00000001  tokened\n"
