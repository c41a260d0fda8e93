//! A name of 128 bits for a state of the search, so that no state is searched twice.

/// Mixes words into a key. The same words in the same order give the same key, on every machine.
#[derive(Clone, Copy, Debug)]
// A false match would call a state searched that never was, and prove what is not so. The standard hasher has 64 bits and may change with a
// release; of 2^40 states with 128 bits hardly two would meet.
pub(super) struct Key(u64, u64);

impl Key {
    pub(super) const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03)
    }

    /// Mixes one more word in.
    pub(super) const fn word(&mut self, word: u64) {
        // One half takes the word in by xor, the other by a sum: what meets in one is not to meet in the other.
        self.0 = scrambled(self.0 ^ word);
        self.1 = scrambled(self.1.rotate_left(23).wrapping_add(word));
    }

    /// The key of all words that were taken in.
    pub(super) const fn finish(self) -> u128 {
        (self.0 as u128) << 64 | self.1 as u128
    }
}

/// The finaliser of splitmix64: every bit of the input moves every bit of the output.
const fn scrambled(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
