//! Which statements of a set may apply to a request, found by the beginnings of names.
//!
//! Every statement is filed under the text that its resources begin with or, where one of them begins with a wildcard,
//! under the text that its actions begin with; in either case by service. A request looks under all beginnings of its own
//! resource and action that are as long as one that something is filed under: few, as beginnings have few lengths.
//!
//! What is found is a superset: texts that are different may share a hash, and only the beginnings are compared.

use std::collections::BTreeMap;

use super::{Attached, Place};
use crate::asked::Asked;
use crate::context::stir;
use crate::matching::action::Actions;
use crate::policy::Rule;

/// Beginnings are compared no further than this.
const LONGEST: usize = 32;

/// A statement is filed under so many actions of a service, at most; one with more, under their service alone.
const ACTIONS: usize = 8;

#[derive(Clone, Debug)]
pub(super) struct Index {
    /// What is filed by service, sorted by the service's hash.
    services: Box<[Drawer]>,
    /// What is for all services.
    any_service: Drawer,
    slots: Box<[Slot]>,
    places: Box<[Packed]>,
}

/// What is filed under one service: a hash table in its own part of the slots, and the lengths to look for in it.
#[derive(Clone, Copy, Debug, Default)]
struct Drawer {
    service: u64,
    /// Bit `n` is set when something is filed under a beginning of `n` bytes.
    resource_lengths: u64,
    action_lengths: u64,
    first_slot: u32,
    /// One less than the number of slots, which is a power of two.
    mask: u32,
}

/// The statements filed under one beginning: `length` of them from `start`. A slot of none is free.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    start: u32,
    length: u32,
}

/// A [`Place`] in four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    policy: u16,
    statement: u16,
}

/// What a beginning is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Action,
    Resource,
}

/// While an index is made: places by service, and by kind and hash of the beginning.
type Filed = BTreeMap<Option<u64>, Draft>;

#[derive(Default)]
struct Draft {
    places: BTreeMap<u32, Vec<Packed>>,
    action_lengths: u64,
    resource_lengths: u64,
}

impl Index {
    /// None for more policies or statements than can be numbered: all are looked at then.
    pub(super) fn new(attached: &[Attached]) -> Option<Index> {
        let mut filed = Filed::new();
        for (policy, attached) in attached.iter().enumerate() {
            let Some(content) = &attached.policy else { continue };
            for (statement, (rule, _)) in content.rules().enumerate() {
                file(&mut filed, rule, Packed::new(policy, statement)?);
            }
        }
        let mut index = Index {
            services: Box::default(),
            any_service: Drawer::default(),
            slots: Box::default(),
            places: Box::default(),
        };
        let (mut slots, mut places, mut services) = (Vec::new(), Vec::new(), Vec::new());
        for (service, draft) in filed {
            let drawer = draft.settle(service.unwrap_or_default(), &mut slots, &mut places)?;
            match service {
                Some(_) => services.push(drawer),
                None => index.any_service = drawer,
            }
        }
        (index.services, index.slots, index.places) = (services.into(), slots.into(), places.into());
        Some(index)
    }

    pub(super) fn candidates(&self, asked: &Asked<'_>, mut each: impl FnMut(Place)) {
        let action = Beginnings::of(asked.action.as_bytes()).in_any_case();
        let resource = asked.resource_name().map(|name| Beginnings::of(name.as_bytes()));
        let own = self.services.binary_search_by_key(&asked.service_hash, |drawer| drawer.service).ok();
        for drawer in own.and_then(|at| self.services.get(at)).into_iter().chain([&self.any_service]) {
            if let Some(resource) = &resource {
                self.look_up(drawer, Of::Resource, drawer.resource_lengths, resource, &mut each);
            }
            self.look_up(drawer, Of::Action, drawer.action_lengths, &action, &mut each);
        }
    }

    fn look_up(&self, drawer: &Drawer, of: Of, lengths: u64, text: &Beginnings, each: &mut impl FnMut(Place)) {
        let mut left = lengths & text.lengths();
        while left != 0 {
            let length = left.trailing_zeros();
            left &= left - 1;
            for packed in self.filed_under(drawer, text.hash(of, length)) {
                each(packed.place());
            }
        }
    }

    fn filed_under(&self, drawer: &Drawer, hash: u32) -> &[Packed] {
        let mut at = hash;
        loop {
            let Some(slot) = self.slots.get(index(drawer.first_slot + (at & drawer.mask))) else { return &[] };
            if slot.length == 0 {
                return &[];
            }
            if slot.hash == hash {
                return self.places.get(index(slot.start)..index(slot.start + slot.length)).unwrap_or_default();
            }
            at = at.wrapping_add(1);
        }
    }

    pub(super) fn size(&self) -> usize {
        size_of_val(&*self.services) + size_of_val(&*self.slots) + size_of_val(&*self.places)
    }
}

fn file(filed: &mut Filed, rule: &Rule, packed: Packed) {
    let starts = by_resource(rule);
    for (service, names) in by_action(&rule.actions) {
        let draft = filed.entry(service).or_default();
        match &starts {
            Some(starts) => starts.iter().for_each(|start| draft.add(Of::Resource, start, packed)),
            None => names.iter().for_each(|name| draft.add(Of::Action, name, packed)),
        }
    }
}

/// What the statement's resources begin with; none when one of them does not begin with anything, or it is about all
/// resources but some.
fn by_resource(rule: &Rule) -> Option<Vec<&str>> {
    let resources = rule.resources.as_ref().filter(|resources| !resources.negated)?;
    let starts: Vec<&str> = resources.entries.iter().map(|entry| entry.literal_start()).collect();
    (!starts.contains(&"")).then_some(starts)
}

/// What the statement's actions begin with, by service; none is all services.
fn by_action(actions: &Actions) -> Vec<(Option<u64>, Vec<&str>)> {
    if actions.negated || actions.anything.is_some() {
        return vec![(None, vec![""])];
    }
    let of_service = actions.services.iter().map(|of_service| {
        let names = of_service.names.iter().map(|name| name.glob.literal_start()).collect::<Vec<_>>();
        let names = if names.len() > ACTIONS { vec![""] } else { names };
        (Some(of_service.hash), names)
    });
    of_service.collect()
}

impl Draft {
    fn add(&mut self, of: Of, start: &str, packed: Packed) {
        let mut start = Beginnings::of(start.as_bytes());
        match of {
            Of::Action => {
                start = start.in_any_case();
                self.action_lengths |= 1 << start.length;
            }
            Of::Resource => self.resource_lengths |= 1 << start.length,
        }
        let places = self.places.entry(start.hash(of, start.length)).or_default();
        if places.last() != Some(&packed) {
            places.push(packed);
        }
    }

    /// Lays the hash table out, at most half full, so that a search always meets a free slot.
    fn settle(self, service: u64, slots: &mut Vec<Slot>, places: &mut Vec<Packed>) -> Option<Drawer> {
        let size = (2 * self.places.len()).next_power_of_two();
        let first = slots.len();
        slots.resize(first + size, Slot::default());
        let mask = u32::try_from(size - 1).ok()?;
        for (hash, found) in self.places {
            let mut at = hash;
            let slot = loop {
                let slot = slots.get_mut(first + index(at & mask))?;
                if slot.length == 0 {
                    break slot;
                }
                at = at.wrapping_add(1);
            };
            *slot = Slot { hash, start: u32::try_from(places.len()).ok()?, length: u32::try_from(found.len()).ok()? };
            places.extend(found);
        }
        Some(Drawer {
            service,
            resource_lengths: self.resource_lengths,
            action_lengths: self.action_lengths,
            first_slot: u32::try_from(first).ok()?,
            mask,
        })
    }
}

impl Packed {
    fn new(policy: usize, statement: usize) -> Option<Packed> {
        Some(Packed { policy: policy.try_into().ok()?, statement: statement.try_into().ok()? })
    }

    fn place(self) -> Place {
        Place::new(self.policy.into(), self.statement.into())
    }
}

/// The hashes of all beginnings of a text, at the cost of one.
struct Beginnings {
    words: [u64; 4],
    /// The hash of all words before each.
    before: [u64; 5],
    length: u32,
}

impl Beginnings {
    fn of(text: &[u8]) -> Beginnings {
        let text = text.get(..LONGEST).unwrap_or(text);
        let words = [word(text, 0), word(text, 8), word(text, 16), word(text, 24)];
        Beginnings { words, before: before(words), length: u32::try_from(text.len()).unwrap_or_default() }
    }

    /// The same for texts that differ only in case, and for some others.
    fn in_any_case(self) -> Beginnings {
        let words = self.words.map(|word| word | 0x2020_2020_2020_2020);
        Beginnings { words, before: before(words), ..self }
    }

    /// Bit `n` is set for every beginning of `n` bytes that there is.
    fn lengths(&self) -> u64 {
        u64::MAX >> (63 - self.length)
    }

    /// Takes the high bits: those are stirred best.
    fn hash(&self, of: Of, length: u32) -> u32 {
        let (whole, rest) = (index(length / 8), length % 8);
        let kept = self.words.get(whole).map_or(0, |word| word & !(u64::MAX << (8 * rest)));
        let before = self.before.get(whole).copied().unwrap_or_default();
        let kind = u64::from(of == Of::Resource) << 32;
        let [.., a, b, c, d] = stir(stir(before, kept), kind | u64::from(length)).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// The eight bytes from a place on, with zeros behind the end.
fn word(text: &[u8], from: usize) -> u64 {
    if let Some((eight, _)) = text.get(from..).and_then(<[u8]>::split_first_chunk) {
        return u64::from_le_bytes(*eight);
    }
    let rest = text.get(from..).unwrap_or_default();
    match text.last_chunk::<8>() {
        // The last eight bytes end where these do.
        Some(last) if !rest.is_empty() => u64::from_le_bytes(*last) >> (8 * (8 - rest.len())),
        _ => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

fn before([a, b, c, d]: [u64; 4]) -> [u64; 5] {
    let first = stir(0, a);
    let second = stir(first, b);
    let third = stir(second, c);
    [0, first, second, third, stir(third, d)]
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
