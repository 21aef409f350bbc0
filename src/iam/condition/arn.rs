//! `ArnEquals` and `ArnLike`, which AWS treats alike.

use crate::iam::condition::{Keys, Truth};
use crate::iam::policy::{Comparison, Text};
use crate::iam::template::{ArnTemplate, fields};

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
        let Some(found) = fields(value).filter(|fields| fields.first() == Some(&"arn")) else {
            return Truth::False;
        };
        let operands = self.operands.iter().flatten();
        let each = operands.map(|operand| operand.matches_fields(&found, value, keys));
        Truth::any(each).negated_if(self.negated)
    }

    /// Of the values that are no ARN neither polarity holds.
    pub(super) fn holds_of_any_value(&self, keys: &Keys) -> Truth {
        let operands = self.operands.iter().flatten();
        let of_arns =
            Truth::any(operands.map(|operand| operand.matches_any_arn(keys))).negated_if(self.negated);
        of_arns.min(Truth::Unknown)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().flatten().flat_map(ArnTemplate::keys)
    }
}
