//! Messages from the host, as the types of this room.

use super::tfplugin6::{DynamicValue, RawState as WireState};
use super::{json, msgpack};
use crate::tf::calls::RawState;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::error::Error;
use crate::tf::value::{Type, Value};

/// A value of `ty`. An absent or empty message is null.
pub(crate) fn value(from: Option<&DynamicValue>, ty: &Type) -> Result<Value, Error> {
    match from {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, ty),
        Some(value) if !value.json.is_empty() => json::decode(&value.json, ty),
        _ => Ok(Value::Null),
    }
}

/// A stored state. Terraform before 0.12 stored flat maps; no provider of this
/// protocol can have written one.
pub(crate) fn state(from: Option<WireState>) -> Result<RawState, Diagnostic> {
    match from {
        Some(state) if !state.json.is_empty() => Ok(RawState::new(state.json)),
        Some(state) if !state.flatmap.is_empty() => Err(Diagnostic::error(
            "State too old",
            "The state was written by Terraform 0.11 or older. Bring it up to date with Terraform 0.13 first.",
        )),
        _ => Ok(RawState::new("null")),
    }
}
