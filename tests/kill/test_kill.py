"""Kills the server at any moment, again and again, on one data directory.

Eight clients change things as fast as they are answered; the process gets SIGKILL at a random moment and is started
again. Then: what was acknowledged is there; what was under way is there whole or not at all; and every change that is
there has exactly one audit event, the others none.
"""

import datetime
import hashlib
import hmac
import http.client
import os
import random
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

import pytest
from doorward import REGION, Server, allow, policy

ROUNDS = int(os.environ.get("DOORWARD_KILLS", "200"))
CLIENTS = 8
# Each round runs this long, in seconds, between the start of the clients and the kill.
SHORTEST, LONGEST = 0.02, 0.6
# A client keeps at most so many users, well below the quota of an account.
USERS_MAX = 12
# By then every event can be looked up.
EVENTS_SECONDS_MAX = 5
PARTIAL = "half of it is there"


class Connection:
    """One kept connection that signs and sends query requests."""

    def __init__(self, server):
        self.root = server.root
        address = urllib.parse.urlsplit(server.url)
        self.http = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        self.host = address.netloc

    def call(self, action, **parameters):
        """Sends the operation; gives the status and the text. OSError or HTTPException: no answer came."""
        body = urllib.parse.urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
        content_type = "application/x-www-form-urlencoded; charset=utf-8"
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        signed = f"content-type:{content_type}\nhost:{self.host}\nx-amz-date:{now}\n"
        names = "content-type;host;x-amz-date"
        canonical = f"POST\n/\n\n{signed}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{now[:8]}/{REGION}/iam/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + self.root.secret_key).encode()
        for part in (*scope.split("/"), text):
            key = hmac.digest(key, part.encode(), "sha256")
        authorization = f"AWS4-HMAC-SHA256 Credential={self.root.access_key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
        headers = {"Content-Type": content_type, "X-Amz-Date": now, "Authorization": authorization}
        self.http.request("POST", "/", body, headers)
        answer = self.http.getresponse()
        return answer.status, answer.read().decode()


@dataclass
class User:
    """What is known of one user from the acknowledgements."""

    keys: set = field(default_factory=set)
    policies: dict = field(default_factory=dict)
    count: int = 0  # The value of the tag `count`.


@dataclass
class Client:
    """One client: the state that was acknowledged, the requests that were, and the one under way."""

    number: int
    users: dict = field(default_factory=dict)
    acknowledged: list = field(default_factory=list)  # (request id, action, user)
    pending: tuple | None = None
    made: int = 0
    error: str | None = None

    def run(self, server):
        """Changes things until the server no longer answers."""
        random_ = random.Random(self.number * 1_000_003 + self.made)
        connection = Connection(server)
        try:
            while True:
                self.step(connection, random_)
        except (OSError, http.client.HTTPException):
            pass
        except Exception as error:  # Shown by the main thread, which fails the test.
            self.error = repr(error)

    def step(self, connection, random_):
        choice = random_.random()
        if not self.users or (choice < 0.3 and len(self.users) < USERS_MAX):
            self.made += 1
            name = f"c{self.number}-{self.made}"
            details = {"UserName": name, "Path": f"/c{self.number}/"}
            details |= {"Tags.member.1.Key": "count", "Tags.member.1.Value": "0"}
            self.change(connection, "CreateUser", name, details, lambda _: self.users.update({name: User()}))
            return
        name = random_.choice(list(self.users))
        user = self.users[name]
        who = {"UserName": name}
        if len(self.users) >= USERS_MAX:
            self.remove(connection, name, user)
        elif choice < 0.5 and len(user.keys) < 2:
            self.change(connection, "CreateAccessKey", name, who, lambda text: user.keys.add(key_of(text)))
        elif choice < 0.7:
            # Never the same twice: a change must show.
            self.made += 1
            document = policy(allow(f"s3:Get{self.made}"))
            details = who | {"PolicyName": "inline", "PolicyDocument": document}
            self.change(connection, "PutUserPolicy", name, details, lambda _: user.policies.update(inline=document))
        else:
            count = user.count + 1
            details = who | {"Tags.member.1.Key": "count", "Tags.member.1.Value": str(count)}
            self.change(connection, "TagUser", name, details, lambda _: setattr(user, "count", count))

    def remove(self, connection, name, user):
        """One step towards deleting the user."""
        who = {"UserName": name}
        if user.keys:
            key = next(iter(user.keys))
            self.change(connection, "DeleteAccessKey", name, who | {"AccessKeyId": key}, lambda _: user.keys.remove(key))
        elif user.policies:
            self.change(connection, "DeleteUserPolicy", name, who | {"PolicyName": "inline"}, lambda _: user.policies.clear())
        else:
            self.change(connection, "DeleteUser", name, who, lambda _: self.users.pop(name))

    def change(self, connection, action, name, parameters, apply):
        self.pending = (action, name, parameters)
        status, text = connection.call(action, **parameters)
        assert status == 200, f"{action} {name}: {status} {text}"
        apply(text)
        self.acknowledged.append((request_id(text), action, name))
        self.pending = None


def key_of(text):
    return re.search(r"<AccessKeyId>([^<]+)</AccessKeyId>", text)[1]


def request_id(text):
    return re.search(r"<RequestId>([^<]+)</RequestId>", text)[1]


def actual(connection, name):
    """The user as the server has it, or none."""
    status, text = connection.call("GetUser", UserName=name)
    if status == 404:
        return None
    assert status == 200, text
    count = int(re.search(r"<Key>count</Key><Value>(\d+)</Value>", text)[1])
    status, text = connection.call("ListAccessKeys", UserName=name)
    assert status == 200, text
    keys = set(re.findall(r"<AccessKeyId>([^<]+)</AccessKeyId>", text))
    status, text = connection.call("GetUserPolicy", UserName=name, PolicyName="inline")
    assert status in (200, 404), text
    policies = {}
    if status == 200:
        policies["inline"] = urllib.parse.unquote(re.search(r"<PolicyDocument>([^<]+)</PolicyDocument>", text)[1])
    return User(keys, policies, count)


def settle(client, found):
    """Takes over the change that was under way if it happened; gives whether it did. Anything else is a loss."""
    if client.pending is None:
        return False
    action, name, parameters = client.pending
    before, now = client.users.get(name), found.get(name)
    if now == before:
        return False
    if action == "CreateUser":
        assert now == User(), (PARTIAL, name, now)
        client.users[name] = now
    elif action == "DeleteUser":
        assert now is None, (PARTIAL, name, now)
        del client.users[name]
    else:
        assert now is not None, ("lost", name)
        expected = after(action, parameters, before, now)
        assert now == expected, (PARTIAL, action, name, now, expected)
        client.users[name] = now
    return True


def after(action, parameters, before, now):
    """The state that the change under way makes of the state before."""
    state = User(set(before.keys), dict(before.policies), before.count)
    if action == "CreateAccessKey":
        new = now.keys - before.keys
        assert len(new) == 1, (PARTIAL, now)
        state.keys |= new
    elif action == "DeleteAccessKey":
        state.keys.discard(parameters["AccessKeyId"])
    elif action == "PutUserPolicy":
        state.policies = {"inline": parameters["PolicyDocument"]}
    elif action == "DeleteUserPolicy":
        state.policies = {}
    elif action == "TagUser":
        state.count = int(parameters["Tags.member.1.Value"])
    return state


class Events:
    """The changes in the server's event log, read onwards from where the last reading ended."""

    def __init__(self, server):
        self.server = server
        self.cursor = None

    def changes(self):
        found = []
        while True:
            after_ = f"&after={urllib.parse.quote(self.cursor)}" if self.cursor else ""
            status, page = self.server.own("GET", f"/v1/events?limit=1000{after_}")
            assert status == 200, page
            found += [event for event in page["events"] if not event["readOnly"] and "errorCode" not in event]
            if not page["events"] or page.get("next") in (None, self.cursor):
                return found
            self.cursor = page["next"]


def check_round(server, clients, events):
    """Compares what the server has with what was acknowledged; gives the number of acknowledged changes."""
    connection = Connection(server)
    acknowledged, under_way, refused = {}, [], []
    for client in clients:
        assert client.error is None, client.error
        touched = {name for _, _, name in client.acknowledged} | ({client.pending[1]} if client.pending else set())
        found = {name: actual(connection, name) for name in touched}
        if client.pending:
            (under_way if settle(client, found) else refused).append(client.pending[:2])
        for name in touched:
            assert found[name] == client.users.get(name), ("lost", name, found[name], client.users.get(name))
        acknowledged |= {id_: (action, name) for id_, action, name in client.acknowledged}
        client.acknowledged, client.pending = [], None
    check_events(events, acknowledged, under_way, refused)
    return len(acknowledged)


def check_events(events, acknowledged, under_way, refused):
    """Every change that happened has one event, and no other has. They may take a second to show."""
    recorded = []
    deadline = time.monotonic() + EVENTS_SECONDS_MAX
    while len(recorded) < len(acknowledged) + len(under_way) and time.monotonic() < deadline:
        recorded += events.changes()
    ids = [event["requestID"] for event in recorded]
    assert len(ids) == len(set(ids)), "recorded twice"
    what = {event["requestID"]: (event["eventName"], event["requestParameters"]["userName"]) for event in recorded}
    for id_, change in acknowledged.items():
        assert what.pop(id_, None) == change, ("no event of it", change)
    assert sorted(what.values()) == sorted(under_way), ("events and changes differ", refused)


@pytest.mark.skipif("DOORWARD_BINARY" not in os.environ, reason="it must be able to kill the server")
def test_r01_nothing_acknowledged_is_lost_by_a_kill(tmp_path):
    seed = int(os.environ.get("DOORWARD_KILL_SEED", random.randrange(2**32)))
    print(f"DOORWARD_KILL_SEED={seed}")
    moment = random.Random(seed)
    server = Server(tmp_path)
    try:
        changes = kill_again_and_again(server, moment)
    finally:
        server.kill()
    print(f"{ROUNDS} kills, {changes} acknowledged changes, none lost")
    assert changes > ROUNDS


def kill_again_and_again(server, moment):
    """Gives the number of changes that were acknowledged and found again."""
    clients = [Client(number) for number in range(CLIENTS)]
    events = Events(server)
    events.changes()
    changes = 0
    for _ in range(ROUNDS):
        threads = [threading.Thread(target=client.run, args=(server,)) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(moment.uniform(SHORTEST, LONGEST))
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        changes += check_round(server, clients, events)

    # And all of it once more at the end: nothing that survived one kill was lost by a later one.
    connection = Connection(server)
    for client in clients:
        for name, user in client.users.items():
            assert actual(connection, name) == user
    return changes
