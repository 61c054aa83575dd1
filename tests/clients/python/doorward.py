"""What the tests share: a server of their own, stock clients for it, and expectations in one line.

The tests state what AWS documents or answers, so they run against any endpoint that speaks the AWS IAM API:

- with DOORWARD_BINARY set, each test module starts a server on a fresh data directory;
- otherwise AWS_ENDPOINT_URL and the AWS key variables name a running one and its root identity.
"""

import contextlib
import datetime
import http.client
import json
import os
import re
import subprocess
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "us-east-1"
ACCOUNT = "111122223333"
OTHER_ACCOUNT = "222222222222"

# One session for all clients: reading the service models is most of the time that a client takes to make.
_SESSION = botocore.session.Session()


# ---------------------------------------------------------------------------------------------------------- policies


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **condition):
    return _statement("Allow", action, resource, condition)


def deny(action, resource="*", **condition):
    return _statement("Deny", action, resource, condition)


def _statement(effect, action, resource, condition):
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def trust(principal, action="sts:AssumeRole", **condition):
    """A trust policy for one principal: an ARN or account id, or the whole Principal element."""
    principal = principal if isinstance(principal, dict) else {"AWS": principal}
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return policy(statement | ({"Condition": condition} if condition else {}))


# ------------------------------------------------------------------------------------------------------ expectations


@contextlib.contextmanager
def fails(code, status, message):
    """The call inside fails with exactly this code, HTTP status and message (a compiled pattern: matched whole)."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    error = response["Error"]
    got = (error["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
    assert got == (code, status), error
    same_text(error["Message"], message)
    assert error["Type"] == ("Sender" if status < 500 else "Receiver")
    assert response["ResponseMetadata"]["RequestId"]


def same_text(got, expected):
    if isinstance(expected, re.Pattern):
        assert expected.fullmatch(got), f"{got!r} does not match {expected.pattern!r}"
    else:
        assert got == expected


def no_such(kind, name):
    return fails("NoSuchEntity", 404, f"The {kind} with name {name} cannot be found.")


def refused(caller, action, resource, because=None, status=403):
    """AccessDenied in AWS's words; by default because nothing allows the action."""
    because = because or f"because no identity-based policy allows the {action} action"
    text = f"User: {caller} is not authorized to perform: {action} on resource: {resource} {because}"
    return fails("AccessDenied", status, text)


INVALID_TOKEN = "The security token included in the request is invalid"
EXPIRED_TOKEN = "The security token included in the request is expired"


# ------------------------------------------------------------------------------------------------------- credentials


@dataclass(frozen=True)
class Credentials:
    access_key: str
    secret_key: str
    token: str | None = None

    @classmethod
    def of(cls, response):
        """From the response of CreateAccessKey or of an STS operation."""
        found = response.get("AccessKey") or response["Credentials"]
        return cls(found["AccessKeyId"], found["SecretAccessKey"], found.get("SessionToken"))

    def botocore(self):
        return botocore.credentials.Credentials(self.access_key, self.secret_key, self.token)

    def environment(self):
        variables = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}
        return variables | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})


# ---------------------------------------------------------------------------------------------------------- endpoint


@dataclass
class Response:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    def code(self):
        """The error code of an AWS query response, or none."""
        found = re.search(r"<Code>([^<]*)</Code>", self.text)
        return found and found[1]

    def message(self):
        found = re.search(r"<Message>(.*?)</Message>", self.text, re.DOTALL)
        return found and found[1]


class Endpoint:
    """An endpoint and the root identity of one account there."""

    def __init__(self, url, root, account):
        self.url = url
        self.root = root
        self.account = account

    def arn(self, resource, service="iam"):
        return f"arn:aws:{service}::{self.account}:{resource}"

    def client(self, service, credentials=None, **config):
        credentials = credentials or self.root
        return _SESSION.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def iam(self, credentials=None, **config):
        return self.client("iam", credentials, **config)

    def sts(self, credentials=None, **config):
        return self.client("sts", credentials, **config)

    def user(self, name, *statements, **details):
        """A new user with these statements as inline policy; gives an access key of theirs."""
        iam = self.iam()
        iam.create_user(UserName=name, **details)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
        return Credentials.of(iam.create_access_key(UserName=name))

    def role(self, name, trust_policy, *statements, **details):
        """A new role with these statements as inline policy; gives its ARN."""
        iam = self.iam()
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy, **details)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy(*statements))
        return role["Role"]["Arn"]

    def assume(self, credentials, role, session="session", **details):
        """The credentials of a session of the role, taken by AssumeRole."""
        response = self.sts(credentials).assume_role(RoleArn=role, RoleSessionName=session, **details)
        return Credentials.of(response)

    # What no stock client would send.

    def send(self, method="POST", target="/", body="", headers=(), host=None):
        """Sends one HTTP request exactly as given."""
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            body = body.encode() if isinstance(body, str) else body
            lines = [("Host", host or address.netloc), *headers, ("Content-Length", str(len(body)))]
            for name, value in lines:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Response(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def signed(self, body, credentials=None, service="iam", region=REGION, content_type=None, change=None):
        """Sends a query body signed as botocore signs it. `change` may alter the signed headers before they go."""
        content_type = content_type or "application/x-www-form-urlencoded; charset=utf-8"
        request = botocore.awsrequest.AWSRequest("POST", self.url + "/", {"Content-Type": content_type}, body.encode())
        signer = botocore.auth.SigV4Auth((credentials or self.root).botocore(), service, region)
        signer.add_auth(request)
        headers = dict(request.headers.items())
        if change:
            change(headers)
        return self.send("POST", "/", body, list(headers.items()))

    def query(self, action, credentials=None, service="iam", **parameters):
        """Sends one query operation with these parameters, in the order given."""
        version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
        body = urllib.parse.urlencode({"Action": action, "Version": version, **parameters})
        return self.signed(body, credentials, service)

    def own(self, method, target, document=None, credentials=None):
        """Sends a request to Doorward's own API; gives the status and the JSON."""
        body = b"" if document is None else json.dumps(document).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        request = botocore.awsrequest.AWSRequest(method, self.url + target, headers, body)
        signer = botocore.auth.SigV4Auth((credentials or self.root).botocore(), "doorward", REGION)
        signer.add_auth(request)
        answer = self.send(method, target, body, list(request.headers.items()))
        return answer.status, json.loads(answer.body or b"{}")

    def decide(self, principal, action, resource, **request):
        """Asks whether the principal (an ARN, or credentials) may do this; gives the answer's members."""
        if isinstance(principal, Credentials):
            found = {"accessKeyId": principal.access_key} | ({"sessionToken": principal.token} if principal.token else {})
            request["credentials"] = found
        else:
            request["principal"] = principal
        status, answer = self.own("POST", "/v1/authorize", {"action": action, "resource": resource, **request})
        assert status == 200, answer
        return answer


# ------------------------------------------------------------------------------------------------------------ server


class Server(Endpoint):
    """A server in production form on a data directory of its own."""

    def __init__(self, directory, *options):
        self.binary = os.environ["DOORWARD_BINARY"]
        self.environment = {}
        self.options = options
        self.directory = Path(directory)
        root = self._doorward("init", "--data", self.directory / "data", "--account-id", ACCOUNT)
        super().__init__("", Credentials(root["accessKeyId"], root["secretAccessKey"]), root["accountId"])
        self.process = None
        self.start()

    def start(self):
        """Starts the process and waits until it says that it is ready."""
        arguments = ["serve", "--data", self.directory / "data", "--listen", "127.0.0.1:0", "--json", *self.options]
        with open(self.directory / "log", "ab") as log:
            environment = os.environ | self.environment
            command = [self.binary, *arguments]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment)
        line = self.process.stdout.readline()
        assert line, f"the server did not start: {(self.directory / 'log').read_text()}"
        self.url = json.loads(line)["endpoint"]

    def kill(self):
        """Ends the process as a power cut would: without a word."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def create_account(self, account=OTHER_ACCOUNT):
        """A second account on the same server."""
        environment = self.root.environment() | {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION}
        made = self._doorward("account", "create", "--account-id", account, environment=environment)
        return Endpoint(self.url, Credentials(made["accessKeyId"], made["secretAccessKey"]), made["accountId"])

    def _doorward(self, *arguments, environment=None):
        command = [self.binary, *arguments, "--json"]
        ran = subprocess.run(command, capture_output=True, check=False, env=os.environ | (environment or {}))
        assert ran.returncode == 0, ran.stderr.decode()
        return json.loads(ran.stdout)


def running_endpoint():
    """The endpoint that the environment names."""
    url = os.environ["AWS_ENDPOINT_URL"]
    root = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    endpoint = Endpoint(url, root, "")
    endpoint.account = endpoint.sts().get_caller_identity()["Account"]
    return endpoint


def utc(**ago):
    """The time in UTC, moved by the given timedelta arguments."""
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ago)
