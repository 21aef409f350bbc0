//! Whether two policies say the same.

use crate::iam::policy::Document;

/// Whether two policies say the same, however they are written.
pub fn equivalent(a: &Document, b: &Document) -> bool {
    a == b
}
