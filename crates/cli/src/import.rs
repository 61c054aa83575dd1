//! `doorward import`: makes an account what a file says that `aws iam get-account-authorization-details` has printed.

mod document;
mod file;
mod plan;
mod run;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use file::Details;
use plan::{Plan, Problem, plan};
use run::Outcome;
use serde_json::{Value, json};

use crate::api::{Api, block_on};
use crate::document::is_stdin;
use crate::failure::{Failure, Result};
use crate::output::{self, safe};

/// The largest file that is read, in bytes. A page of the API has at most some megabytes, an account a few hundred.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// How many names a refusal tells.
const NAMES_TOLD: usize = 10;

/// What such a file does not say, so that an import cannot carry it over.
const NOT_IN_THE_FILE: &str = "access keys, passwords, MFA devices and other credentials; identity providers and server \
                               certificates; descriptions and maximum session durations of roles; tags of policies; \
                               instance profiles without a role; the account's alias and password policy";

/// Arguments of `doorward import`.
#[derive(clap::Args)]
#[command(after_help = "The file is what this prints, for an account of AWS or of Doorward:\n\n  \
    aws iam get-account-authorization-details > account.json\n\n\
    It is imported into the account whose credentials the environment holds (of a running `serve --dev`: the demo account).\n\
    Exit code 0: all was carried over, 1: not all was, or nothing.")]
pub(crate) struct Import {
    /// The file; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what would be done and what cannot be carried over, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    api: Api,
}

impl Import {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let details = read(&self.file)?;
        let refused = |why: String| Failure::of_path("import", &self.file, why);
        if details.is_truncated || details.unknown.contains_key("NextToken") {
            return Err(refused(
                "it is a part of an account; have it printed without --max-items and --no-paginate".into(),
            ));
        }
        let from = details.account_id().map_err(refused)?.unwrap_or_default().to_owned();
        let server = self.api.server()?;
        let client = Arc::new(server.client);
        block_on(async {
            let account_id = run::account_id(&client).await?;
            check_free(&details, &run::taken(&client).await?)?;
            let mut plan = plan(&details, &from, &account_id);
            let calls = plan.phases.iter().flatten().map(Vec::len).sum();
            let outcome = match self.dry_run {
                true => Outcome { calls, problems: Vec::new() },
                false => run::run(client, &mut plan).await?,
            };
            let report = Report { details: &details, from, account_id, plan, outcome, dry_run: self.dry_run };
            match self.api.json {
                true => output::print_json(&report.json())?,
                false => output::print(&report.told())?,
            }
            Ok(if report.problems().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}

fn read(path: &Path) -> Result<Details> {
    let mut text = String::new();
    let limit = FILE_BYTES_MAX + 1;
    let read = match is_stdin(path) {
        true => stdin().lock().take(limit).read_to_string(&mut text),
        false => File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::of_path("read", path, error))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > FILE_BYTES_MAX) {
        return Err(Failure::of_path("read", path, "it is larger than 1 GiB"));
    }
    serde_json::from_str(&text).map_err(|error| {
        let mend = "it must be what `aws iam get-account-authorization-details` prints";
        Failure::of_path("import", path, format!("{error}; {mend}"))
    })
}

/// The names of a file, by what they are of, in lower case.
fn names(details: &Details) -> BTreeSet<(&'static str, String)> {
    let users = details.user_detail_list.iter().map(|user| ("user", &user.user_name));
    let groups = details.group_detail_list.iter().map(|group| ("group", &group.group_name));
    let roles = details.role_detail_list.iter().map(|role| ("role", &role.role_name));
    let policies = details.policies.iter().filter(|policy| !policy.is_aws_managed());
    let policies = policies.map(|policy| ("policy", &policy.policy_name));
    let profiles = details.role_detail_list.iter().flat_map(|role| &role.instance_profile_list);
    let profiles = profiles.map(|profile| ("instance profile", &profile.instance_profile_name));
    let all = users.chain(groups).chain(roles).chain(policies).chain(profiles);
    all.map(|(kind, name)| (kind, name.to_ascii_lowercase())).collect()
}

/// Refuses to mix two accounts: what is there under a name of the file is not touched, and nothing else is either.
fn check_free(details: &Details, taken: &[(&'static str, String)]) -> Result<()> {
    let names = names(details);
    let both: Vec<String> =
        taken.iter().filter(|name| names.contains(name)).map(|(kind, name)| format!("{kind} {name}")).collect();
    if both.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = both.iter().take(NAMES_TOLD).map(String::as_str).collect();
    let more = match both.len().saturating_sub(NAMES_TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Failure::new(format!(
        "the account has some of these names already: {}{more}. Nothing was imported; delete them, or import into an account \
         of its own (`doorward account create`)",
        told.join(", ")
    )))
}

/// What an import has come to, or would.
struct Report<'a> {
    details: &'a Details,
    from: String,
    account_id: String,
    plan: Plan,
    outcome: Outcome,
    dry_run: bool,
}

impl Report<'_> {
    fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.plan.problems.iter().chain(&self.outcome.problems)
    }

    fn counts(&self) -> [(&'static str, usize); 5] {
        let of = |kind: &str| names(self.details).iter().filter(|(known, _)| *known == kind).count();
        [
            ("users", of("user")),
            ("groups", of("group")),
            ("roles", of("role")),
            ("policies", of("policy")),
            ("instance profiles", of("instance profile")),
        ]
    }

    fn json(&self) -> Value {
        let problems: Vec<Value> =
            self.problems().map(|problem| json!({ "what": problem.what, "why": problem.why })).collect();
        let counts = self.counts().map(|(kind, count)| (kind.replace("instance profiles", "instanceProfiles"), count));
        json!({
            "dryRun": self.dry_run,
            "from": self.from,
            "accountId": self.account_id,
            "file": counts.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "calls": self.outcome.calls,
            "documentsMoved": self.plan.moved,
            "problems": problems,
            "notInTheFile": NOT_IN_THE_FILE,
        })
    }

    fn told(&self) -> String {
        let counts: Vec<String> = self.counts().iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let problems: Vec<&Problem> = self.problems().collect();
        let verb = match (self.dry_run, problems.is_empty()) {
            (true, _) => "would import",
            (false, true) => "imported",
            (false, false) => "imported what could be of",
        };
        let mut out = format!("{verb} {}   into account {}\n", counts.join(", "), self.account_id);
        if self.plan.moved > 0 {
            let (moved, from, to) = (self.plan.moved, &self.from, &self.account_id);
            out.push_str(&format!("  {moved} documents name the account {from} and get {to} in its place\n"));
        }
        for Problem { what, why } in problems {
            out.push_str(&format!("  ✗ {what}: {why}\n"));
        }
        out.push_str(&format!("  not in the file, so not carried over: {NOT_IN_THE_FILE}\n"));
        safe(&out)
    }
}
