//! Where the guide and the arithmetic part.
