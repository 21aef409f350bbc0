//! Real AWS behind narrow traits that speak [`crate::model`].
//!
//! The only room that may name a type of the AWS SDK; none of them leaves it.
