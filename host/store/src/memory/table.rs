//! A map that remembers what was done to it, so that it can be undone.

use std::collections::BTreeMap;
use std::ops::RangeBounds;

/// Rows by key, in the order of the keys.
pub(super) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    /// What the rows were before, in the order of change.
    undo: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), undo: Vec::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.rows.keys()
    }

    pub(super) fn range(&self, range: impl RangeBounds<K>) -> impl Iterator<Item = (&K, &V)> {
        self.rows.range(range)
    }

    /// Sets a row, there or not.
    pub(super) fn put(&mut self, key: K, row: V) {
        let old = self.rows.insert(key.clone(), row);
        self.undo.push((key, old));
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let row = self.rows.remove(key)?;
        self.undo.push((key.clone(), Some(row.clone())));
        Some(row)
    }

    /// Changes a row; false if there is none.
    pub(super) fn update(&mut self, key: &K, change: impl FnOnce(&mut V)) -> bool {
        let Some(row) = self.rows.get_mut(key) else {
            return false;
        };
        self.undo.push((key.clone(), Some(row.clone())));
        change(row);
        true
    }

    /// Takes out at most `limit` of the rows that are `unwanted`; says how many.
    pub(super) fn remove_where(&mut self, limit: usize, unwanted: impl Fn(&K, &V) -> bool) -> usize {
        let keys: Vec<K> = self
            .rows
            .iter()
            .filter(|(key, row)| unwanted(key, row))
            .take(limit)
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter().filter(|key| self.remove(key).is_some()).count()
    }
}

/// The end of a list of changes, for tables of whatever type.
pub(super) trait Undo {
    /// Back to what was before the first change.
    fn roll_back(&mut self);

    /// The changes stay.
    fn keep(&mut self);
}

impl<K: Ord, V> Undo for Table<K, V> {
    fn roll_back(&mut self) {
        for (key, old) in self.undo.drain(..).rev() {
            match old {
                Some(row) => self.rows.insert(key, row),
                None => self.rows.remove(&key),
            };
        }
    }

    fn keep(&mut self) {
        self.undo.clear();
    }
}
