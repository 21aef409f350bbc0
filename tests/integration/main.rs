//! Tests of whole rooms through their front doors, one binary for all.

#![expect(missing_docs, reason = "tests")]

mod tf;
