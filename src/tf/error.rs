//! What can go wrong in this room, grouped by whose fault it is: what came in,
//! the machine, or the provider that was written over it.

use super::path::{Path, Step};

/// A failure of the protocol layer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What came in is not what the protocol or the schema says.
    #[error("{0}")]
    Input(InputError),
    /// The provider asked a value for what its own schema does not have.
    #[error("{0}; this is a bug in the provider, please report it")]
    Bug(BugError),
    /// Somebody started the program who is no host of providers.
    #[error(
        "This program is a Terraform provider. Terraform starts it; on its own it does nothing.\n\
         Require it in a configuration and run `terraform init` there, or start it with `--debug`\n\
         and attach Terraform to it."
    )]
    NotStartedByTerraform,
    /// The host's range of ports makes no sense.
    #[error("`{variable}` is `{found}`, which is no port number up to `PLUGIN_MAX_PORT`")]
    Port {
        /// The variable in the environment.
        variable: &'static str,
        /// What it holds.
        found: String,
    },
    /// The plugin could not be started.
    #[error("{problem}")]
    Start {
        /// What was attempted, and where.
        problem: String,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Malformed input and the place where it was found.
#[derive(Debug, thiserror::Error)]
#[error("{}{problem}", place(.path))]
pub struct InputError {
    path: Path,
    problem: String,
}

/// A contradiction between a provider and its own schema.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct BugError {
    problem: String,
}

impl Error {
    pub(crate) fn input(path: Path, problem: impl Into<String>) -> Self {
        Self::Input(InputError { path, problem: problem.into() })
    }

    /// The same fault seen from one level further out.
    pub(crate) fn within(self, step: Step) -> Self {
        match self {
            Self::Input(InputError { path, problem }) => Self::input(path.within(step), problem),
            Self::Bug(_) | Self::NotStartedByTerraform | Self::Port { .. } | Self::Start { .. } => self,
        }
    }

    pub(crate) fn number(found: impl Into<String>) -> Self {
        Self::input(Path::root(), format!("`{}` is not a finite decimal number", found.into()))
    }

    pub(crate) fn not_whole(found: impl Into<String>) -> Self {
        let found = found.into();
        let size = if found.contains('.') { "" } else { " of 64 bits" };
        Self::input(Path::root(), format!("`{found}` is not a whole number{size}"))
    }

    pub(crate) fn ty(problem: impl Into<String>) -> Self {
        Self::input(Path::root(), format!("malformed type: {}", problem.into()))
    }

    pub(crate) fn no_attribute(name: &str) -> Self {
        Self::Bug(BugError { problem: format!("the schema has no attribute `{name}` here") })
    }

    pub(crate) fn wrong_kind(expected: &str, found: &str) -> Self {
        Self::Bug(BugError { problem: format!("a {expected} was expected where there is a {found}") })
    }

    pub(crate) fn port(variable: &'static str, found: &str) -> Self {
        Self::Port { variable, found: found.to_owned() }
    }

    /// Says what was attempted, for `map_err`.
    pub(crate) fn start<E>(problem: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let problem = problem.into();
        move |source| Self::Start { problem, source: source.into() }
    }

    /// The place in the input that is at fault; the root when it is not known.
    pub fn path(&self) -> Path {
        match self {
            Self::Input(error) => error.path.clone(),
            Self::Bug(_) | Self::NotStartedByTerraform | Self::Port { .. } | Self::Start { .. } => {
                Path::root()
            }
        }
    }
}

fn place(path: &Path) -> String {
    if path.is_root() { String::new() } else { format!("at `{path}`: ") }
}
