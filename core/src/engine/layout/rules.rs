//! Which type llama.cpp stores a matrix in: `llama_tensor_get_type` of its `llama-quant.cpp`, checked against its own dry runs.

use super::file_type::FileType::{
    self, IQ1_M, IQ1_S, IQ2_M, IQ2_S, IQ3_M, IQ3_S, IQ3_XS, IQ3_XXS, IQ4_NL, IQ4_XS, Q2_K, Q2_K_S,
    Q3_K_L, Q3_K_M, Q3_K_S, Q4_K_M, Q4_K_S, Q5_K_M,
};
use super::role::{Place, Role};
use crate::quantization::TensorType as T;

/// What the rules ask of a model.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    pub(super) file: FileType,
    pub(super) base: T,
    /// Whether four or more query heads share a key and a value, so that their matrices are small.
    pub(super) grouped: bool,
    /// Experts in a block, zero in dense models.
    pub(super) experts: u32,
    /// Whether llama.cpp calls it 70B.
    pub(super) seventy: bool,
    /// Whether its network ends with fewer bits than elsewhere (Falcon).
    pub(super) spare: bool,
}

impl Facts {
    /// The type of a matrix with this role, of which `values` and `network` tell where it stands among its like.
    pub(super) fn type_of(&self, role: Role, values: Place, network: Place) -> T {
        if self.file == FileType::MXFP4 && matches!(role, Role::Expert | Role::ExpertDown) {
            return T::MXFP4;
        }
        if !self.base.is_quantised() {
            return self.base;
        }
        if self.file.is_tiny() {
            return self.tiny(role, network);
        }
        let mixtral = self.experts == 8;
        match role {
            Role::Value => self.value(values),
            // With eight experts attention is a small part of the file: bits there cost little and help much.
            Role::Key if mixtral => T::Q8_0,
            Role::Key | Role::Query => match self.file {
                IQ3_XS => T::IQ3_XXS,
                IQ3_XXS => T::IQ2_S,
                _ => self.base,
            },
            Role::FusedQkv => match self.file {
                Q3_K_M | Q3_K_L | IQ3_M => T::Q4_K,
                Q4_K_M => T::Q5_K,
                Q5_K_M => T::Q6_K,
                _ => self.base,
            },
            Role::Down | Role::ExpertDown => self.down(network),
            Role::Up | Role::Expert if self.file == IQ3_XS && network.is_inner() => T::IQ3_XXS,
            Role::AttentionOutput => self.output(),
            Role::Up | Role::Expert | Role::Plain => self.base,
        }
    }

    fn value(&self, place: Place) -> T {
        let chosen = match self.file {
            Q2_K if !self.grouped => T::Q3_K,
            Q2_K | Q2_K_S | IQ3_XXS | IQ3_XS | IQ3_S if self.grouped => T::Q4_K,
            IQ4_NL | IQ4_XS if self.grouped => T::Q5_K,
            Q3_K_M if place.is_in_first_two() => T::Q5_K,
            IQ3_M | Q3_K_M => T::Q4_K,
            Q3_K_L => T::Q5_K,
            Q4_K_M | Q5_K_M if place.wants_more() => T::Q6_K,
            Q4_K_S if place.is_in_first_four() => T::Q5_K,
            _ => self.base,
        };
        match chosen {
            _ if self.experts == 8 => T::Q8_0,
            // Eight heads share a value there, so that its matrix is small and worth the bits.
            T::Q3_K | T::Q4_K if self.seventy => T::Q5_K,
            chosen => chosen,
        }
    }

    fn down(&self, place: Place) -> T {
        let first = place.is_in_first_eighth();
        match self.file {
            Q2_K => T::Q3_K,
            Q2_K_S | IQ3_M if first => T::Q4_K,
            IQ3_M if self.experts == 8 && place.wants_more() => T::Q4_K,
            Q3_K_M if place.is_in_first_sixteenth() => T::Q5_K,
            Q3_K_M if self.spare && !place.wants_more() => T::Q3_K,
            Q3_K_M => T::Q4_K,
            Q3_K_L if self.spare => T::Q4_K,
            Q3_K_L => T::Q5_K,
            Q4_K_M if self.spare && place.is_in_first_sixteenth() => T::Q6_K,
            Q4_K_M if self.spare && place.wants_more() => T::Q5_K,
            Q4_K_M if self.spare => self.base,
            Q4_K_M | Q5_K_M if place.wants_more() => T::Q6_K,
            Q4_K_S if first && !self.spare => T::Q5_K,
            // Where no importance was measured; for smaller types it always is.
            IQ4_NL | IQ4_XS if first => T::Q5_K,
            _ => self.base,
        }
    }

    fn output(&self) -> T {
        let many = matches!(
            self.file,
            Q2_K | Q3_K_S
                | Q3_K_M
                | Q4_K_S
                | Q4_K_M
                | IQ3_XXS
                | IQ3_XS
                | IQ3_S
                | IQ3_M
                | IQ4_NL
                | IQ4_XS
        );
        match self.file {
            Q3_K_L if self.spare => T::Q4_K,
            _ if self.spare => self.base,
            _ if self.experts == 8 && many => T::Q5_K,
            _ if self.experts == 8 => self.base,
            Q2_K => T::Q3_K,
            IQ3_XXS => T::IQ3_S,
            Q3_K_M | IQ3_M => T::Q4_K,
            Q3_K_L => T::Q5_K,
            _ => self.base,
        }
    }

    /// The same for types of fewer than three bits.
    fn tiny(&self, role: Role, network: Place) -> T {
        let wider = if matches!(self.file, IQ2_S | IQ2_M) {
            T::IQ3_S
        } else {
            T::Q2_K
        };
        match role {
            Role::Value | Role::FusedQkv if self.grouped || self.experts >= 4 => T::Q4_K,
            Role::Value | Role::FusedQkv => wider,
            Role::Key if self.experts == 8 => T::Q4_K,
            Role::Down | Role::ExpertDown if network.is_in_first_eighth() => wider,
            Role::AttentionOutput if self.experts == 8 => T::Q5_K,
            Role::AttentionOutput => match self.file {
                IQ1_S | IQ1_M => T::IQ2_XXS,
                IQ2_S | IQ2_M => T::IQ3_S,
                _ => self.base,
            },
            _ => self.base,
        }
    }

    /// The head's type: six bits unless the file is more precise anyway, or far less.
    pub(super) fn head(&self) -> T {
        match self.file {
            _ if !self.base.is_quantised() || self.base == T::Q8_0 => self.base,
            _ if self.spare => T::Q8_0,
            IQ3_XXS => T::Q5_K,
            file if file.is_tiny() => T::Q5_K,
            _ => T::Q6_K,
        }
    }

    /// The type of an embedding that is not the head too.
    pub(super) fn embedding(&self) -> T {
        match self.file {
            IQ2_S | IQ2_M | IQ3_XXS => T::IQ3_S,
            file if file.is_tiny() => T::Q2_K,
            _ => self.base,
        }
    }
}
