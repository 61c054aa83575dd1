//! One change to a valid request, and it is refused: whatever the request, whatever the change.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Owned, Signer};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A change that no two spellings of the same request differ by.
#[derive(Clone, Debug)]
enum Mutation {
    Method(&'static str),
    /// Changes a letter or digit of the path.
    Path(Index, char),
    /// Adds a segment to the path.
    Segment(String),
    /// Changes a letter or digit of the query.
    Query(Index, char),
    /// Adds a parameter to the query.
    Parameter(String),
    /// Drops a parameter of the query.
    DropParameter(Index),
    /// Changes a letter or digit of a header's value.
    Value(Index, Index, char),
    /// Changes a letter of a header's name.
    Name(Index, Index, char),
    /// Adds another header of the same name.
    Repeat(Index),
    DropHeader(Index),
    /// Flips a bit of the body.
    Body(Index, u8),
    Append(u8),
    Truncate(Index),
    /// Another scope or secret of the verifier, as if the request had been sent to it.
    Service(String),
    Secret(Index, char),
    /// Another time of verification, further away than the request is valid.
    Seconds(i64),
}

const OTHERS: [char; 6] = ['a', 'Q', 'z', '0', '5', '9'];

fn mutations() -> impl Strategy<Value = Mutation> {
    let other = || select(OTHERS.to_vec());
    prop_oneof![
        select(vec!["GET", "PUT", "post", "HEAD", "DELETE"]).prop_map(Mutation::Method),
        (any::<Index>(), other()).prop_map(|(at, to)| Mutation::Path(at, to)),
        "[a-z%+ ]{1,5}".prop_map(Mutation::Segment),
        (any::<Index>(), other()).prop_map(|(at, to)| Mutation::Query(at, to)),
        "[a-zA-Z]{1,5}(=[a-z+]{0,5})?".prop_map(Mutation::Parameter),
        any::<Index>().prop_map(Mutation::DropParameter),
        (any::<Index>(), any::<Index>(), other()).prop_map(|(header, at, to)| Mutation::Value(header, at, to)),
        (any::<Index>(), any::<Index>(), select(vec!['a', 'q', 'z', '0']))
            .prop_map(|(h, at, to)| Mutation::Name(h, at, to)),
        any::<Index>().prop_map(Mutation::Repeat),
        any::<Index>().prop_map(Mutation::DropHeader),
        (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Mutation::Body(at, bit)),
        any::<u8>().prop_map(Mutation::Append),
        any::<Index>().prop_map(Mutation::Truncate),
        "[a-z]{1,8}".prop_map(Mutation::Service),
        (any::<Index>(), other()).prop_map(|(at, to)| Mutation::Secret(at, to)),
        prop_oneof![-100_000_i64..-900, 901_i64..100_000].prop_map(Mutation::Seconds),
    ]
}

/// Replaces one letter or digit of a text, or adds one where there is none. What is within an escape stays: its digits may be written in
/// either case, and an escape that becomes another is a change of the query's form instead of its content.
fn replace(text: &str, at: Index, to: char) -> String {
    let bytes = text.as_bytes();
    let escaped = |index: usize| (1..=2).any(|back| index >= back && bytes[index - back] == b'%');
    let letters: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_alphanumeric() && !escaped(*i)).collect();
    if letters.is_empty() {
        return format!("{text}x");
    }
    let index = *at.get(&letters);
    let old = char::from(bytes[index]);
    let to = if to == old { if old == 'x' { 'y' } else { 'x' } } else { to };
    format!("{}{to}{}", &text[..index], &text[index + 1..])
}

fn mutate(request: &Owned, signer: &Signer, mutation: &Mutation) -> (Owned, Signer) {
    let (mut request, mut signer) = (request.clone(), signer.clone());
    match mutation {
        Mutation::Method(method) if request.method == *method => request.method = "PATCH".to_owned(),
        Mutation::Method(method) => request.method = (*method).to_owned(),
        Mutation::Path(at, to) => request.path = replace(&request.path, *at, *to),
        Mutation::Segment(segment) => request.path = format!("{}/{segment}", request.path),
        Mutation::Query(at, to) => request.query = replace(&request.query, *at, *to),
        Mutation::Parameter(parameter) if request.query.is_empty() => request.query = parameter.clone(),
        Mutation::Parameter(parameter) => request.query = format!("{parameter}&{}", request.query),
        Mutation::DropParameter(_) if request.query.is_empty() => request.query = "x".to_owned(),
        Mutation::DropParameter(at) => {
            let mut pairs: Vec<_> = request.query.split('&').collect();
            pairs.remove(at.index(pairs.len()));
            request.query = pairs.join("&");
        }
        Mutation::Value(header, at, to) => {
            let index = header.index(request.headers.len());
            let value = String::from_utf8(request.headers[index].1.clone()).unwrap();
            request.headers[index].1 = replace(&value, *at, *to).into_bytes();
        }
        Mutation::Name(header, at, to) => {
            let index = header.index(request.headers.len());
            request.headers[index].0 = replace(&request.headers[index].0, *at, *to);
        }
        Mutation::Repeat(header) => request.headers.push(header.get(&request.headers.clone()).clone()),
        Mutation::DropHeader(header) => drop(request.headers.remove(header.index(request.headers.len()))),
        Mutation::Body(at, bit) if !request.body.is_empty() => {
            let index = at.index(request.body.len());
            request.body[index] ^= 1 << bit;
        }
        Mutation::Body(_, bit) => request.body.push(*bit),
        Mutation::Append(byte) => request.body.push(*byte),
        Mutation::Truncate(at) if !request.body.is_empty() => request.body.truncate(at.index(request.body.len())),
        Mutation::Truncate(_) => request.body.push(0),
        Mutation::Service(service) => signer.service.push_str(service),
        Mutation::Secret(at, to) => signer.secret = replace(&signer.secret, *at, *to),
        Mutation::Seconds(seconds) => signer.time += jiff::SignedDuration::from_secs(*seconds),
    }
    (request, signer)
}

prop_compose! {
    fn requests()(
        method in select(vec!["GET", "POST", "PUT", "DELETE"]),
        path in "(/[a-zA-Z0-9._~-]{0,3}[a-z0-9][a-zA-Z0-9._~%+ -]{0,5}){0,4}/?",
        query in prop::collection::vec("[a-zA-Z0-9]{1,6}(=([a-zA-Z0-9._~+/:-]|%20|%2B|%C3%A9){0,8})?", 0..4),
        headers in prop::collection::btree_map("x-(amz-)?m[a-z0-9]{1,8}", "[!-~]{1,8}( {1,3}[!-~]{1,8}){0,2}", 0..5),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) -> Owned {
        let path = if path.is_empty() { "/".to_owned() } else { path };
        let mut request = Owned::new(method, "/", &[("host", "iam.example.com"), ("content-type", "text/plain")], "");
        for (name, value) in headers { request = request.push(&name, &value) }
        Owned { path, query: query.join("&"), body, ..request }
    }
}

fn check(request: Owned, signer: &Signer, presigned: bool, mutation: &Mutation) -> Result<(), TestCaseError> {
    let valid = if presigned { request.presigned(signer, 900) } else { request.signed(signer) };
    if let Err(error) = signer.verify(&valid) {
        return Err(TestCaseError::fail(format!("refused as it is: {error} {valid:?}")));
    }
    let (changed, verifier) = mutate(&valid, signer, mutation);
    // The signature does not cover the access key id: that its secret verifies is what binds it.
    if let Ok(facts) = verifier.verify(&changed) {
        prop_assert_ne!(facts.access_key_id, signer.access_key_id.clone(), "accepted: {:?}", changed);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_request_is_refused(request in requests(), mutation in mutations(), presigned: bool, token: bool) {
        let token = token.then(|| common::TOKEN.to_owned());
        check(request, &Signer { token, ..Signer::default() }, presigned, &mutation)?;
    }
}
