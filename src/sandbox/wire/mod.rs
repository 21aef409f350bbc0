//! The two wire formats of the services served here: JSON 1.1 (KMS,
//! Organizations) and the query protocol with XML answers (STS), and what they
//! have in common: reading members of a request and saying what went wrong.
//!
//! INVARIANT: whatever bytes arrive, the answer is a reply or a [`ServiceError`].

mod error;
mod input;
pub(crate) mod json;
pub(crate) mod query;

pub(crate) use self::error::ServiceError;
pub(crate) use self::input::{Input, is_tag_character, timestamp};

/// What an operation answers: the members of its output, or an error.
pub(crate) type Reply = Result<serde_json::Value, ServiceError>;
