//! Who ends a search before its time.

use std::fmt;

/// Asked now and then whether a search shall go on; after the first no it ends with the best plan so far, which is then not proved.
#[derive(Clone, Copy)]
pub struct Watch<'a>(&'a dyn Fn() -> bool);

impl<'a> Watch<'a> {
    /// Asks this, which never says yes again after a no.
    pub const fn new(goes_on: &'a dyn Fn() -> bool) -> Self {
        Self(goes_on)
    }

    /// Whether the search shall go on.
    pub fn goes_on(self) -> bool {
        (self.0)()
    }
}

impl Default for Watch<'_> {
    /// Lets every search come to its own end.
    fn default() -> Self {
        Self(&|| true)
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
