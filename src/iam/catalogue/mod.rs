//! What AWS documents of KMS permissions, as data: the 56 actions, the 98
//! condition keys of KMS, the global keys, what an API call is authorised as, and
//! the services that resource control policies reach.
//!
//! The evaluator, the linter and the reference pages read these tables and keep
//! none of their own. Nothing here judges anything.
//!
//! Sources: service authorization reference, "AWS Key Management Service"; KMS
//! developer guide, "Condition keys for AWS KMS" and "Permissions reference"; IAM
//! user guide, "AWS global condition context keys". Read [`READ`].
//!
//! INVARIANT: every key that an action lists is defined.

mod action;
mod actions;
mod key;
mod keys;
mod operation;
mod rcp;
#[cfg(test)]
mod tests;
mod words;

pub use action::{AccessLevel, Action, ResourceType, action, actions_matching};
pub use actions::ACTIONS;
pub use key::{KeyDefinition, KeyType, Source, Values, condition_key};
pub use keys::CONDITION_KEYS;
pub use operation::{Authorization, Parameters, Target, authorizations};
pub use rcp::RCP_SERVICES;

pub(crate) use action::{EVERY_ACTION, bit, mask};
pub(crate) use key::{ALWAYS_THERE, definition, is_always_there, place};

/// When the tables were last compared with AWS's pages.
pub const READ: &str = "2026-11";
