//! The words that controls and their callers share: what is known of a key,
//! what a control may be told, what it answers.

pub mod doc;
#[cfg(test)]
pub(crate) mod example;
pub mod exemption;
pub mod facts;
pub mod finding;
pub mod guardrail;
pub(crate) mod key_policy;
pub(crate) mod place;
pub mod settings;
pub(crate) mod tags;
pub mod verdict;
pub mod waiver;
