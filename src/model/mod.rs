//! The nouns every room shares: parsed identifiers, what AWS says of a key,
//! of an organisation, and AWS's quotas.
//!
//! Pure and dependent on nothing. A text is parsed once, at the edge, into
//! one of these types; no bare `String` with a shape crosses a room boundary.

pub mod account;
pub mod arn;
pub mod fact;
pub mod key;
pub mod org;
pub mod quota;
pub mod region;
pub mod shape;
pub mod spelling;
pub mod tag;
mod text;

pub use text::InvalidText;
pub(crate) use text::{capitalised, quoted, quoted_with};
