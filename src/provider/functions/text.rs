//! Arguments that are policies.

use crate::iam;
use crate::iam::policy::Document;
use crate::tf::Field;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::function::FunctionError;
use crate::tf::function::Parameter;

/// A parameter for a policy's text.
pub(super) fn policy(name: &str, description: &str) -> Parameter {
    Parameter::new(name, Type::String, description)
}

/// The text of the argument at a position, counted from 0.
pub(super) fn text(arguments: &[Value], position: usize) -> Result<&str, FunctionError> {
    let argument = arguments.get(position);
    let text = argument.map(|value| value.as_str().map_err(FunctionError::from)).transpose()?;
    let known = text.and_then(Field::known);
    known.ok_or_else(|| FunctionError::new("the argument is missing").argument(position))
}

/// The policy of the argument at a position, of whatever kind.
pub(super) fn document(arguments: &[Value], position: usize) -> Result<Document, FunctionError> {
    iam::parse::any(text(arguments, position)?)
        .map_err(|error| FunctionError::new(format!("the text is not a policy: {error}")).argument(position))
}
