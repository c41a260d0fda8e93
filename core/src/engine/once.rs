//! Values that few keys share, each made once.

/// Values by key. Keys are compared one by one, the last first, since neighbours are mostly alike.
pub(super) struct Once<K, V>(Vec<(K, V)>);

impl<K: PartialEq, V: Copy> Once<K, V> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a key, made now if it was not yet.
    pub(super) fn get(&mut self, key: K, make: impl FnOnce() -> V) -> V {
        if let Some((_, value)) = self.0.iter().rev().find(|(known, _)| *known == key) {
            return *value;
        }
        let value = make();
        self.0.push((key, value));
        value
    }
}
