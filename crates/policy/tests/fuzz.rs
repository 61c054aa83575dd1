//! Fuzz targets, on stable Rust: `cargo test` runs the committed corpus and then mutates at random;
//! `cargo bolero test fuzz::documents` (with `cargo-bolero`) runs the same targets for as long as one likes.
//!
//! Inputs that once failed go into `__fuzz__/<target>/corpus`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "all of this is test code, which may panic"
)]

use bolero::check;
use doorward_policy::context::{Context, Values};
use doorward_policy::document::{Document, PolicyType};
use doorward_policy::evaluate::{Denial, decide};
use doorward_policy::explain::explain;
use doorward_policy::policy::Policy;
use doorward_policy::request::{Layers, PolicySet, Principal, Request, Resource, RoleSession, Source, User};

const TYPES: [PolicyType; 8] = [
    PolicyType::Managed,
    PolicyType::Inline,
    PolicyType::Session,
    PolicyType::Trust,
    PolicyType::Resource,
    PolicyType::ServiceControl,
    PolicyType::ResourceControl,
    PolicyType::VpcEndpoint,
];

/// Documents of the corpus, changed in a few places: what random bytes never reach.
#[test]
fn changed_documents() {
    let corpus = corpus();
    check!().with_type::<(u8, Vec<(u16, Change)>)>().for_each(|(which, changes)| {
        let mut text = corpus[usize::from(*which) % corpus.len()].clone();
        for (place, change) in changes.iter().take(4) {
            let place = usize::from(*place) % (text.len() + 1);
            let end = |length: &u8| (place + usize::from(*length)).min(text.len());
            match change {
                Change::Put(byte) => text.insert(place, *byte),
                Change::Cut(length) => drop(text.drain(place..end(length))),
                Change::Repeat(length) => {
                    let part = text[place..end(length)].to_vec();
                    text.splice(place..place, part).for_each(drop);
                }
                Change::Token(token) => {
                    let token = TOKENS[usize::from(*token) % TOKENS.len()];
                    text.splice(place..place, token.bytes()).for_each(drop);
                }
            }
        }
        let text = String::from_utf8_lossy(&text);
        for kind in TYPES {
            if let Ok(document) = Document::parse(&text, kind) {
                spans_lie_within(&document, &text);
                let resource = Resource { arn: "arn:aws:s3:::b/o", account: None, requires_own_grant: false };
                let context = context("aws:username=alice;aws:TagKeys=a,b");
                let [principal, ..] = &principals();
                ask(&Request { principal, action: "s3:GetObject", resource, context: &context }, &document, kind);
            }
        }
    });
}

#[derive(Debug, bolero::TypeGenerator)]
enum Change {
    Put(u8),
    Cut(u8),
    Repeat(u8),
    Token(u8),
}

const TOKENS: [&str; 12] =
    ["\"*\"", "*", "?", "${aws:username}", "${", "Not", "[", "]", "{", "}", "\"ForAllValues:", "\\u0000"];

fn corpus() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/__fuzz__/documents/corpus");
    let files = std::fs::read_dir(folder).expect("the corpus is part of the source");
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Whatever the text, parsing ends with a document whose spans lie within it, or with an error that has a message.
#[test]
fn documents() {
    check!().for_each(|input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        for kind in TYPES {
            match Document::parse(&text, kind) {
                Ok(document) => spans_lie_within(&document, &text),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    });
}

fn spans_lie_within(document: &Document, text: &str) {
    assert_eq!(&*document.text, text);
    for statement in &document.statements {
        let whole = statement.span.slice(text);
        assert!(whole.starts_with('{') && whole.ends_with('}'), "{whole}");
        let entries = statement.action.entries.iter().chain(statement.resource.iter().flat_map(|it| &it.entries));
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        for span in entries.chain(values).map(|entry| entry.span) {
            assert!(span.start < span.end && !span.slice(text).is_empty());
            assert!(statement.span.start < span.start && span.end < statement.span.end);
        }
    }
}

/// Whatever is asked, deciding ends, agrees with the explanation, and is the same when done again.
///
/// The input is text: the action, the resource, the context as `key=value;key=value,value`, and then the document.
#[test]
fn decisions() {
    check!().for_each(|input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let mut parts = text.splitn(4, '\n');
        let mut part = || parts.next().unwrap_or_default();
        let (action, resource, context) = (part(), part(), context(part()));
        let document = part();
        for kind in TYPES {
            if let Ok(document) = Document::parse(document, kind) {
                principals().iter().for_each(|principal| {
                    let resource = Resource { arn: resource, account: None, requires_own_grant: false };
                    ask(&Request { principal, action, resource, context: &context }, &document, kind);
                });
            }
        }
    });
}

fn ask(request: &Request<'_>, document: &Document, kind: PolicyType) {
    let one = PolicySet::one(Source::Session, Some(Policy::new(document.clone()).into()));
    let levels = [one.clone()];
    let layers = match kind {
        PolicyType::Managed | PolicyType::Inline => Layers { identity: &one, ..Layers::default() },
        PolicyType::Session => Layers { identity: &one, session: Some(&one), ..Layers::default() },
        PolicyType::Trust | PolicyType::Resource => Layers { resource: Some(&one), ..Layers::default() },
        PolicyType::ServiceControl => Layers { service_control: Some(&levels), ..Layers::default() },
        PolicyType::ResourceControl => Layers { resource_control: Some(&levels), ..Layers::default() },
        PolicyType::VpcEndpoint => Layers { endpoint: Some(&one), ..Layers::default() },
    };
    let decision = decide(request, &layers);
    assert_eq!(decision, decide(request, &layers));
    assert_eq!(decision, explain(request, &layers).decision);
    if let Some(Denial::Explicit(_)) = decision.denial() {
        let at = decision.statements.iter().next().expect("an explicit denial names its statement");
        assert!(layers.find(at).is_some());
    }
}

fn context(text: &str) -> Context<'static> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| match value.contains(',') {
            true => (key.to_owned(), Values::Many(value.split(',').map(str::to_owned).collect())),
            false => (key.to_owned(), value.to_owned().into()),
        })
        .collect()
}

fn principals() -> [Principal; 4] {
    let account = "arn:aws:iam::111111111111";
    [
        Principal::User(User { arn: format!("{account}:user/alice").into(), unique_id: "AIDAALICE".to_owned() }),
        Principal::RoleSession(RoleSession {
            arn: "arn:aws:sts::111111111111:assumed-role/R/s1".into(),
            role_arn: format!("{account}:role/R"),
            role_unique_id: "AROAROLE".to_owned(),
            service_linked: false,
        }),
        Principal::Root { arn: format!("{account}:root").into() },
        Principal::Anonymous,
    ]
}
