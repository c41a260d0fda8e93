//! What a matrix is there for, and where it stands among its like: what its type is chosen by.

/// The role of a matrix, which decides its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    Query,
    Key,
    /// Values, or the expansion of latent keys and values (`attn_kv_b`).
    Value,
    FusedQkv,
    AttentionOutput,
    /// Gate and up of a dense network.
    Up,
    Down,
    /// The same of experts.
    Expert,
    ExpertDown,
}

impl Role {
    /// Every role, in the order of their numbers.
    pub(super) const ALL: [Self; 10] = [
        Self::Plain,
        Self::Query,
        Self::Key,
        Self::Value,
        Self::FusedQkv,
        Self::AttentionOutput,
        Self::Up,
        Self::Down,
        Self::Expert,
        Self::ExpertDown,
    ];
}

/// Where a matrix stands among those of its role, as far as a rule asks: a bit for each question, since every block of every file asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u8);

impl Place {
    /// That of the matrix with this number, in the order of the file, of so many.
    pub(super) fn new(index: u32, of: u32) -> Self {
        let eighth = of / 8;
        let is_inner = index >= eighth && index < 7 * of / 8;
        let answers = [
            index < 2,
            index < 4,
            index < of / 16,
            index < eighth,
            is_inner,
            !is_inner || (index - eighth) % 3 == 2,
        ];
        let bits = (0..).zip(answers);
        Self(bits.fold(0, |set, (bit, answer)| set | u8::from(answer) << bit))
    }

    const fn is(self, bit: u8) -> bool {
        self.0 >> bit & 1 == 1
    }

    pub(super) const fn is_in_first_two(self) -> bool {
        self.is(0)
    }

    pub(super) const fn is_in_first_four(self) -> bool {
        self.is(1)
    }

    pub(super) const fn is_in_first_sixteenth(self) -> bool {
        self.is(2)
    }

    pub(super) const fn is_in_first_eighth(self) -> bool {
        self.is(3)
    }

    /// Neither in the first nor in the last eighth.
    pub(super) const fn is_inner(self) -> bool {
        self.is(4)
    }

    /// The first and last eighth, and every third between (`use_more_bits`).
    pub(super) const fn wants_more(self) -> bool {
        self.is(5)
    }
}

/// Where a block's values stand, and the matrices that its network begins and ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) values: Place,
    pub(super) first: Place,
    pub(super) last: Place,
}
