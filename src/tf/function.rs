//! Functions: what one takes and returns, and how it fails.

use super::error::Error;
use super::value::{Type, Value};

/// A function, `provider::<provider>::<name>`. It must be pure: Terraform
/// calls it at validate, plan and apply and compares the results.
pub trait Function: Send + Sync {
    /// The name, an identifier of the configuration language.
    fn name(&self) -> &'static str;

    /// Parameters and result.
    fn signature(&self) -> Signature;

    /// Calls it; variadic arguments follow the others.
    ///
    /// # Errors
    /// What the user shall read, and about which argument.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// Parameters, result and documentation of a function.
#[derive(Debug, Clone)]
pub struct Signature {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) variadic: Option<Parameter>,
    pub(crate) returns: Type,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) deprecated: Option<String>,
}

impl Signature {
    /// A function without parameters.
    pub fn new(returns: Type, summary: impl Into<String>) -> Self {
        Self {
            parameters: Vec::new(),
            variadic: None,
            returns,
            summary: summary.into(),
            description: String::new(),
            deprecated: None,
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Any number of arguments may follow the others.
    #[must_use]
    pub fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// The description in Markdown.
    #[must_use]
    pub fn describe(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Marks the function as deprecated; the message says what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecated = Some(message.into());
        self
    }

    /// The parameters in order, without the variadic one.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter that stands for all further arguments.
    pub fn variadic_parameter(&self) -> Option<&Parameter> {
        self.variadic.as_ref()
    }

    /// The type of the result.
    pub fn returns(&self) -> &Type {
        &self.returns
    }

    /// One line about the function.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The description in Markdown.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The rules that Terraform checks: names are identifiers, no two alike.
    pub(crate) fn broken_laws(&self, name: &str) -> Vec<String> {
        let names: Vec<&str> = self.parameters.iter().chain(&self.variadic).map(Parameter::name).collect();
        let twice =
            |(position, name): &(usize, &&str)| names.iter().take(*position).any(|other| other == *name);
        let illegal = names.iter().chain([&name]).filter(|name| !is_identifier(name));
        illegal
            .map(|name| format!("`{name}` is not an identifier"))
            .chain(
                names
                    .iter()
                    .enumerate()
                    .filter(twice)
                    .map(|(_, name)| format!("two parameters are called `{name}`")),
            )
            .collect()
    }

    /// The parameter at a position, counted from 0, variadic ones included.
    pub(crate) fn parameter_at(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
}

/// One parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) description: String,
    pub(crate) allow_null: bool,
    pub(crate) allow_unknown: bool,
}

impl Parameter {
    /// A parameter that takes known values that are not null.
    pub fn new(name: impl Into<String>, ty: Type, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ty,
            description: description.into(),
            allow_null: false,
            allow_unknown: false,
        }
    }

    /// Lets null through; otherwise Terraform refuses it.
    #[must_use]
    pub fn allow_null(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// Lets unknown values through; otherwise Terraform does not call and takes the result as unknown.
    #[must_use]
    pub fn allow_unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The description in Markdown.
    pub fn description(&self) -> &str {
        &self.description
    }
}

/// Why a function has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What the user shall read.
    pub text: String,
    /// The argument at fault, counted from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error about the whole call.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }

    /// The same about one argument, counted from 0.
    #[must_use]
    pub fn argument(mut self, position: usize) -> Self {
        self.argument = Some(position);
        self
    }
}

impl From<Error> for FunctionError {
    fn from(error: Error) -> Self {
        Self::new(error.to_string())
    }
}
