//! The words that controls and their callers share: what is known of a key,
//! what a control may be told, what it answers.

pub mod doc;
pub mod facts;
pub mod finding;
pub mod settings;
pub mod verdict;
pub mod waiver;
