//! How a command ends: the one place that decides exit codes.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing to complain about: 0.
    Success,
    /// Something was found that should not be: 1.
    Findings,
    /// The arguments were wrong, and the reader was told so: 2.
    Misuse,
    /// A command that was run for the reader ended with this code.
    Passed(u8),
}

/// Why a command could not do its work: 2.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    advice: Option<String>,
}

impl Failure {
    /// A failure in the reader's language, without a final period.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), advice: None }
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// What can be done about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The error with everything that led to it, outermost first.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            // Some errors tell their cause themselves.
            let told = cause.to_string();
            if !message.ends_with(&told) {
                message = format!("{message}: {told}");
            }
            source = cause.source();
        }
        Self::new(message)
    }
}

/// The exit code of a command that ended so.
pub(crate) fn code(ended: &Result<Outcome, Failure>) -> ExitCode {
    match *ended {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(FINDINGS),
        Ok(Outcome::Passed(code)) => ExitCode::from(code),
        Ok(Outcome::Misuse) | Err(_) => ExitCode::from(FAILURE),
    }
}

const FINDINGS: u8 = 1;
const FAILURE: u8 = 2;

#[cfg(test)]
mod tests {
    use std::io;

    use super::Failure;

    #[derive(Debug, thiserror::Error)]
    #[error("`policies` could not be written")]
    struct Outer(#[source] io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("`policies` could not be written: {0}")]
    struct Telling(#[source] io::Error);

    #[test]
    fn a_cause_that_the_error_tells_is_not_told_twice() {
        let failure = Failure::from(Telling(io::Error::other("disk full")));
        assert_eq!(failure.to_string(), "`policies` could not be written: disk full");
    }

    #[test]
    fn a_failure_tells_the_whole_chain() {
        let failure = Failure::from(Outer(io::Error::other("disk full")));
        assert_eq!(failure.to_string(), "`policies` could not be written: disk full");
    }
}
