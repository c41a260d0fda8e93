//! How bad a problem is, and how all of them are listed.

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It works, but not always, or not as well as it could.
    Warning,
    /// It does not work, does not do what it says, or is open to everybody.
    Fault,
}

macro_rules! problems {
    ($($severity:ident $code:literal $(#[$doc:meta])* $name:ident $({ $($field:ident: $type:ty = $about:literal),* })?;)*) => {
        /// What is wrong, as a code with what belongs to it.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(tag = "code", rename_all = "kebab-case")]
        pub enum Problem {
            $($(#[$doc])* $name $({ $(#[doc = $about] $field: $type),* })?),*
        }

        impl Problem {
            /// The codes of all of them.
            pub const CODES: &[&str] = &[$($code),*];

            /// The code for machines.
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code),* }
            }

            /// How bad it is.
            pub const fn severity(&self) -> Severity {
                match self { $(Self::$name { .. } => Severity::$severity),* }
            }
        }
    };
}

pub(super) use problems;
