//! A policy as it was given and as the evaluator judges it: read once, kept
//! together.

use std::sync::Arc;

use crate::iam::PolicyKind;
use crate::iam::evaluate::Compiled;

/// The text of a policy and its compiled form. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    text: Arc<str>,
    compiled: Compiled,
}

impl Policy {
    /// Reads a policy of a kind; the error is the parser's sentence.
    pub(crate) fn parse(text: &str, kind: PolicyKind) -> Result<Self, String> {
        let document = crate::iam::parse(text, kind).map_err(|error| error.to_string())?;
        Ok(Self { text: Arc::from(text), compiled: Compiled::new(&document) })
    }

    /// The text, as it is shown to callers.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The policy, ready to be judged.
    pub(crate) fn compiled(&self) -> Compiled {
        self.compiled.clone()
    }
}
