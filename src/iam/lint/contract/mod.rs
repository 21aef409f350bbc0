//! The words that rules speak: what they are told, and what they answer.

pub mod doc;
pub mod finding;
pub mod subject;

pub(crate) mod conditions;
pub(crate) mod kms;
pub(crate) mod nearest;
pub(crate) mod principals;
pub(crate) mod recover;
