//! An account as full as AWS lets one be, beside one that holds next to nothing.

use std::path::Path;

use super::load::{self, Load, Target};
use super::{CONNECTIONS, Goal, Row, process};
use crate::clients::{ACCOUNT, Server};
use crate::run::Result;

const USERS: u32 = 5_000;
const ROLES: u32 = 1_000;
const POLICIES: u32 = 1_500;
/// Requests of one connection.
const REQUESTS: u32 = 500;
const VERSION: &str = "Version=2010-05-08";
const ALL: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22%2A%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";

/// What is measured of one account.
struct Measured {
    get_user: Load,
    /// By one client: what a page takes, and not how pages wait for each other.
    list_users: Load,
    attach: Load,
    decide: Load,
    memory: f64,
}

/// The rows of the table: the full account's figures, with the other's as the baseline.
pub fn rows(binary: &Path) -> Result<Vec<Row>> {
    let few = measure(binary, "bench-few", [200, 100, 100])?;
    let full = measure(binary, "bench-full", [USERS, ROLES, POLICIES])?;
    let baseline = "an account of few";
    let cpu = |what, ours: &Load, theirs: &Load, target| Row {
        what,
        unit: "µs",
        ours: ours.cpu_micros,
        baseline,
        theirs: theirs.cpu_micros,
        target,
    };
    let p99 = |what, ours: &Load, theirs: &Load, target| Row {
        what,
        unit: "ms",
        ours: ours.p99.as_secs_f64() * 1e3,
        baseline,
        theirs: theirs.p99.as_secs_f64() * 1e3,
        target,
    };
    Ok(vec![
        cpu("full: GetUser, CPU", &full.get_user, &few.get_user, Goal::AtMost(15.0)),
        p99("full: GetUser, p99 of 16", &full.get_user, &few.get_user, Goal::None),
        cpu("full: ListUsers 100, CPU", &full.list_users, &few.list_users, Goal::AtMost(150.0)),
        p99("full: ListUsers 100, p99", &full.list_users, &few.list_users, Goal::AtMost(1.0)),
        cpu("full: AttachRolePolicy, CPU", &full.attach, &few.attach, Goal::None),
        p99("full: AttachRolePolicy, p99", &full.attach, &few.attach, Goal::None),
        cpu("full: Authorize, CPU", &full.decide, &few.decide, Goal::None),
        p99("full: Authorize, p99 of 16", &full.decide, &few.decide, Goal::None),
        Row {
            what: "full: memory beyond idle",
            unit: "MB",
            ours: full.memory,
            baseline,
            theirs: few.memory,
            target: Goal::AtMost(15.0),
        },
    ])
}

/// Fills an account with so many users, roles and policies, and measures.
fn measure(binary: &Path, name: &str, [users, roles, policies]: [u32; 3]) -> Result<Measured> {
    let server = Server::start(binary, name)?;
    let target = || Target::of_environment(server.id(), &server.environment());
    let iam = target()?;
    let idle = process::memory(iam.process)?;
    fill(&iam, users, |n| format!("Action=CreateUser&{VERSION}&UserName=u{n}"))?;
    fill(&iam, roles, |n| format!("Action=CreateRole&{VERSION}&RoleName=r{n}&AssumeRolePolicyDocument={TRUST}"))?;
    fill(&iam, policies, |n| format!("Action=CreatePolicy&{VERSION}&PolicyName=p{n}&PolicyDocument={ALL}"))?;
    let arn = |n: u32| format!("arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Apolicy%2Fp{n}");
    fill(&iam, users, |n| format!("Action=AttachUserPolicy&{VERSION}&UserName=u{n}&PolicyArn={}", arn(n % policies)))?;
    let memory = process::memory(iam.process)? - idle;
    let user = |connection: u32, number: u32| (connection * REQUESTS + number) % users;
    let get_user =
        load::run(&iam, CONNECTIONS, REQUESTS, &|c, n| format!("Action=GetUser&{VERSION}&UserName=u{}", user(c, n)))?;
    let page = |_, _| format!("Action=ListUsers&{VERSION}&MaxItems=100");
    let list_users = load::run(&iam, 1, REQUESTS, &page)?;
    let each = roles / CONNECTIONS;
    let attach = load::run(&iam, CONNECTIONS, each, &|c, n| {
        let role = c * each + n;
        format!("Action=AttachRolePolicy&{VERSION}&RoleName=r{role}&PolicyArn={}", arn(role % policies))
    })?;
    let decide = load::run(&target()?.deciding(), CONNECTIONS, REQUESTS, &|c, n| {
        let principal = format!("arn:aws:iam::{ACCOUNT}:user/u{}", user(c, n));
        format!(r#"{{"principal":"{principal}","action":"s3:GetObject","resource":"arn:aws:s3:::bucket/key"}}"#)
    })?;
    Ok(Measured { get_user, list_users, attach, decide, memory })
}

/// Makes so many of something, over all connections.
fn fill(target: &Target, count: u32, body: impl Fn(u32) -> String) -> Result {
    let each = count / CONNECTIONS;
    load::run(target, CONNECTIONS, each, &|connection, number| body(connection * each + number))?;
    load::run(target, 1, count % CONNECTIONS, &|_, number| body(CONNECTIONS * each + number)).map(drop)
}
