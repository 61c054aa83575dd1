//! One decision: may this user read this object?

use doorward_policy::context::Context;
use doorward_policy::document::PolicyType;
use doorward_policy::evaluate::decide;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Layers, PolicySet, Principal, Request, Resource, Source, User};

fn main() -> Result<(), String> {
    let text = r#"{
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::home/${aws:username}/*"
      }
    }"#;
    // A document that AWS would not save is refused with AWS's words and the place in the text.
    let policy = Policy::parse(text, PolicyType::Inline).map_err(|refused| refused.message)?;
    let arn = "arn:aws:iam::111122223333:user/alice";
    let source = Source::Inline { name: "home".into(), owner: arn.into() };
    let identity = PolicySet::one(source, Some(policy.into()));

    let principal = Principal::User(User { arn: arn.into(), unique_id: "AIDAEXAMPLE".to_owned() });
    let context = Context::new().with("aws:username", "alice");
    for object in ["alice/notes.txt", "bob/notes.txt"] {
        let arn = format!("arn:aws:s3:::home/{object}");
        let resource = Resource { arn: &arn, account: Some("111122223333"), requires_own_grant: false };
        let request = Request { principal: &principal, action: "s3:GetObject", resource, context: &context };
        let decision = decide(&request, &Layers { identity: &identity, ..Layers::default() });
        println!("{arn}: {:?}", decision.outcome);
    }
    Ok(())
}
