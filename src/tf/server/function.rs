//! `CallFunction`. There are no diagnostics here: a failure is one text, and
//! perhaps the argument it is about.

use super::Server;
use crate::tf::conform::conform;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::function::FunctionError;
use crate::tf::traits::Provider;
use crate::tf::wire::tfplugin6::{DynamicValue, call_function};
use crate::tf::wire::{from_proto, to_proto};

pub(super) fn call<P: Provider>(
    server: &Server<P>,
    request: &call_function::Request,
) -> call_function::Response {
    match result(server, request) {
        Ok(result) => call_function::Response { result: Some(result), error: None },
        Err(error) => failed(error),
    }
}

/// A response that says only what went wrong.
pub(super) fn failed(error: FunctionError) -> call_function::Response {
    call_function::Response { result: None, error: Some(to_proto::function_error(error)) }
}

/// The text of a panic, which is caught outside.
pub(super) fn panicked(diagnostics: Diagnostics) -> call_function::Response {
    let texts: Vec<String> = diagnostics.into_iter().map(|diagnostic| diagnostic.detail).collect();
    failed(FunctionError::new(texts.join(" ")))
}

fn result<P: Provider>(
    server: &Server<P>,
    request: &call_function::Request,
) -> Result<DynamicValue, FunctionError> {
    let (function, signature) =
        server.catalogue().functions.get(request.name.as_str()).ok_or_else(|| {
            FunctionError::new(format!("This provider has no function `{}`.", request.name))
        })?;
    let mut arguments = Vec::with_capacity(request.arguments.len());
    for (position, argument) in request.arguments.iter().enumerate() {
        let parameter = signature.parameter_at(position).ok_or_else(|| {
            FunctionError::new("There are more arguments than parameters.").argument(position)
        })?;
        let value = from_proto::value(Some(argument), &parameter.ty)
            .map_err(|error| FunctionError::new(error.to_string()).argument(position))?;
        arguments.push(value);
    }
    if arguments.len() < signature.parameters.len() {
        return Err(FunctionError::new("There are fewer arguments than parameters."));
    }
    let (value, problems) = conform(function.call(&arguments)?, &signature.returns);
    match problems.first() {
        None => Ok(to_proto::value(&value, &signature.returns)?),
        Some(problem) => Err(FunctionError::new(format!(
            "The result does not have the declared type: {}. This is a bug in the provider, please report it.",
            problem.text
        ))),
    }
}
