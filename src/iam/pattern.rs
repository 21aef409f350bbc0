//! `*` and `?` matching.
