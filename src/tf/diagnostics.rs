//! Errors and warnings as Terraform shows them, with the attribute they are about.

use super::error::Error;
use super::path::Path;

/// One error or warning.
///
/// The summary is a title without a period; the detail says what was found,
/// what is required and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the operation stops.
    pub severity: Severity,
    /// A title without a period.
    pub summary: String,
    /// What was found, what is required, how to fix it.
    pub detail: String,
    /// The attribute at fault; `None` marks the whole block.
    pub path: Option<Path>,
}

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Shown, and the operation goes on.
    Warning,
    /// Shown, and the operation stops for this object.
    Error,
}

impl Diagnostic {
    /// An error about the whole block.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Error, summary: summary.into(), detail: detail.into(), path: None }
    }

    /// A warning about the whole block.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// The same about the value at `path`.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.path = if path.is_root() { None } else { Some(path) };
        self
    }

    pub(crate) fn bug(detail: impl std::fmt::Display) -> Self {
        Self::error(BUG, format!("{detail}. This is a bug in the provider, please report it."))
    }
}

/// An error of the framework is shown with the place it names.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let summary = match &error {
            Error::Input(_) => "Invalid value",
            Error::Bug(_) => BUG,
            Error::NotStartedByTerraform | Error::Port { .. } | Error::Start { .. } => "Plugin failure",
        };
        Self::error(summary, error.to_string()).at(error.path())
    }
}

/// Diagnostics in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No diagnostics.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Keeps the value of a success; adds the diagnostics of a failure.
    pub fn absorb<T, D: Into<Self>>(&mut self, result: Result<T, D>) -> Option<T> {
        result.map_err(|diagnostics| self.extend(diagnostics.into())).ok()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl From<Error> for Diagnostics {
    fn from(error: Error) -> Self {
        Diagnostic::from(error).into()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

const BUG: &str = "Bug in the provider";
