//! The request context: condition keys and their values (User Guide, "AWS global condition context keys").

use std::cmp::Ordering;

/// What one condition key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// A single-valued key.
    One(String),
    /// A multivalued key, such as `aws:TagKeys`. An empty list counts as no key at all.
    Many(Vec<String>),
}

impl Values {
    /// The values as a list, whichever kind of key it is.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Values::One(value) => std::slice::from_ref(value),
            Values::Many(values) => values,
        }
    }
}

impl From<&str> for Values {
    fn from(value: &str) -> Self {
        Values::One(value.to_owned())
    }
}

impl From<String> for Values {
    fn from(value: String) -> Self {
        Values::One(value)
    }
}

impl From<Vec<String>> for Values {
    fn from(values: Vec<String>) -> Self {
        Values::Many(values)
    }
}

impl<const N: usize> From<[&str; N]> for Values {
    fn from(values: [&str; N]) -> Self {
        Values::Many(values.iter().map(|&value| value.to_owned()).collect())
    }
}

/// What a key resolves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// No such key, or a multivalued key without values.
    Absent,
    /// A single-valued key.
    One(&'a str),
    /// A multivalued key with at least one value.
    Many(&'a [String]),
    /// Several keys that differ only by case and do not hold the same. Resources of some services can carry the tags
    /// `env` and `Env` at once; which of them a policy means cannot be known.
    Ambiguous,
}

/// The condition keys of one request.
///
/// Keys are case-insensitive as a whole, tag keys after the `/` included. Case is folded for ASCII only: letters that
/// merely look alike or fold together in Unicode (`K` and the Kelvin sign) stay different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// In insertion order.
    entries: Vec<(String, Values)>,
    /// Positions in `entries`, sorted by key without regard to case.
    sorted: Vec<usize>,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key and returns the context: the builder form of [`insert`](Self::insert).
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, values: impl Into<Values>) -> Self {
        self.insert(key, values);
        self
    }

    /// Adds a key.
    ///
    /// Nothing is ever replaced: a key that is there already with other values, in whatever case, makes both
    /// [ambiguous](Lookup::Ambiguous); with the same values it changes nothing.
    pub fn insert(&mut self, key: impl Into<String>, values: impl Into<Values>) {
        let (key, values) = (key.into(), values.into());
        let known = self.positions(&key);
        if known.iter().any(|&at| self.entries.get(at).is_some_and(|(_, held)| *held == values)) {
            return;
        }
        let place = self.first_not_below(&key);
        self.sorted.insert(place, self.entries.len());
        self.entries.push((key, values));
    }

    /// What the key holds.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        let values = match self.positions(key) {
            [] => return Lookup::Absent,
            [at] => self.entries.get(*at).map(|(_, values)| values),
            _ => return Lookup::Ambiguous,
        };
        match values {
            Some(Values::One(value)) => Lookup::One(value),
            Some(Values::Many(values)) if !values.is_empty() => Lookup::Many(values),
            _ => Lookup::Absent,
        }
    }

    /// All keys as they were added, in that order. Collecting them again gives an equal context.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.entries.iter().map(|(key, values)| (key.as_str(), values))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn order_of(&self, at: usize, key: &str) -> Ordering {
        self.entries.get(at).map_or(Ordering::Less, |(held, _)| compare_ignoring_case(held, key))
    }

    fn first_not_below(&self, key: &str) -> usize {
        self.sorted.partition_point(|&at| self.order_of(at, key) == Ordering::Less)
    }

    /// Where the key stands in `entries`.
    fn positions(&self, key: &str) -> &[usize] {
        let rest = self.sorted.get(self.first_not_below(key)..).unwrap_or_default();
        let count = rest.iter().take_while(|&&at| self.order_of(at, key) == Ordering::Equal).count();
        rest.get(..count).unwrap_or_default()
    }
}

impl<K: Into<String>, V: Into<Values>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Context::new();
        for (key, values) in pairs {
            context.insert(key, values);
        }
        context
    }
}

fn compare_ignoring_case(left: &str, right: &str) -> Ordering {
    left.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(right.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
