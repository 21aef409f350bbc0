//! What the tests of whole rooms share: the reference evaluator, and cases for it.
//!
//! The reference counts IAM's rules as they take their turn: 1 to 4 what is
//! asked and by whom, 5 to 7 which policies reach it, 8 to 17 how they combine,
//! 18 to 23 principals, 24 to 29 actions and resources, 30 to 42 conditions.
//!
//! INVARIANT: nothing here uses the evaluator that it is compared with.

pub(crate) mod alphabets;
pub(crate) mod conditions;
pub(crate) mod dice;
pub(crate) mod generator;
pub(crate) mod policies;
pub(crate) mod reference;
pub(crate) mod tables;
