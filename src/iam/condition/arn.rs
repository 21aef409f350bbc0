//! `ArnEquals` and `ArnLike`, which AWS treats alike.

use crate::iam::condition::{Keys, Truth};
use crate::iam::policy::{Comparison, Text};
use crate::iam::template::ArnTemplate;

#[derive(Debug, Clone)]
pub(super) struct Arns {
    negated: bool,
    /// `None` for an operand that is no ARN: it matches nothing.
    operands: Box<[Option<ArnTemplate>]>,
}

impl Arns {
    pub(super) fn new(comparison: Comparison, values: &[Text], variables: bool) -> Self {
        let operands = values.iter().map(|value| ArnTemplate::new(value.as_str(), variables)).collect();
        Self { negated: comparison.is_negated(), operands }
    }

    /// A request value that is no ARN satisfies neither polarity (recorded
    /// answer of AWS).
    pub(super) fn holds(&self, value: &str, keys: &Keys) -> Truth {
        if !value.starts_with("arn:") || value.splitn(6, ':').count() < 6 {
            return Truth::False;
        }
        let each = self.operands.iter().flatten().filter_map(|operand| operand.matches(value, keys));
        Truth::any(each).negated_if(self.negated)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().flatten().flat_map(ArnTemplate::keys)
    }
}
