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

/// Where a matrix stands among those of its role, as far as a rule asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) in_first_two: bool,
    pub(super) in_first_four: bool,
    pub(super) in_first_sixteenth: bool,
    pub(super) in_first_eighth: bool,
    /// Neither in the first nor in the last eighth.
    pub(super) is_inner: bool,
    /// The first and last eighth, and every third between (`use_more_bits`).
    pub(super) wants_more: bool,
}

impl Place {
    /// That of the matrix with this number, in the order of the file, of so many.
    pub(super) const fn new(index: u32, of: u32) -> Self {
        let eighth = of / 8;
        let is_inner = index >= eighth && index < 7 * of / 8;
        Self {
            in_first_two: index < 2,
            in_first_four: index < 4,
            in_first_sixteenth: index < of / 16,
            in_first_eighth: index < eighth,
            is_inner,
            wants_more: !is_inner || (index - eighth) % 3 == 2,
        }
    }
}
