//! When services and actions were last used (IAM API Reference: GenerateServiceLastAccessedDetails,
//! GetServiceLastAccessedDetails, GetServiceLastAccessedDetailsWithEntities; User Guide, "Refine permissions in AWS using last
//! accessed information").

mod report;

use std::ops::Bound;

use doorward_directory::{AccessReport, Account, quota};
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};
use jiff::{SignedDuration, Timestamp};

use self::report::Report;
use super::identity::{self, Identity};
use crate::cx::Cx;
use crate::op::Op;
use crate::page::{PageRequest, page};
use crate::world::random_u128;

/// How long a report can be read. AWS does not say how long its own can.
const VALID: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::write(
            "GenerateServiceLastAccessedDetails",
            |scope, input: &api::GenerateServiceLastAccessedDetailsRequest| Ok(identity::target(scope, &input.arn)),
            generate,
        ),
        Op::read(
            "GetServiceLastAccessedDetails",
            |scope, _: &api::GetServiceLastAccessedDetailsRequest| Ok(vec![scope.any()]),
            get,
        ),
        Op::read(
            "GetServiceLastAccessedDetailsWithEntities",
            |scope, _: &api::GetServiceLastAccessedDetailsWithEntitiesRequest| Ok(vec![scope.any()]),
            get_with_entities,
        ),
    ]
}

fn asker<'c>(cx: &'c Cx<'_>, account: &'c Account) -> &'c str {
    cx.caller.who.unique_id().unwrap_or(account.id())
}

fn is_valid(report: &AccessReport, now: Timestamp) -> bool {
    now.duration_since(report.created) <= VALID
}

fn generate(
    cx: &Cx<'_>,
    account: &mut Account,
    input: api::GenerateServiceLastAccessedDetailsRequest,
) -> Result<api::GenerateServiceLastAccessedDetailsResponse, Error> {
    let about = Identity::find(account, &input.arn)?.report_name(account);
    let report = AccessReport {
        id: uuid::Builder::from_random_bytes(random_u128(cx.world()).to_le_bytes()).into_uuid().to_string(),
        created: cx.date(),
        asked_by: asker(cx, account).to_owned(),
        of_actions: input.granularity == Some(api::AccessAdvisorUsageGranularityType::ActionLevel),
        about,
    };
    let reports = account.access_reports();
    let mut gone: Vec<String> =
        reports.iter().filter(|report| !is_valid(report, cx.now)).map(|report| report.id.clone()).collect();
    if gone.is_empty() && reports.len() >= quota::ACCESS_REPORTS {
        gone.extend(reports.iter().min_by_key(|report| report.created).map(|report| report.id.clone()));
    }
    for id in gone {
        account.remove::<AccessReport>(&id);
    }
    let job_id = report.id.clone();
    account.put(report);
    Ok(api::GenerateServiceLastAccessedDetailsResponse { job_id: Some(job_id) })
}

/// A report of the caller's own. Others' are not there, and neither are old ones.
fn report<'a>(cx: &Cx<'_>, account: &'a Account, job_id: &str) -> Result<&'a AccessReport, Error> {
    if uuid::Uuid::try_parse(job_id).is_err() {
        return Err(error::invalid_input(format!("The job id {job_id} is not valid.")));
    }
    let found = account.access_reports().by_id(job_id);
    let found = found.filter(|report| report.asked_by == asker(cx, account) && is_valid(report, cx.now));
    found.map(AsRef::as_ref).ok_or_else(|| error::no_such_entity(format!("The job with id {job_id} cannot be found.")))
}

/// What is told of a report whose subject is no more.
fn gone() -> api::ErrorDetails {
    api::ErrorDetails {
        code: "NoSuchEntity".to_owned(),
        message: "What the report is about has been deleted.".to_owned(),
    }
}

fn get(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetServiceLastAccessedDetailsRequest,
) -> Result<api::GetServiceLastAccessedDetailsResponse, Error> {
    let job = report(cx, account, &input.job_id)?;
    let granularity = match job.of_actions {
        true => api::AccessAdvisorUsageGranularityType::ActionLevel,
        false => api::AccessAdvisorUsageGranularityType::ServiceLevel,
    };
    let mut response = api::GetServiceLastAccessedDetailsResponse {
        job_status: api::JobStatusType::Completed,
        job_type: Some(granularity),
        job_creation_date: job.created,
        job_completion_date: job.created,
        is_truncated: Some(false),
        ..Default::default()
    };
    let Some(identity) = Identity::of_report(account, &job.about) else {
        return Ok(api::GetServiceLastAccessedDetailsResponse {
            job_status: api::JobStatusType::Failed,
            error: Some(gone()),
            ..response
        });
    };
    let request = PageRequest { list: &[&job.id], marker: input.marker.as_deref(), max_items: input.max_items };
    let report = Report::new(cx, account, identity)?;
    let services = report.services();
    let page = page(
        cx,
        &request,
        |after| services.range::<str, _>((Bound::Excluded(after), Bound::Unbounded)),
        |namespace| namespace,
        |namespace| report.service(namespace, job.of_actions),
    )?;
    response.services_last_accessed = page.items;
    response.is_truncated = Some(page.is_truncated);
    response.marker = page.marker;
    Ok(response)
}

fn get_with_entities(
    cx: &Cx<'_>,
    account: &Account,
    input: api::GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<api::GetServiceLastAccessedDetailsWithEntitiesResponse, Error> {
    let job = report(cx, account, &input.job_id)?;
    let mut response = api::GetServiceLastAccessedDetailsWithEntitiesResponse {
        job_status: api::JobStatusType::Completed,
        job_creation_date: job.created,
        job_completion_date: job.created,
        is_truncated: Some(false),
        ..Default::default()
    };
    let Some(identity) = Identity::of_report(account, &job.about) else {
        return Ok(api::GetServiceLastAccessedDetailsWithEntitiesResponse {
            job_status: api::JobStatusType::Failed,
            error: Some(gone()),
            ..response
        });
    };
    let namespace = input.service_namespace.to_ascii_lowercase();
    let list = [job.id.as_str(), namespace.as_str()];
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: input.max_items };
    let entities = Report::new(cx, account, identity)?.entities(&namespace);
    let page = page(
        cx,
        &request,
        |after| entities.range::<str, _>((Bound::Excluded(after), Bound::Unbounded)),
        |(place, _)| place,
        |(_, entity)| (*entity).clone(),
    )?;
    response.entity_details_list = page.items;
    response.is_truncated = Some(page.is_truncated);
    response.marker = page.marker;
    Ok(response)
}
