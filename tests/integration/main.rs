//! Tests of whole rooms through their front doors, one binary for all.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on fails by panicking"
)]

mod tf;
