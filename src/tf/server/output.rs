//! The check of everything that leaves.

use crate::tf::conform::{conform, settle};
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;
use crate::tf::schema::Schema;
use crate::tf::value::Value;
use crate::tf::wire::tfplugin6::DynamicValue;
use crate::tf::wire::to_proto;

use super::catalogue::Shape;

/// How finished a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Unknown values are allowed.
    Planned,
    /// Everything is known.
    Final,
    /// The operation failed midway: what is still unknown is null, and nobody is to blame.
    Partial,
}

impl Stage {
    /// The stage of an object that came with these diagnostics.
    pub(super) fn of(diagnostics: &Diagnostics) -> Self {
        if diagnostics.has_errors() { Self::Partial } else { Self::Final }
    }
}

/// The message for a whole object. What does not fit becomes null with a
/// diagnostic, so that an object that exists is never lost for one bad attribute.
pub(super) fn object(
    mut value: Value,
    shape: &Shape,
    stage: Stage,
    notes: &mut Diagnostics,
) -> Option<DynamicValue> {
    shape.schema.block.fill(&mut value);
    let (mut value, problems) = conform(value, &shape.ty);
    for problem in problems {
        notes.push(Diagnostic::bug(place(&problem.path, &problem.text)).at(problem.path));
    }
    withhold(&mut value, &shape.schema, notes);
    if stage != Stage::Planned {
        let mut unknown = Vec::new();
        settle(&mut value, &Path::root(), &mut unknown);
        let blamed = unknown.into_iter().filter(|_| stage == Stage::Final);
        notes.extend(blamed.map(|path| Diagnostic::bug(place(&path, "the value is still unknown")).at(path)));
    }
    match to_proto::value(&value, &shape.ty) {
        Ok(message) => Some(message),
        Err(error) => {
            notes.push(error.into());
            None
        }
    }
}

fn place(path: &Path, problem: &str) -> String {
    if path.is_root() {
        format!("The provider returned an object that is wrong: {problem}")
    } else {
        format!("The provider returned a wrong value for `{path}`: {problem}")
    }
}

/// Empties write-only attributes, and reports where there was a value. Terraform
/// would drop the whole object from the state.
fn withhold(value: &mut Value, schema: &Schema, notes: &mut Diagnostics) {
    for path in schema.block.write_only_paths(value) {
        let problem = match value.replace(&path, Value::Null) {
            Some(found) if found.is_null() => continue,
            Some(_) => "a write-only value was to be stored",
            None => "a write-only value could not be withheld",
        };
        notes.push(Diagnostic::bug(place(&path, problem)).at(path));
    }
}
