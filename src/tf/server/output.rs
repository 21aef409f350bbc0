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
        let blamed = settle(&mut value).into_iter().filter(|_| stage == Stage::Final);
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

#[cfg(test)]
mod tests {
    use super::{Shape, Stage, object};
    use crate::tf::diagnostics::Diagnostics;
    use crate::tf::schema::{Attribute, Block, NestedBlock, Schema};
    use crate::tf::value::{Type, Value};
    use crate::tf::wire::from_proto;

    #[test]
    fn a_write_only_value_does_not_leave_in_a_block_whose_type_is_open_either() {
        let rule = Block::new("")
            .attribute("any", Attribute::optional(Type::Dynamic))
            .attribute("secret", Attribute::optional(Type::String).write_only());
        let shape = Shape::of(Schema::new(Block::new("").nested("rule", NestedBlock::list(rule))));
        let ty = Type::Tuple(vec![Type::object([("any", Type::Bool), ("secret", Type::String)])]);
        let with = |secret: Value| {
            let rule = Value::object([("any", true.into()), ("secret", secret)]);
            let rules = Value::Dynamic(ty.clone(), Box::new(Value::Tuple(vec![rule])));
            Value::object([("rule", rules)])
        };
        let mut notes = Diagnostics::new();
        let sent = object(with("hunter2".into()), &shape, Stage::Final, &mut notes);
        assert_eq!(from_proto::value(sent.as_ref(), &shape.ty).unwrap(), with(Value::Null));
        let told: Vec<&str> = notes.iter().map(|note| note.detail.as_str()).collect();
        assert_eq!(
            told,
            [
                "The provider returned a wrong value for `rule[0].secret`: a write-only value was to be stored. This is a bug in the provider, please report it."
            ]
        );
    }
}
