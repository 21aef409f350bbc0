//! `StringEquals`, `StringLike` and their kin.

use crate::iam::condition::{Keys, Truth};
use crate::iam::policy::{Comparison, Text};
use crate::iam::template::{Reading, Template};

#[derive(Debug, Clone)]
pub(super) struct Strings {
    negated: bool,
    operands: Box<[Template]>,
}

impl Strings {
    pub(super) fn new(comparison: Comparison, values: &[Text], variables: bool) -> Self {
        let wildcards = matches!(comparison, Comparison::StringLike | Comparison::StringNotLike);
        let fold =
            matches!(comparison, Comparison::StringEqualsIgnoreCase | Comparison::StringNotEqualsIgnoreCase);
        let reading = Reading { variables, wildcards, fold };
        let operands = values.iter().map(|value| Template::new(value.as_str(), reading)).collect();
        Self { negated: comparison.is_negated(), operands }
    }

    pub(super) fn holds(&self, value: &str, keys: &Keys) -> Truth {
        Truth::any(self.operands.iter().map(|operand| operand.matches(value, keys))).negated_if(self.negated)
    }

    /// Every value is like `*`, and none like a variable that cannot be resolved.
    pub(super) fn holds_of_any_value(&self, keys: &Keys) -> Truth {
        Truth::any(self.operands.iter().map(|operand| operand.matches_any_text(keys)))
            .negated_if(self.negated)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().flat_map(Template::keys)
    }
}
