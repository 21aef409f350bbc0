//! A policy made ready to be judged many times.

use std::sync::Arc;

use crate::iam::policy::{Document, Statement};

/// A policy compiled into matchers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(super) statements: Arc<[Statement]>,
}

impl Compiled {
    /// Compiles a policy. Never fails: what cannot match never matches.
    pub fn new(document: &Document) -> Self {
        Self { statements: document.statements.clone().into() }
    }
}

impl From<&Document> for Compiled {
    fn from(document: &Document) -> Self {
        Self::new(document)
    }
}

impl From<Document> for Compiled {
    fn from(document: Document) -> Self {
        Self::new(&document)
    }
}
