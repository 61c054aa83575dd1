// The AWS SDK for JavaScript against the endpoint that the environment names, as its root identity.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  EntityAlreadyExistsException,
  DeleteConflictException,
  GetPolicyVersionCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  paginateListUsers,
  waitUntilUserExists,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";

const settings = { endpoint: process.env.AWS_ENDPOINT_URL, region: "us-east-1", maxAttempts: 1 };
const root = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };

const iam = new IAMClient({ ...settings, credentials: root });
const sts = new STSClient({ ...settings, credentials: root });
const account = (await sts.send(new GetCallerIdentityCommand({}))).Account;

const policy = (...statements) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (action, resource = "*") => ({ Effect: "Allow", Action: action, Resource: resource });
const arn = (resource) => `arn:aws:iam::${account}:${resource}`;

/** A new user with these statements as inline policy; gives an access key of theirs. */
async function user(name, ...statements) {
  await iam.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0) {
    const input = { UserName: name, PolicyName: "inline", PolicyDocument: policy(...statements) };
    await iam.send(new PutUserPolicyCommand(input));
  }
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
}

const as = (credentials) => new IAMClient({ ...settings, credentials });

/** The call fails with this error class or name, HTTP status and message. */
async function fails(call, kind, status, message) {
  await assert.rejects(call, (error) => {
    if (typeof kind === "string") assert.equal(error.name, kind);
    else assert.ok(error instanceof kind, `${error.name} is no ${kind.name}`);
    assert.equal(error.$metadata.httpStatusCode, status);
    if (message instanceof RegExp) assert.match(error.message, message);
    else assert.equal(error.message, message);
    return true;
  });
}

test("a user is made, read and deleted", async () => {
  const made = await iam.send(new CreateUserCommand({ UserName: "js", Path: "/x/", Tags: [{ Key: "a", Value: "b" }] }));
  assert.equal(made.User.Arn, arn("user/x/js"));
  assert.match(made.User.UserId, /^AIDA[A-Z2-7]{17}$/);
  assert.ok(Math.abs(made.User.CreateDate - Date.now()) < 30_000);
  assert.match(made.$metadata.requestId, /^[0-9a-f-]{36}$/);
  const got = await iam.send(new GetUserCommand({ UserName: "js" }));
  assert.deepEqual(got.User, made.User);
  await waitUntilUserExists({ client: iam, maxWaitTime: 5 }, { UserName: "js" });
  await iam.send(new DeleteUserCommand({ UserName: "js" }));
  await fails(iam.send(new GetUserCommand({ UserName: "js" })), NoSuchEntityException, 404, "The user with name js cannot be found.");
});

test("a taken name is a typed error", async () => {
  await iam.send(new CreateUserCommand({ UserName: "js-twice" }));
  const again = iam.send(new CreateUserCommand({ UserName: "JS-twice" }));
  await fails(again, EntityAlreadyExistsException, 409, /^User with name js-twice already exists\.$/i);
});

test("a user with a key is a typed conflict", async () => {
  await user("js-keyed");
  const text = "Cannot delete entity, must delete access keys first.";
  await fails(iam.send(new DeleteUserCommand({ UserName: "js-keyed" })), DeleteConflictException, 409, text);
});

test("a bad policy is a typed error", async () => {
  const bad = iam.send(new CreatePolicyCommand({ PolicyName: "js-bad", PolicyDocument: "{}" }));
  await fails(bad, MalformedPolicyDocumentException, 400, "Syntax errors in policy.");
});

test("a policy document comes back percent-encoded", async () => {
  const document = policy(allow("s3:GetObject", "arn:aws:s3:::a b+c/*"));
  const made = await iam.send(new CreatePolicyCommand({ PolicyName: "js-document", PolicyDocument: document }));
  const got = await iam.send(new GetPolicyVersionCommand({ PolicyArn: made.Policy.Arn, VersionId: "v1" }));
  assert.ok(!got.PolicyVersion.Document.includes("+"));
  assert.equal(decodeURIComponent(got.PolicyVersion.Document), document);
});

test("pages hold each name once", async () => {
  const names = Array.from({ length: 12 }, (_, number) => `js-paged${String(number).padStart(2, "0")}`);
  for (const name of names) await iam.send(new CreateUserCommand({ UserName: name, Path: "/js-paged/" }));
  const found = [];
  for await (const page of paginateListUsers({ client: iam, pageSize: 5 }, { PathPrefix: "/js-paged/" })) {
    assert.ok(page.Users.length <= 5);
    found.push(...page.Users.map((user) => user.UserName));
  }
  assert.deepEqual(found, names);
});

test("a role is assumed and its session used", async () => {
  const key = await user("js-walker");
  const trust = policy({ Effect: "Allow", Principal: { AWS: arn("user/js-walker") }, Action: "sts:AssumeRole" });
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: "js-walk", AssumeRolePolicyDocument: trust }));
  const grant = { RoleName: "js-walk", PolicyName: "p", PolicyDocument: policy(allow("iam:ListUsers")) };
  await iam.send(new PutRolePolicyCommand(grant));
  const walker = new STSClient({ ...settings, credentials: key });
  const taken = await walker.send(new AssumeRoleCommand({ RoleArn: role.Arn, RoleSessionName: "js" }));
  const session = {
    accessKeyId: taken.Credentials.AccessKeyId,
    secretAccessKey: taken.Credentials.SecretAccessKey,
    sessionToken: taken.Credentials.SessionToken,
  };
  const who = await new STSClient({ ...settings, credentials: session }).send(new GetCallerIdentityCommand({}));
  assert.equal(who.Arn, `arn:aws:sts::${account}:assumed-role/js-walk/js`);
  assert.ok((await as(session).send(new ListUsersCommand({}))).Users.length > 0);
  const text =
    `User: ${who.Arn} is not authorized to perform: iam:CreateUser on resource: ${arn("user/x")} ` +
    "because no identity-based policy allows the iam:CreateUser action";
  await fails(as(session).send(new CreateUserCommand({ UserName: "x" })), "AccessDenied", 403, text);
});

test("without a policy nothing is allowed", async () => {
  const nobody = as(await user("js-nobody"));
  const text =
    `User: ${arn("user/js-nobody")} is not authorized to perform: iam:ListUsers on resource: ${arn("user/")} ` +
    "because no identity-based policy allows the iam:ListUsers action";
  await fails(nobody.send(new ListUsersCommand({})), "AccessDenied", 403, text);
});

test("an attached policy grants at once", async () => {
  const lister = as(await user("js-lister"));
  const made = await iam.send(new CreatePolicyCommand({ PolicyName: "js-list", PolicyDocument: policy(allow("iam:ListUsers")) }));
  await iam.send(new AttachUserPolicyCommand({ UserName: "js-lister", PolicyArn: made.Policy.Arn }));
  assert.ok((await lister.send(new ListUsersCommand({}))).Users.length > 0);
});

test("bad credentials are refused", async () => {
  const wrong = as({ ...root, secretAccessKey: "x".repeat(40) });
  const text = /^The request signature we calculated does not match the signature you provided\. /;
  await fails(wrong.send(new ListUsersCommand({})), "SignatureDoesNotMatch", 403, text);
  const unknown = as({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x".repeat(40) });
  const invalid = /^The security token included in the request is invalid\.?$/;
  await fails(unknown.send(new ListUsersCommand({})), "InvalidClientTokenId", 403, invalid);
});

test("a session of a user says who it is", async () => {
  const key = await user("js-session");
  const taken = await new STSClient({ ...settings, credentials: key }).send(new GetSessionTokenCommand({}));
  const session = {
    accessKeyId: taken.Credentials.AccessKeyId,
    secretAccessKey: taken.Credentials.SecretAccessKey,
    sessionToken: taken.Credentials.SessionToken,
  };
  const who = await new STSClient({ ...settings, credentials: session }).send(new GetCallerIdentityCommand({}));
  assert.equal(who.Arn, arn("user/js-session"));
});
