//! The words that rules speak: what they are told, and what they answer.

pub mod doc;
pub mod finding;
pub mod subject;

pub(crate) mod calls;
pub(crate) mod conditions;
pub(crate) mod keepers;
pub(crate) mod keys;
pub(crate) mod kms;
pub(crate) mod nearest;
pub(crate) mod organizations;
pub(crate) mod policy_change;
pub(crate) mod principals;
pub(crate) mod ranges;
pub(crate) mod reach;
pub(crate) mod recover;
pub(crate) mod values;
