//! `BinaryEquals`: base64 text, compared byte by byte and case by case.

use crate::iam::policy::Text;

#[derive(Debug, Clone)]
pub(super) struct Binaries {
    operands: Box<[Box<str>]>,
}

impl Binaries {
    pub(super) fn new(values: &[Text]) -> Self {
        Self { operands: values.iter().map(|value| value.as_str().into()).collect() }
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        self.operands.iter().any(|operand| **operand == *value)
    }
}
