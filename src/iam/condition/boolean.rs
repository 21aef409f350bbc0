//! `Bool`: `true` in any letter case, and everything else is false (recorded
//! answer of AWS).

use crate::iam::condition::Truth;
use crate::iam::policy::Text;

#[derive(Debug, Clone)]
pub(super) struct Bools {
    operands: Box<[bool]>,
}

impl Bools {
    pub(super) fn new(values: &[Text]) -> Self {
        Self { operands: values.iter().map(|value| truth(value.as_str())).collect() }
    }

    /// There are two values.
    pub(super) fn holds_of_any_value(&self) -> Truth {
        Truth::from(self.operands.contains(&true)).whichever(self.operands.contains(&false).into())
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        self.operands.contains(&truth(value))
    }
}

fn truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}
