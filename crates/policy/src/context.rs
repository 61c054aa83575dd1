//! The request context: condition keys and their values (User Guide, "AWS global condition context keys").

use std::borrow::Cow;

/// The name of a condition key, with what makes it quick to find.
///
/// Keys are case-insensitive as a whole, tag keys after the `/` included. Case is folded for ASCII only: letters that
/// merely look alike or fold together in Unicode (`K` and the Kelvin sign) stay different.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    name: Cow<'a, str>,
    hash: u64,
}

impl Key<'static> {
    /// A key that is known when the program is built: `const SOURCE_IP: Key = Key::of("aws:SourceIp");`.
    pub const fn of(name: &'static str) -> Self {
        Key { name: Cow::Borrowed(name), hash: folded_hash(name.as_bytes()) }
    }
}

impl Key<'_> {
    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One of 64 bits: keys that differ in it are different.
    fn bit(&self) -> u64 {
        1 << (self.hash >> 58)
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl Eq for Key<'_> {}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Self {
        Key { name: Cow::Borrowed(name), hash: folded_hash(name.as_bytes()) }
    }
}

impl<'a> From<&'a Key<'_>> for Key<'a> {
    fn from(key: &'a Key<'_>) -> Self {
        Key { name: Cow::Borrowed(&key.name), hash: key.hash }
    }
}

impl From<String> for Key<'_> {
    fn from(name: String) -> Self {
        Key { hash: folded_hash(name.as_bytes()), name: Cow::Owned(name) }
    }
}

/// What one condition key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multivalued key, such as `aws:TagKeys`. An empty list counts as no key at all.
    Many(Vec<String>),
}

impl Values<'_> {
    /// The values, one or many.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Values::One(value) => (Some(value.as_ref()), [].as_slice()),
            Values::Many(values) => (None, values.as_slice()),
        };
        one.into_iter().chain(many.iter().map(String::as_str))
    }

    /// The same values, borrowing nothing.
    pub fn into_owned(self) -> Values<'static> {
        match self {
            Values::One(value) => Values::One(Cow::Owned(value.into_owned())),
            Values::Many(values) => Values::Many(values),
        }
    }
}

impl<'a> From<&'a str> for Values<'a> {
    fn from(value: &'a str) -> Self {
        Values::One(Cow::Borrowed(value))
    }
}

impl From<String> for Values<'_> {
    fn from(value: String) -> Self {
        Values::One(Cow::Owned(value))
    }
}

impl From<Vec<String>> for Values<'_> {
    fn from(values: Vec<String>) -> Self {
        Values::Many(values)
    }
}

impl<const N: usize> From<[&str; N]> for Values<'_> {
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

/// The condition keys of one request. Keys and values may be borrowed, so that filling it costs little.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// In the order in which they were added.
    entries: Vec<(Key<'a>, Values<'a>)>,
    /// A bit for the hash of each key: where it is not set there is no need to search.
    seen: u64,
}

/// Equal are contexts with the same keys, written alike, and values in the same order.
impl PartialEq for Context<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Context<'_> {}

impl<'a> Context<'a> {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// A context without keys that has room for so many.
    pub fn with_capacity(keys: usize) -> Self {
        Context { entries: Vec::with_capacity(keys), seen: 0 }
    }

    /// Adds a key and returns the context: the builder form of [`insert`](Self::insert).
    #[must_use]
    pub fn with(mut self, key: impl Into<Key<'a>>, values: impl Into<Values<'a>>) -> Self {
        self.insert(key, values);
        self
    }

    /// Adds a key.
    ///
    /// Nothing is ever replaced: a key that is there already with other values, in whatever case, makes both
    /// [ambiguous](Lookup::Ambiguous); with the same values it changes nothing.
    pub fn insert(&mut self, key: impl Into<Key<'a>>, values: impl Into<Values<'a>>) {
        let (key, values) = (key.into(), values.into());
        if self.held(&key).any(|held| *held == values) {
            return;
        }
        self.seen |= key.bit();
        self.entries.push((key, values));
    }

    /// What the key holds.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        self.find(&Key::from(key))
    }

    /// What the key holds.
    pub fn find(&self, key: &Key<'_>) -> Lookup<'_> {
        let mut held = self.held(key);
        match (held.next(), held.next()) {
            (Some(Values::One(value)), None) => Lookup::One(value),
            (Some(Values::Many(values)), None) if !values.is_empty() => Lookup::Many(values),
            (_, Some(_)) => Lookup::Ambiguous,
            _ => Lookup::Absent,
        }
    }

    /// All keys as they were added, in that order. Collecting them again gives an equal context.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values<'a>)> {
        self.entries.iter().map(|(key, values)| (key.name(), values))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn held<'s>(&'s self, key: &Key<'_>) -> impl Iterator<Item = &'s Values<'a>> {
        let entries = if self.seen & key.bit() == 0 { &[] } else { self.entries.as_slice() };
        entries.iter().filter_map(move |(held, values)| (held == key).then_some(values))
    }
}

impl<'a, K: Into<Key<'a>>, V: Into<Values<'a>>> FromIterator<(K, V)> for Context<'a> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Context::new();
        for (key, values) in pairs {
            context.insert(key, values);
        }
        context
    }
}

/// The same for texts that differ only in case. Others may share a hash too: it narrows a search and proves nothing.
pub(crate) const fn folded_hash(text: &[u8]) -> u64 {
    /// Set in lower-case letters and not in upper-case ones.
    const CASE: u64 = 0x2020_2020_2020_2020;
    let (mut rest, mut hash) = (text, 0);
    while let Some((eight, tail)) = rest.split_first_chunk::<8>() {
        hash = stir(hash, u64::from_le_bytes(*eight) | CASE);
        rest = tail;
    }
    // What is left, with what stands before it up to a whole word: that is read at once.
    if let Some(last) = text.last_chunk::<8>() {
        return stir(hash, u64::from_le_bytes(*last) | CASE);
    }
    let mut last: u64 = 1;
    while let Some((byte, tail)) = rest.split_first() {
        last = last << 8 | u64::from_le_bytes([*byte, 0, 0, 0, 0, 0, 0, 0]) | 0x20;
        rest = tail;
    }
    stir(hash, last)
}

/// One step of a multiplicative hash.
pub(crate) const fn stir(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

#[cfg(test)]
mod tests;
