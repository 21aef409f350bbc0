//! What a rule answers.

use crate::iam::lint::contract::doc::{Doc, Severity};
use crate::iam::policy::Position;

/// Something in a policy that should not be so.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Doc,
    /// How bad it is; at most as bad as the rule says.
    pub severity: Severity,
    /// Where in the text.
    pub at: Position,
    /// The statement it is in: its Sid, or its number from 1.
    pub statement: Option<String>,
    /// What is wrong, without a final period.
    pub message: String,
    /// How to mend it, without a final period.
    pub fix: String,
}

/// Gathers the findings of one rule.
#[derive(Debug)]
pub struct Findings {
    rule: &'static Doc,
    found: Vec<Finding>,
}

impl Findings {
    pub(crate) fn new(rule: &'static Doc) -> Self {
        Self { rule, found: Vec::new() }
    }

    /// Adds a finding as bad as the rule says.
    pub(crate) fn add(&mut self, at: Position, message: impl Into<String>, fix: impl Into<String>) {
        self.add_as(self.rule.severity, at, message, fix);
    }

    /// Adds a finding of another severity.
    pub(crate) fn add_as(
        &mut self,
        severity: Severity,
        at: Position,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (rule, message, fix) = (self.rule, message.into(), fix.into());
        self.found.push(Finding { rule, severity, at, statement: None, message, fix });
    }

    pub(crate) fn into_found(self) -> Vec<Finding> {
        self.found
    }
}
