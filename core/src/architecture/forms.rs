//! What sets the blocks of a model apart, block by block.

use std::ops::Index;

use super::{Architecture, LayerKind, Layers, PerLayer};

/// The form of each block of a model. A model has few, and what depends on the form alone is computed once for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forms {
    kinds: Vec<LayerKind>,
    blocks: Vec<u32>,
}

impl Forms {
    /// The forms that occur, each once.
    pub fn kinds(&self) -> &[LayerKind] {
        &self.kinds
    }

    /// The number of the form of block `layer` among [`kinds`](Self::kinds).
    pub fn kind(&self, layer: u32) -> usize {
        self.blocks[layer as usize] as usize
    }

    /// The form of every block.
    pub fn iter(&self) -> impl Iterator<Item = &LayerKind> {
        self.blocks.iter().map(|kind| &self.kinds[*kind as usize])
    }

    fn push(&mut self, form: LayerKind) {
        let known = self.kinds.iter().rposition(|known| *known == form);
        let kind = known.unwrap_or_else(|| {
            self.kinds.push(form);
            self.kinds.len() - 1
        });
        self.blocks.push(kind as u32);
    }
}

impl Index<u32> for Forms {
    type Output = LayerKind;

    fn index(&self, layer: u32) -> &LayerKind {
        &self.kinds[self.kind(layer)]
    }
}

impl Architecture {
    /// [`form`](Self::form) of each of the first `blocks` blocks.
    pub fn forms(&self, blocks: u32) -> Forms {
        let own = blocks.min(self.block_count);
        let period = self.period().unwrap_or(own);
        let mut forms = Forms {
            kinds: Vec::with_capacity(2),
            blocks: Vec::with_capacity(blocks as usize),
        };
        (0..own.min(period)).for_each(|layer| forms.push(self.form(layer)));
        // An estimate asks for the form of every block, and most shapes repeat a few.
        while forms.blocks.len() < own as usize {
            let more = forms.blocks.len().min(own as usize - forms.blocks.len());
            forms.blocks.extend_from_within(..more);
        }
        (own..blocks).for_each(|layer| forms.push(self.form(layer)));
        forms
    }

    /// After how many of its `block_count` blocks their forms begin anew. `None` where nothing says so.
    fn period(&self) -> Option<u32> {
        let counts = [
            &self.head_count,
            &self.head_count_kv,
            &self.feed_forward_length,
        ];
        let alike = |count: &PerLayer| matches!(count, PerLayer::Same(_));
        if !counts.into_iter().all(alike)
            || self.shared_kv_layers > 0
            || self.indexer.is_some()
            || self.compressed.is_some()
        {
            return None;
        }
        let experts = match &self.experts {
            Some(experts) if experts.leading_dense > 0 => return None,
            Some(experts) => experts.step.max(1),
            None => 1,
        };
        let sliding = self.sliding.as_ref().map(|sliding| &sliding.layers);
        let hybrid = self.recurrent.as_ref();
        let attention = hybrid.map(|hybrid| &hybrid.attention);
        let states = hybrid.and_then(|hybrid| hybrid.recurrent.as_ref());
        let layers = [sliding, attention, states].into_iter().flatten();
        layers
            .map(Layers::period)
            .try_fold(experts, |product, period| product.checked_mul(period?))
    }
}
