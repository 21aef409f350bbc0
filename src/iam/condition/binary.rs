//! `BinaryEquals`: base64 text, compared byte by byte and case by case.

use crate::iam::condition::Truth;
use crate::iam::policy::Text;

#[derive(Debug, Clone)]
pub(super) struct Binaries {
    operands: Box<[Box<str>]>,
}

impl Binaries {
    pub(super) fn new(values: &[Text]) -> Self {
        Self { operands: values.iter().map(|value| value.as_str().into()).collect() }
    }

    pub(super) fn holds_of_any_value(&self) -> Truth {
        if self.operands.is_empty() { Truth::False } else { Truth::Unknown }
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        self.operands.iter().any(|operand| **operand == *value)
    }
}
