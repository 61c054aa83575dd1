//! Credential reports (IAM API Reference: GenerateCredentialReport, GetCredentialReport; User Guide, "Generate credential
//! reports for your AWS account").

use doorward_directory::{
    AccessKey, Account, KeyStatus, LoginProfile, MfaHolder, ReferenceKind, SigningCertificate, User,
};
use doorward_shapes::iam::{self as api, error};
use doorward_shapes::{Error, common};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::event::date;
use crate::op::Op;
use crate::uses::Activity;

#[cfg(test)]
mod tests;

/// How long a report is the account's report.
const VALID: SignedDuration = SignedDuration::from_hours(4);
/// What AWS says of a report that is not there.
const UNKNOWN: &str = "Unknown";
const NOT_APPLICABLE: &str = "N/A";
const NOT_SUPPORTED: &str = "not_supported";
const NO_INFORMATION: &str = "no_information";

const COLUMNS: [&str; 22] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
];

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::read("GenerateCredentialReport", |scope, _: &()| Ok(vec![scope.any()]), generate),
        Op::read("GetCredentialReport", |scope, _: &()| Ok(vec![scope.any()]), get),
    ]
}

/// The account's newest report. It is kept beside the account, of which it is no part: each takes the place of the last.
#[derive(Serialize, Deserialize)]
struct Report {
    generated: Timestamp,
    content: String,
}

fn setting(account: &Account) -> String {
    format!("credential-report/{}", account.id())
}

fn stored(cx: &Cx<'_>, account: &Account) -> Result<Option<Report>, Error> {
    let stored = cx.doorward.store().setting(&setting(account)).map_err(unavailable)?;
    // One that cannot be read is made anew.
    Ok(stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn unavailable(error: doorward_store::Error) -> Error {
    tracing::error!(%error, "a credential report could not be read or kept");
    common::service_unavailable("The credential report could not be read or kept.")
}

/// Whether a report of this time is good. A clock that was set back does not make it good for longer.
fn is_valid(generated: Timestamp, now: Timestamp) -> bool {
    now.duration_since(generated).abs() <= VALID
}

/// Where there is no report of the last four hours, one is made, at once. AWS takes some seconds, so whoever asks is
/// told that it was started, asks again, and is told that it is there.
fn generate(cx: &Cx<'_>, account: &Account, (): ()) -> Result<api::GenerateCredentialReportResponse, Error> {
    let known = stored(cx, account)?;
    if known.as_ref().is_some_and(|report| is_valid(report.generated, cx.now)) {
        return Ok(api::GenerateCredentialReportResponse {
            state: Some(api::ReportStateType::Complete),
            description: None,
        });
    }
    let activity = cx.doorward.with_activity(account.id(), Activity::clone)?;
    let content = csv(&activity, account);
    let report = Report { generated: cx.date(), content };
    let bytes = serde_json::to_vec(&report).map_err(|_| common::internal_failure("the report cannot be written"))?;
    cx.doorward.store().put_setting(&setting(account), &bytes).map_err(unavailable)?;
    Ok(api::GenerateCredentialReportResponse {
        state: Some(api::ReportStateType::Started),
        description: Some("No report exists. Starting a new report generation task".to_owned()),
    })
}

fn get(cx: &Cx<'_>, account: &Account, (): ()) -> Result<api::GetCredentialReportResponse, Error> {
    let report = stored(cx, account)?.ok_or_else(|| error::credential_report_not_present(UNKNOWN))?;
    if !is_valid(report.generated, cx.now) {
        return Err(error::credential_report_expired(UNKNOWN));
    }
    Ok(api::GetCredentialReportResponse {
        content: Some(report.content.into_bytes()),
        report_format: Some(api::ReportFormatType::TextCsv),
        generated_time: Some(report.generated),
    })
}

/// The root user first, then all users by name; no line feed after the last one.
fn csv(activity: &Activity, account: &Account) -> String {
    let header = COLUMNS.join(",");
    let users = account.users().iter().map(|user| line(&row_of_user(activity, account, user)));
    std::iter::once(header)
        .chain(std::iter::once(line(&row_of_root(activity, account))))
        .chain(users)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Fields with a comma or a quotation mark, which names and paths can have, in quotation marks (RFC 4180).
fn line(fields: &[String; 22]) -> String {
    let quoted = |field: &String| match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.clone(),
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",")
}

fn row_of_root(activity: &Activity, account: &Account) -> [String; 22] {
    let settings = account.settings();
    let mfa = account.mfa_devices_of(&MfaHolder::Root).next().is_some();
    let [key_1, key_2] = keys(activity, &settings.root_access_keys);
    row(
        ["<root_account>".to_owned(), format!("arn:aws:iam::{}:root", account.id()), date(settings.created)],
        [NOT_SUPPORTED, NO_INFORMATION, NOT_SUPPORTED, NOT_SUPPORTED].map(str::to_owned),
        mfa,
        [key_1, key_2],
        certificates(&settings.root_signing_certificates),
    )
}

fn row_of_user(activity: &Activity, account: &Account, user: &User) -> [String; 22] {
    let mfa = account.referrers(&user.id, ReferenceKind::MfaDevice).next().is_some();
    row(
        [user.name.clone(), account.user_arn(user), date(user.created)],
        password(account, account.login_profiles().by_id(&user.id).map(AsRef::as_ref)),
        mfa,
        keys(activity, &user.access_keys),
        certificates(&user.signing_certificates),
    )
}

fn row(
    who: [String; 3],
    password: [String; 4],
    mfa: bool,
    keys: [[String; 5]; 2],
    certificates: [[String; 2]; 2],
) -> [String; 22] {
    let ([user, arn, created], [enabled, used, changed, next]) = (who, password);
    let [[a1, a2, a3, a4, a5], [b1, b2, b3, b4, b5]] = keys;
    let [[c1, c2], [d1, d2]] = certificates;
    let mfa = mfa.to_string();
    [user, arn, created, enabled, used, changed, next, mfa, a1, a2, a3, a4, a5, b1, b2, b3, b4, b5, c1, c2, d1, d2]
}

/// Nobody signs in with a password here yet, so of none it is known when it was used.
fn password(account: &Account, profile: Option<&LoginProfile>) -> [String; 4] {
    let Some(profile) = profile else {
        return ["false", NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE].map(str::to_owned);
    };
    let max_age = account.settings().password_policy.as_ref().and_then(|policy| policy.max_age_days);
    let next =
        max_age.and_then(|days| profile.changed.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok());
    [
        "true".to_owned(),
        NO_INFORMATION.to_owned(),
        date(profile.changed),
        next.map_or_else(|| NOT_APPLICABLE.to_owned(), date),
    ]
}

/// The first two keys, older ones before newer ones: active, made, and last use.
fn keys(activity: &Activity, keys: &[AccessKey]) -> [[String; 5]; 2] {
    let mut keys: Vec<&AccessKey> = keys.iter().collect();
    keys.sort_by_key(|key| key.created);
    let mut keys = keys.into_iter();
    std::array::from_fn(|_| {
        let none = || NOT_APPLICABLE.to_owned();
        let Some(key) = keys.next() else { return ["false".to_owned(), none(), none(), none(), none()] };
        let used = activity.key(&key.id);
        [
            (key.status == KeyStatus::Active).to_string(),
            date(key.created),
            used.map_or_else(none, |used| date(used.time)),
            used.map_or_else(none, |used| used.region.clone()),
            used.map_or_else(none, |used| used.service.clone()),
        ]
    })
}

/// The first two certificates, inactive ones before active ones, older ones before newer ones.
fn certificates(certificates: &[SigningCertificate]) -> [[String; 2]; 2] {
    let active = |certificate: &SigningCertificate| certificate.status == KeyStatus::Active;
    let mut certificates: Vec<&SigningCertificate> = certificates.iter().collect();
    certificates.sort_by_key(|certificate| (active(certificate), certificate.uploaded));
    let mut certificates = certificates.into_iter();
    std::array::from_fn(|_| match certificates.next() {
        Some(certificate) => [active(certificate).to_string(), date(certificate.uploaded)],
        None => ["false".to_owned(), NOT_APPLICABLE.to_owned()],
    })
}
