//! Many decisions: policies compiled once and shared by the sets of many principals, keys named once, nothing allocated for a
//! decision.

use std::sync::Arc;

use doorward_policy::context::{Context, Key};
use doorward_policy::document::PolicyType;
use doorward_policy::evaluate::decide;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Attached, Layers, PolicySet, Principal, Request, Resource, Source, User};

const USER_NAME: Key<'static> = Key::of("aws:username");

fn main() -> Result<(), String> {
    let shared: Vec<Arc<Policy>> = (0..20)
        .map(|number| {
            let text = format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:Get*",
                    "Resource": "arn:aws:s3:::tenant-{number}/${{aws:username}}/*"}}}}"#
            );
            Policy::parse(&text, PolicyType::Managed).map(Arc::new).map_err(|refused| refused.message)
        })
        .collect::<Result<_, _>>()?;
    let users: Vec<(Principal, PolicySet)> = (0..1000)
        .map(|number| {
            let arn = format!("arn:aws:iam::111122223333:user/user{number}");
            let attach = |(index, policy): (usize, &Arc<Policy>)| {
                let policy_arn = format!("arn:aws:iam::111122223333:policy/tenant-{index}");
                let source = Source::Managed { arn: policy_arn.into(), attached_to: arn.as_str().into() };
                Attached::new(source, Arc::clone(policy))
            };
            let set = shared.iter().enumerate().map(attach).collect();
            (Principal::User(User { arn: arn.as_str().into(), unique_id: format!("AIDA{number}") }), set)
        })
        .collect();

    let mut allowed = 0;
    for (number, (principal, identity)) in users.iter().enumerate() {
        let (name, key) = (format!("user{number}"), format!("arn:aws:s3:::tenant-7/user{}/key", number % 500));
        let mut context = Context::with_capacity(1);
        context.insert(USER_NAME, name.as_str());
        let resource = Resource { arn: &key, account: Some("111122223333"), requires_own_grant: false };
        let request = Request { principal, action: "s3:GetObject", resource, context: &context };
        allowed += usize::from(decide(&request, &Layers { identity, ..Layers::default() }).is_allowed());
    }
    println!("{allowed} of {} requests are allowed", users.len());
    Ok(())
}
