//! The values of conditions: whether they are of the form that operator and key ask for.

use super::issue::*;
use super::read::{Condition, Text};
use super::{Cx, regions};
use crate::arn::split_pattern;
use crate::operator::Base;

mod address;

pub(super) fn check(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    if !condition.uniform {
        let details = "The values are of several JSON types: write all of them as strings.";
        cx.add(INVALID_CONDITION_DATA_TYPE, details, [condition.span]);
    }
    for value in &condition.values {
        // Whoever uses a variable where there can be none is told so.
        if !value.value.contains("${") {
            of_operator(condition, *value, cx);
            of_key(condition, *value, cx);
        }
    }
    single_boolean(condition, cx);
    numbers(condition, cx);
    address::check(condition, cx);
}

fn of_operator(condition: &Condition<'_>, value: Text<'_>, cx: &mut Cx<'_>) {
    let text = value.value;
    let operator = condition.name.value;
    match condition.base() {
        "Bool" | "Null" if !text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false") => {
            cx.add(
                TYPE_MISMATCH_BOOLEAN,
                format!("{operator} compares with true or false, not `{text}`."),
                [value.span],
            );
        }
        base if base.starts_with("Numeric") && text.parse::<f64>().is_err() => {
            cx.add(
                TYPE_MISMATCH_NUMBER,
                format!("{operator} compares with numbers, and `{text}` is none."),
                [value.span],
            );
        }
        base if base.starts_with("Date") => date(value, cx),
        "BinaryEquals" if !is_base64(text) => {
            cx.add(
                TYPE_MISMATCH_STRING,
                format!("{operator} compares with base64, and `{text}` is none."),
                [value.span],
            );
        }
        base if base.starts_with("String") && !base.ends_with("Like") && text.contains(['*', '?']) => {
            let details = format!("{operator} takes * and ? for themselves: write StringLike if they are wildcards.");
            cx.add(WILDCARD_WITHOUT_LIKE_OPERATOR, details, [value.span]);
        }
        _ => {}
    }
}

fn date(value: Text<'_>, cx: &mut Cx<'_>) {
    if value.value.parse::<i64>().is_ok() && value.value.len() != 4 {
        let details = format!("{} counts seconds since 1970: write the date as YYYY-MM-DD.", value.value);
        cx.add(INVALID_DATE_VALUE, details, [value.span]);
    } else if !crate::validate::dates::is_date(value.value) {
        let details = format!("`{}` is no date: write YYYY-MM-DD or another form of ISO 8601.", value.value);
        cx.add(TYPE_MISMATCH_DATE, details, [value.span]);
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    text.len().is_multiple_of(4)
        && padding <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// A Boolean of a request is one or the other, so both together test nothing.
fn single_boolean(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let is_boolean =
        condition.operator.is_some_and(|one| matches!(one.base, Base::Bool | Base::Null) && one.set.is_none());
    if is_boolean && condition.values.len() > 1 {
        let details = "Several Booleans test nothing: write one.";
        cx.add(INVALID_CONDITION_MULTIPLE_BOOLEAN, details, [condition.span]);
    }
}

/// Of several bounds one decides.
fn numbers(condition: &Condition<'_>, cx: &mut Cx<'_>) {
    let which = match condition.base() {
        base if base.starts_with("NumericLess") => "greatest",
        base if base.starts_with("NumericGreater") => "least",
        _ => return,
    };
    if condition.values.len() > 1 {
        let details = format!("Only the {which} of these values matters: remove the others.");
        cx.add(REDUNDANT_CONDITION_VALUE_NUM, details, [condition.span]);
    }
}

/// Keys whose values are Regions.
const REGION_KEYS: &[&str] = &["aws:RequestedRegion", "ec2:Region"];
/// Keys whose values are KMS keys' ARNs.
const KMS_KEYS: &[&str] =
    &["s3:x-amz-server-side-encryption-aws-kms-key-id", "bedrock-agentcore:KmsKeyArn", "elasticache:KmsKeyId"];
/// Keys whose values are service principals.
const SERVICE_KEYS: &[&str] = &[
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "iam:PassedToService",
    "iam:AWSServiceName",
];

fn of_key(condition: &Condition<'_>, value: Text<'_>, cx: &mut Cx<'_>) {
    if condition.operator.is_none_or(|operator| operator.base == Base::Null) {
        return;
    }
    let text = value.value;
    let is_on = |keys: &[&str]| keys.iter().any(|key| condition.is_on(key));
    if is_on(REGION_KEYS) && !regions::is_region(text) {
        let details = format!("There is no Region `{text}`.{}", regions::did_you_mean(text));
        cx.add(INVALID_REGION, details, [value.span]);
    }
    if is_on(KMS_KEYS) && !is_kms_key(text) {
        let details = format!("{} holds the ARN of a KMS key: arn:aws:kms:region:account:key/id.", condition.key.value);
        cx.add(INVALID_KMS_KEY_VALUE, details, [value.span]);
    }
    let is_open = text.contains(['*', '?']);
    let is_service =
        if condition.is_on("kms:ViaService") { is_regional_service(text) } else { is_service_principal(text) };
    if (is_on(SERVICE_KEYS) || condition.is_on("kms:ViaService")) && !is_open && !is_service {
        let form = if condition.is_on("kms:ViaService") { "service-name.region" } else { "service-name" };
        let details = format!(
            "{} holds service principals of the form {form}.amazonaws.com, in lower case.",
            condition.key.value
        );
        cx.add(INVALID_SERVICE_PRINCIPAL_FORMAT, details, [value.span]);
    }
    for (key, prefix, issue) in
        [("aws:SourceVpc", "vpc-", INVALID_VPC_FORMAT), ("aws:SourceVpce", "vpce-", INVALID_VPCE_FORMAT)]
    {
        if condition.is_on(key) && !is_open && !has_form(text, prefix) {
            let details = format!("`{text}` is no such id: it is {prefix} and 8 or 17 letters and digits.");
            cx.add(issue, details, [value.span]);
        }
    }
}

fn has_form(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    matches!(rest.len(), 8 | 17) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_kms_key(text: &str) -> bool {
    match split_pattern(text).as_slice() {
        ["arn", _, "kms", _, _, resource] => resource.starts_with("key/") || resource.starts_with('*'),
        _ => text == "*",
    }
}

/// `service-name.amazonaws.com`, in lower case; in other partitions with another end.
pub(super) fn is_service_principal(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com");
    let name = name.or_else(|| text.strip_suffix(".amazonaws.eu"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.is_some_and(|name| name.split('.').all(is_label))
}

fn is_regional_service(text: &str) -> bool {
    is_service_principal(text)
        && text.split('.').nth(1).is_some_and(|region| region != "amazonaws" && regions::is_region(region))
}
