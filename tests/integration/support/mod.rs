//! What the tests of whole rooms share.

pub(crate) mod alphabets;
pub(crate) mod conditions;
pub(crate) mod dice;
pub(crate) mod generator;
pub(crate) mod policies;
pub(crate) mod reference;
pub(crate) mod tables;
