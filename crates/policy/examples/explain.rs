//! An explanation: the statements that matched or nearly did, where they stand in the text, and what would flip the decision.

use doorward_policy::context::Context;
use doorward_policy::display::{Position, position};
use doorward_policy::document::PolicyType;
use doorward_policy::explain::explain;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Layers, PolicySet, Principal, Request, Resource, Source, User};

const TEXT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" },
    { "Sid": "Sealed", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::vault/*",
      "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "false" } } }
  ]
}"#;

fn main() -> Result<(), String> {
    let policy = Policy::parse(TEXT, PolicyType::Inline).map_err(|refused| refused.message)?;
    let arn = "arn:aws:iam::111122223333:user/alice";
    let source = Source::Inline { name: "vault".into(), owner: arn.into() };
    let identity = PolicySet::one(source, Some(policy.into()));
    let layers = Layers { identity: &identity, ..Layers::default() };
    let principal = Principal::User(User { arn: arn.into(), unique_id: "AIDAEXAMPLE".to_owned() });
    let context = Context::new().with("aws:MultiFactorAuthPresent", "false");
    let resource = Resource { arn: "arn:aws:s3:::vault/key.pem", account: None, requires_own_grant: false };
    let request = Request { principal: &principal, action: "s3:GetObject", resource, context: &context };

    let explanation = explain(&request, &layers);
    println!("{:?}", explanation.decision.outcome);
    for report in explanation.ladder.iter().flat_map(|rung| &rung.matched) {
        let start = usize::try_from(report.span.start).map_err(|error| error.to_string())?;
        let Position { line, column } = position(layers.text(report.at), start);
        let sid = report.sid.as_deref().unwrap_or("without Sid");
        println!("line {line}, column {column}: {:?} by {sid}", report.effect);
    }
    for change in &explanation.smallest_change {
        println!("it would be the other way round after {change:?}");
    }
    Ok(())
}
