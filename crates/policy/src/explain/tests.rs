use super::*;
use crate::context::Context;
use crate::document::PolicyType;
use crate::policy::Policy;
use crate::request::{Attached, PolicySet, Principal, Resource, Source, User};

const DEMO: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Read", "Effect": "Allow", "Action": ["s3:List*", "s3:Get*"], "Resource": "arn:aws:s3:::demo/*" },
    { "Sid": "NeverDelete", "Effect": "Deny",
      "Action": "s3:DeleteObject",
      "Resource": "arn:aws:s3:::demo/*" },
    { "Sid": "Office", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
      "Condition": { "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"] },
                     "StringEquals": { "aws:PrincipalTag/team": "${aws:ResourceTag/team}" } } },
    { "Sid": "Machines", "Effect": "Allow", "Action": "ec2:*", "Resource": "*" }
  ]
}"#;

struct Case {
    document: Document,
    context: Context<'static>,
}

fn demo() -> Case {
    let document = Document::parse(DEMO, PolicyType::Managed).unwrap();
    Case { document, context: Context::new().with("aws:SourceIp", "203.0.113.9") }
}

impl Case {
    fn explain(&self, action: &str, arn: &str) -> Explanation {
        self.explain_with(&[], action, arn)
    }

    /// With more identity-based policies.
    fn explain_with(&self, more: &[Attached], action: &str, arn: &str) -> Explanation {
        let arn_of_user = "arn:aws:iam::111111111111:user/alice";
        let principal = Principal::User(User { arn: arn_of_user.into(), unique_id: "AIDA".into() });
        let policy = "arn:aws:iam::111111111111:policy/Demo";
        let source = Source::Managed { arn: policy.into(), attached_to: arn_of_user.into() };
        let own = Attached::new(source, Policy::new(self.document.clone()));
        let identity = [own].into_iter().chain(more.iter().cloned()).collect();
        let layers = Layers { identity: &identity, ..Layers::default() };
        let resource = Resource { arn, account: None, requires_own_grant: false };
        explain(&Request { principal: &principal, action, resource, context: &self.context }, &layers)
    }

    fn source(&self, span: Span) -> &str {
        self.document.source(span)
    }
}

fn identity(explanation: &Explanation) -> &Rung {
    explanation.ladder.iter().find(|rung| rung.layer == Layer::Identity).unwrap()
}

fn sids(reports: &[StatementReport]) -> Vec<&str> {
    reports.iter().map(|report| report.sid.as_deref().unwrap()).collect()
}

#[test]
fn an_explicit_denial_shows_what_matched() {
    let case = demo();
    let explanation = case.explain("s3:DeleteObject", "arn:aws:s3:::demo/report.txt");
    assert_eq!(explanation.decision.denial(), Some(Denial::Explicit(Layer::Identity)));
    let rung = identity(&explanation);
    assert_eq!(rung.state, State::Denied);
    assert_eq!(sids(&rung.matched), ["NeverDelete"]);
    let report = &rung.matched[0];
    assert_eq!(report.policy.as_deref(), Some("arn:aws:iam::111111111111:policy/Demo"));
    assert_eq!(report.attached_to.as_deref(), Some("arn:aws:iam::111111111111:user/alice"));
    assert!(case.source(report.span).starts_with(r#"{ "Sid": "NeverDelete""#));
    let shown: Vec<_> = report
        .elements
        .iter()
        .map(|element| (element.name, element.satisfied, case.source(element.entries[0].span)))
        .collect();
    assert_eq!(shown, [("Action", true, r#""s3:DeleteObject""#), ("Resource", true, r#""arn:aws:s3:::demo/*""#)]);
    // It would be denied without that statement too.
    assert_eq!(rung.lacking.as_deref(), Some("no statement allows s3:DeleteObject"));
    assert_eq!(explanation.lacking, None);
}

#[test]
fn an_allowed_request_shows_the_entry_that_allows() {
    let case = demo();
    let explanation = case.explain("s3:GetObject", "arn:aws:s3:::demo/report.txt");
    assert!(explanation.decision.is_allowed());
    let rung = identity(&explanation);
    assert_eq!(rung.state, State::Allowed);
    assert_eq!(sids(&rung.matched), ["Read"]);
    let action = &rung.matched[0].elements[0];
    assert_eq!((action.entries.len(), action.entries[0].value.as_str()), (1, "s3:Get*"));
    assert_eq!((rung.lacking.as_deref(), explanation.lacking.as_deref()), (None, None));
}

#[test]
fn a_near_miss_by_condition_shows_operator_key_and_values() {
    let case = demo();
    let explanation = case.explain("s3:PutObject", "arn:aws:s3:::demo/report.txt");
    assert_eq!(explanation.decision.denial(), Some(Denial::Implicit(Layer::Identity)));
    let rung = identity(&explanation);
    // The others miss the action of the same service alone.
    assert_eq!(sids(&rung.nearly), ["Read", "NeverDelete", "Office"]);
    let [address, team] = &rung.nearly[2].conditions[..] else { panic!() };
    assert_eq!((address.operator.value.as_str(), address.key.value.as_str()), ("IpAddress", "aws:SourceIp"));
    assert_eq!((address.satisfied, address.request_values.as_slice()), (false, &["203.0.113.9".into()][..]));
    let values: Vec<_> = address.policy_values.iter().map(|value| case.source(value.span)).collect();
    assert_eq!(values, [r#""10.0.0.0/8""#, r#""192.0.2.0/24""#]);
    assert_eq!((team.satisfied, team.request_values.as_slice()), (false, &[][..]));
    assert_eq!(explanation.missing_keys, ["aws:PrincipalTag/team", "aws:ResourceTag/team"]);
    let text = "no statement allows s3:PutObject on arn:aws:s3:::demo/report.txt under the conditions of this request";
    assert_eq!(explanation.lacking.as_deref(), Some(text));
}

#[test]
fn a_policy_that_cannot_be_read_is_named() {
    let gone = "arn:aws:iam::aws:policy/Gone";
    let source = Source::Managed { arn: gone.into(), attached_to: "arn:aws:iam::111111111111:user/alice".into() };
    let more = [Attached { source, policy: None }];
    let case = demo();
    // The other policy would allow this one, and nothing would allow that one.
    for action in ["s3:GetObject", "iam:GetUser"] {
        let explanation = case.explain_with(&more, action, "arn:aws:s3:::demo/report.txt");
        let confusion = Confusion::Policy { layer: Layer::Identity, level: 0, policy: 1 };
        assert_eq!(explanation.decision.denial(), Some(Denial::NotUnderstood(confusion)), "{action}");
        let (rung, text) = (identity(&explanation), format!("{gone} cannot be found or read, which denies"));
        assert_eq!(rung.state, State::Unreadable, "{action}");
        assert_eq!((rung.lacking.as_ref(), explanation.lacking.as_ref()), (Some(&text), Some(&text)), "{action}");
    }
    // What a statement denies, it denies.
    let denied = case.explain_with(&more, "s3:DeleteObject", "arn:aws:s3:::demo/report.txt");
    assert_eq!(denied.decision.denial(), Some(Denial::Explicit(Layer::Identity)));
}

#[test]
fn what_is_lacking_is_said_as_far_as_it_is_known() {
    let case = demo();
    let lacking = |action: &str, arn: &str| case.explain(action, arn).lacking.unwrap();
    assert_eq!(lacking("iam:GetUser", "arn:aws:iam::111111111111:user/x"), "no statement allows iam:GetUser");
    assert_eq!(
        lacking("s3:GetObject", "arn:aws:s3:::other/o"),
        "no statement allows s3:GetObject on arn:aws:s3:::other/o"
    );
}

#[test]
fn a_kind_of_policy_may_be_lacking_altogether() {
    let case = demo();
    let explanation = case.explain("s3:GetObject", "arn:aws-cn:s3:::demo/o");
    assert_eq!(explanation.decision.denial(), Some(Denial::Implicit(Layer::Identity)));
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let case = Case { document: Document::parse(all, PolicyType::Managed).unwrap(), ..case };
    let explanation = case.explain("sqs:SendMessage", "arn:aws:sqs:us-east-1:222222222222:q");
    assert_eq!(explanation.lacking.as_deref(), Some("no resource-based policy allows sqs:SendMessage"));
}

#[test]
fn the_ladder_has_every_layer() {
    let case = demo();
    let explanation = case.explain("s3:GetObject", "arn:aws:s3:::demo/report.txt");
    let states: Vec<_> = explanation.ladder.iter().map(|rung| (rung.layer, rung.state)).collect();
    assert_eq!(
        states,
        [
            (Layer::ResourceControl, State::NotApplicable),
            (Layer::ServiceControl, State::NotApplicable),
            (Layer::Endpoint, State::NotApplicable),
            (Layer::Resource, State::NotApplicable),
            (Layer::Identity, State::Allowed),
            (Layer::Boundary, State::NotApplicable),
            (Layer::Session, State::NotApplicable),
        ]
    );
}

#[test]
fn near_misses_are_limited() {
    let statement =
        |n: usize| format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{n}/*"}}"#);
    let statements: Vec<_> = (0..50).map(statement).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let document = Document::parse(&text, PolicyType::Managed).unwrap();
    let explanation = Case { document, ..demo() }.explain("s3:GetObject", "arn:aws:s3:::x/o");
    let rung = identity(&explanation);
    assert_eq!((rung.nearly.len(), rung.omitted), (NEAR_MISSES, 50 - NEAR_MISSES));
}

#[test]
fn principals_are_shown_as_they_are_written() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",
        "Principal":{"AWS":["arn:aws:iam::111111111111:user/bob","222222222222"]}}}"#;
    let policy = Policy::parse(text, PolicyType::Resource).unwrap();
    let context = Context::new();
    let principal = Principal::Anonymous;
    let resource = Resource { arn: "arn:aws:s3:::b/o", account: None, requires_own_grant: false };
    let own = PolicySet::one(Source::Resource { arn: "arn:aws:s3:::b".into() }, Some(policy.into()));
    let layers = Layers { resource: Some(&own), ..Layers::default() };
    let request = Request { principal: &principal, action: "s3:GetObject", resource, context: &context };
    let explanation = explain(&request, &layers);
    let rung = explanation.ladder.iter().find(|rung| rung.layer == Layer::Resource).unwrap();
    let element = &rung.nearly[0].elements[1];
    let texts: Vec<_> = element.entries.iter().map(|entry| entry.value.as_str()).collect();
    assert_eq!((element.name, element.satisfied), ("Principal", false));
    assert_eq!(texts, [r#""arn:aws:iam::111111111111:user/bob""#, r#""222222222222""#]);
    let lacking = "no statement allows s3:GetObject on arn:aws:s3:::b/o to this principal";
    assert_eq!(explanation.lacking.as_deref(), Some(lacking));
}

#[test]
fn keys_of_a_document() {
    let document = Document::parse(DEMO, PolicyType::Managed).unwrap();
    assert_eq!(context_keys(&document), ["aws:PrincipalTag/team", "aws:ResourceTag/team", "aws:SourceIp"]);
    let old = DEMO.replace("2012-10-17", "2008-10-17");
    let document = Document::parse(&old, PolicyType::Inline).unwrap();
    assert_eq!(context_keys(&document), ["aws:PrincipalTag/team", "aws:SourceIp"]);
}

#[test]
fn what_would_flip_a_decision_with_a_policy_that_cannot_be_read() {
    let source = Source::Managed { arn: "arn:aws:iam::aws:policy/Gone".into(), attached_to: "it".into() };
    let more = [Attached { source, policy: None }];
    let mend = Change::Mend { layer: Layer::Identity, level: 0, policy: 1 };
    let explanation = demo().explain_with(&more, "s3:GetObject", "arn:aws:s3:::demo/report.txt");
    assert_eq!(explanation.smallest_change, [mend]);
    assert!(explanation.deciding.is_empty());
    let explanation = demo().explain_with(&more, "iam:GetUser", "*");
    assert_eq!(explanation.smallest_change, [mend, Change::Allow { layer: Layer::Identity, level: 0 }]);
}

#[test]
fn a_layer_without_levels_can_only_be_opened() {
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let source = || Source::Managed { arn: "arn:p".into(), attached_to: "it".into() };
    let set = |text| PolicySet::one(source(), Some(Policy::parse(text, PolicyType::Managed).unwrap().into()));
    let (denying, context) = (set(deny), Context::new());
    let principal = Principal::Root { arn: "arn:aws:iam::111111111111:root".into() };
    let resource = Resource { arn: "arn:aws:s3:::b/o", account: None, requires_own_grant: false };
    let request = Request { principal: &principal, action: "s3:GetObject", resource, context: &context };
    let open = Change::Allow { layer: Layer::ServiceControl, level: 0 };
    let base = Layers { service_control: Some(&[]), ..Layers::default() };
    assert_eq!(explain(&request, &base).smallest_change, [open]);
    // Without the Deny it would still be denied: it does not decide alone.
    let explanation = explain(&request, &Layers { session: Some(&denying), ..base });
    assert_eq!((explanation.deciding.len(), explanation.smallest_change.len()), (0, 2));
    let explanation = explain(&request, &Layers { session: Some(&denying), ..Layers::default() });
    assert_eq!((explanation.deciding.len(), explanation.smallest_change.len()), (1, 1));
}

#[test]
fn what_takes_too_long_is_not_said_to_flip() {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::*{}b*"}}}}"#,
        "?".repeat(1000)
    );
    let source = Source::Managed { arn: "arn:p".into(), attached_to: "it".into() };
    let costly = Attached::new(source, Policy::parse(&text, PolicyType::Managed).unwrap());
    let arn = format!("arn:aws:s3:::{}", "a".repeat(2000));
    let explanation = demo().explain_with(&vec![costly; 200], "s3:DeleteObject", &arn);
    assert_eq!(explanation.decision.denial(), Some(Denial::OverBudget));
    assert!(explanation.deciding.is_empty() && explanation.smallest_change.is_empty());
}
