//! AWS's Regions.

#[rustfmt::skip]
const REGIONS: &[&str] = &[
    "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
    "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
    "ap-southeast-6", "ap-southeast-7", "aws-cn-global", "aws-global", "aws-iso-b-global", "aws-iso-e-global",
    "aws-iso-f-global", "aws-iso-global", "aws-us-gov-global", "ca-central-1", "ca-west-1", "cn-north-1",
    "cn-northwest-1", "eu-central-1", "eu-central-2", "eu-isoe-west-1", "eu-north-1", "eu-south-1", "eu-south-2",
    "eu-west-1", "eu-west-2", "eu-west-3", "eusc-de-east-1", "il-central-1", "me-central-1", "me-south-1", "me-west-1",
    "mx-central-1", "sa-east-1", "sa-west-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1",
    "us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1",
    "us-west-1", "us-west-2",
];

/// Whether there is such a Region; patterns and policy variables pass.
pub(super) fn is_region(text: &str) -> bool {
    text.contains(['*', '?', '$']) || REGIONS.contains(&text)
}

/// The Region that was probably meant, as the end of a sentence.
pub(super) fn did_you_mean(text: &str) -> String {
    super::wildcards::nearest(text, REGIONS.iter().copied())
        .map(|name| format!(" Did you mean {name}?"))
        .unwrap_or_default()
}
