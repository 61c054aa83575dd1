//! Laws that hold whatever the policies say. The cases are small and drawn from few words, so that much of them matches.
//! Every decision is also compared with its explanation, by [`Scene::decide`].

use doorward_policy::evaluate::{Decision, Outcome};
use doorward_policy::request::Principal;
use proptest::prelude::*;
use proptest::sample::select;

use crate::scene::*;

/// The parts of a case, still as parts.
#[derive(Clone, Debug)]
struct World {
    principal: Principal,
    identity: Vec<Vec<Part>>,
    boundary: Option<Vec<Part>>,
    session: Option<Vec<Vec<Part>>>,
    resource: Option<Vec<Part>>,
    own_grant: bool,
    foreign: bool,
    service_control: Option<Vec<Vec<Part>>>,
    resource_control: Option<Part>,
    endpoint: Option<Vec<Part>>,
    tag: Option<&'static str>,
    keys: Option<Vec<&'static str>>,
    resource_arn: &'static str,
}

impl World {
    fn decide(&self) -> Decision {
        let mut scene = scene().called_by(self.principal.clone());
        for policy in &self.identity {
            scene = scene.id(policy);
        }
        if let Some(parts) = &self.boundary {
            scene = scene.boundary(parts);
        }
        for parts in self.session.iter().flatten() {
            scene = scene.session(parts);
        }
        if let Some(parts) = &self.resource {
            scene = if self.own_grant { scene.key_policy(parts) } else { scene.resource_policy(parts) };
        }
        for level in self.service_control.iter().flatten() {
            scene = scene.scp(level);
        }
        if let Some(part) = &self.resource_control {
            scene = scene.rcp(part.clone());
        }
        if let Some(parts) = &self.endpoint {
            scene = scene.endpoint(parts);
        }
        if self.foreign {
            scene = scene.owner(B);
        }
        if let Some(tag) = self.tag {
            scene = scene.key("aws:PrincipalTag/team", tag);
        }
        if let Some(keys) = &self.keys {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            scene = scene.key("aws:TagKeys", keys);
        }
        scene.decide("s3:GetObject", self.resource_arn)
    }

    fn is_allowed(&self) -> bool {
        self.decide().is_allowed()
    }

    fn outcome(&self) -> Outcome {
        self.decide().outcome
    }
}

const CONDITIONS: &[&str] = &[
    "",
    "",
    r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#,
    r#""StringNotEquals":{"aws:PrincipalTag/team":["red","blue"]}"#,
    r#""StringLikeIfExists":{"aws:PrincipalTag/team":"r*"}"#,
    r#""Null":{"aws:PrincipalTag/team":"true"}"#,
    r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#,
    r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":"a"}"#,
    r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"},"Bool":{"aws:SecureTransport":true}"#,
    r#""NumericNotEquals":{"aws:PrincipalTag/team":"7"}"#,
];

const PRINCIPALS: &[&str] = &[
    r#""*""#,
    r#"{"AWS":"*"}"#,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:role/R","222222222222"]}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/R/s1"}"#,
    r#"{"AWS":["111111111111","arn:aws:iam::111111111111:role/R","arn:aws:sts::111111111111:assumed-role/R/s1"]}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:federated-user/bob"}"#,
    r#"{"Service":"ec2.amazonaws.com"}"#,
];

fn principals() -> impl Strategy<Value = Principal> {
    let mut linked = session("s1");
    if let Principal::RoleSession(session) = &mut linked {
        session.service_linked = true;
    }
    select(vec![
        alice(),
        alice(),
        session("s1"),
        session("s1"),
        session("s2"),
        linked,
        federated("bob"),
        root(),
        user_in_b(),
        Principal::Service("ec2.amazonaws.com".into()),
        Principal::Anonymous,
    ])
}

/// A statement of a policy without principals.
fn part() -> impl Strategy<Value = Part> {
    let actions = select(vec!["*", "s3:*", "s3:GetObject", "s3:Get* ec2:*", "ec2:*", "s3:?etObject"]);
    let resources = select(vec![
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/${aws:PrincipalTag/team, 'o'}",
        "arn:aws:s3:::b/${aws:PrincipalTag/team}",
        "arn:aws:s3:::c/*",
    ]);
    let negated = prop::bool::weighted(0.15);
    (any::<bool>(), actions, negated, resources, negated, select(CONDITIONS)).prop_map(
        |(allows, actions, not_action, resources, not_resource, condition)| {
            let mut part = if allows { allow(actions) } else { deny(actions) };
            if not_action {
                part = part.not_action();
            }
            part = if not_resource { part.not_on(resources.split(',').next().unwrap()) } else { part.on(resources) };
            if condition.is_empty() { part } else { part.given(condition) }
        },
    )
}

/// A statement that names principals.
fn part_for_someone() -> impl Strategy<Value = Part> {
    (part(), select(PRINCIPALS), prop::bool::weighted(0.2)).prop_map(|(part, principal, negated)| {
        if negated && principal != r#""*""# { part.not_to(principal) } else { part.to(principal) }
    })
}

/// A statement of a VPC endpoint policy, which has no `NotPrincipal`.
fn part_of_endpoint() -> impl Strategy<Value = Part> {
    (part(), select(PRINCIPALS)).prop_map(|(part, principal)| part.to(principal))
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec(part(), 1..4)
}

fn worlds() -> impl Strategy<Value = World> {
    let policies = || prop::collection::vec(parts(), 0..3);
    let full = || vec![allow("*").on("*")];
    let levels = prop::collection::vec(prop_oneof![Just(full()), parts()], 1..3);
    let someone = || prop::option::weighted(0.6, prop::collection::vec(part_for_someone(), 1..4));
    let endpoint = prop::collection::vec(part_of_endpoint(), 1..3);
    let limits = (
        prop::option::weighted(0.3, parts()),
        prop::option::weighted(0.3, prop::collection::vec(parts(), 1..3)),
        prop::option::weighted(0.2, levels),
        prop::option::weighted(
            0.2,
            select(CONDITIONS).prop_map(|given| {
                let part = deny("s3:*").on("*");
                if given.is_empty() { part } else { part.given(given) }
            }),
        ),
        prop::option::weighted(0.15, endpoint),
    );
    let request = (
        principals(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        prop::option::of(select(vec!["red", "blue", "o", "*", "7"])),
        prop::option::of(prop::collection::vec(select(vec!["a", "b", "c"]), 0..3)),
        select(vec![OBJECT, OBJECT, OBJECT, "arn:aws:s3:::b/red", "arn:aws:s3:::c/o", "*"]),
    );
    (policies(), someone(), limits, request).prop_map(|(identity, resource, limits, request)| {
        let (boundary, session, service_control, resource_control, endpoint) = limits;
        let (principal, own_grant, foreign, tag, keys, resource_arn) = request;
        World {
            principal,
            identity,
            boundary,
            session,
            resource,
            own_grant,
            foreign,
            service_control,
            resource_control,
            endpoint,
            tag,
            keys,
            resource_arn,
        }
    })
}

/// `changed` may allow only what `world` allows.
fn only_shrinks(world: &World, changed: &World) -> Result<(), TestCaseError> {
    prop_assert!(world.is_allowed() || !changed.is_allowed(), "{changed:#?} allows what was denied");
    Ok(())
}

fn as_deny(part: Part) -> Part {
    part.with_effect("Deny")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn adding_a_deny_never_grants(world in worlds(), denied in part(), someone in part_for_someone()) {
        for layer in 0..5 {
            let mut changed = world.clone();
            let denied = as_deny(denied.clone());
            match layer {
                0 => changed.identity.push(vec![denied]),
                1 => changed.boundary.iter_mut().for_each(|policy| policy.push(denied.clone())),
                2 => changed.session.iter_mut().flatten().for_each(|policy| policy.push(denied.clone())),
                3 => changed.service_control.iter_mut().flatten().for_each(|policy| policy.push(denied.clone())),
                _ => changed.resource.iter_mut().for_each(|policy| policy.push(as_deny(someone.clone()))),
            }
            only_shrinks(&world, &changed)?;
        }
    }

    #[test]
    fn adding_an_allow_never_takes_away(world in worlds(), allowed in part(), someone in part_for_someone()) {
        for layer in 0..3 {
            let mut changed = world.clone();
            let allowed = allowed.clone().with_effect("Allow");
            match layer {
                0 => changed.identity.push(vec![allowed]),
                1 => changed.boundary.iter_mut().for_each(|policy| policy.push(allowed.clone())),
                _ => changed.resource.iter_mut().for_each(|policy| policy.push(someone.clone().with_effect("Allow"))),
            }
            only_shrinks(&changed, &world)?;
        }
    }

    #[test]
    fn limits_only_shrink(world in worlds(), limit in parts(), endpoint in part_of_endpoint()) {
        for layer in 0..5 {
            let mut changed = world.clone();
            match layer {
                0 if world.boundary.is_none() => changed.boundary = Some(limit.clone()),
                // A session policy is what gives a federated user any permission at all.
                1 if world.session.is_none() && !matches!(world.principal, Principal::FederatedUser { .. }) => {
                    changed.session = Some(vec![limit.clone()]);
                }
                2 => changed.service_control.get_or_insert_default().push(limit.clone()),
                3 if world.endpoint.is_none() => changed.endpoint = Some(vec![endpoint.clone()]),
                4 if world.resource_control.is_none() => changed.resource_control = Some(deny("s3:*").on("*")),
                _ => {}
            }
            only_shrinks(&world, &changed)?;
        }
    }

    #[test]
    fn order_is_irrelevant(world in worlds()) {
        let mut changed = world.clone();
        changed.identity.reverse();
        let session = changed.session.iter_mut().flatten();
        let policies = changed.identity.iter_mut().chain(session).chain(&mut changed.boundary);
        policies.chain(&mut changed.resource).chain(&mut changed.endpoint).for_each(|policy| policy.reverse());
        changed.session.iter_mut().for_each(|policies| policies.reverse());
        changed.service_control.iter_mut().flatten().for_each(|policy| policy.reverse());
        prop_assert_eq!(world.outcome(), changed.outcome());
    }

    #[test]
    fn duplicates_are_irrelevant(world in worlds()) {
        let mut changed = world.clone();
        changed.identity.extend(world.identity.clone());
        let twice = |policy: &mut Vec<Part>| policy.extend(policy.clone());
        changed.boundary.iter_mut().for_each(twice);
        changed.resource.iter_mut().for_each(twice);
        changed.endpoint.iter_mut().for_each(twice);
        changed.session.iter_mut().for_each(|policies| policies.extend(policies.clone()));
        changed.service_control.iter_mut().for_each(|levels| levels.extend(levels.clone()));
        prop_assert_eq!(world.outcome(), changed.outcome());
    }

    /// The same statements in one policy or in one policy each.
    #[test]
    fn how_statements_are_spread_is_irrelevant(world in worlds()) {
        let mut changed = world.clone();
        changed.identity = world.identity.concat().into_iter().map(|part| vec![part]).collect();
        prop_assert_eq!(world.outcome(), changed.outcome());
    }
}
