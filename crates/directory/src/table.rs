//! A persistent table of entities: ordered by name ignoring case, found by name or unique id.

use std::ops::Bound;
use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync};

use crate::Entity;

/// Entities of one kind.
///
/// Names are unique ignoring case (CreateUser, CreateGroup, CreateRole, CreatePolicy: "names are not distinguished by
/// case"), unless the kind says otherwise, and lists come in that order. Cloning is cheap: clones share what they do not change.
#[derive(Clone, Debug)]
pub struct Table<E> {
    by_name: RedBlackTreeMapSync<String, Arc<E>>,
    names: HashTrieMapSync<String, String>,
}

impl<E> Default for Table<E> {
    fn default() -> Self {
        Table { by_name: RedBlackTreeMapSync::new_sync(), names: HashTrieMapSync::new_sync() }
    }
}

/// The form in which names are compared. Names are ASCII by the API's patterns, so ASCII folding is all of it.
fn folded<E: Entity>(name: &str) -> String {
    if E::CASE_SENSITIVE { name.to_owned() } else { name.to_ascii_lowercase() }
}

impl<E: Entity> Table<E> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The entity of this name, in any case unless the kind tells names apart by it.
    pub fn by_name(&self, name: &str) -> Option<&Arc<E>> {
        self.by_name.get(&folded::<E>(name))
    }

    /// The entity of this unique id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<E>> {
        self.by_name.get(self.names.get(id)?)
    }

    /// All entities, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<E>> {
        self.by_name.values()
    }

    /// The entities whose names come after `name`, by name.
    pub fn after<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Arc<E>> + use<'a, E> {
        self.by_name.range((Bound::Excluded(folded::<E>(name)), Bound::Unbounded)).map(|(_, entity)| entity)
    }

    /// Puts an entity in the place of the one with its unique id, which is returned.
    pub(crate) fn put(&mut self, entity: Arc<E>) -> Option<Arc<E>> {
        let old = self.take(entity.id());
        let key = folded::<E>(entity.name());
        self.names.insert_mut(entity.id().to_owned(), key.clone());
        self.by_name.insert_mut(key, entity);
        old
    }

    /// Takes the entity of this unique id out.
    pub(crate) fn take(&mut self, id: &str) -> Option<Arc<E>> {
        let name = self.names.get(id)?.clone();
        let old = self.by_name.get(&name).cloned();
        self.by_name.remove_mut(&name);
        self.names.remove_mut(id);
        old
    }
}
