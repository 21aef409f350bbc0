//! What every resource's plan has in common, done from its schema.
//!
//! The order is that of Terraform's own Go framework: start from what Terraform
//! proposes, put in defaults, empty write-only values; only if something then
//! differs from before, computed values that nobody set become unknown.
//!
//! INVARIANT: values are filled in beside the proposed ones, from which alone it
//! can be told what of a set was configured.

mod pairing;
mod replacement;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::calls::{PlanRequest, PlanResponse};
use super::schema::{Attribute, Block, BlockNesting, Content, Nested, NestedBlock, Nesting, Schema};
use super::value::Value;

/// Plans a change as the schema says. The resource then adjusts the result.
pub fn plan_change(schema: &Schema, request: &PlanRequest) -> PlanResponse {
    if request.is_destroy() {
        return PlanResponse::default();
    }
    let filled = |extent| {
        let mut planned = request.proposed.clone();
        block(&schema.block, &mut planned, &request.config, &request.prior, extent);
        planned
    };
    let mut planned = filled(Extent::Defaults);
    if planned != request.prior {
        planned = filled(Extent::DefaultsAndUnknowns);
    }
    let requires_replace = if request.prior.is_null() {
        Vec::new()
    } else {
        replacement::replacements(&schema.block, &planned, &request.prior)
    };
    PlanResponse { planned, requires_replace, ..PlanResponse::default() }
}

/// What is filled in.
#[derive(Clone, Copy)]
enum Extent {
    Defaults,
    DefaultsAndUnknowns,
}

fn block(schema: &Block, planned: &mut Value, config: &Value, prior: &Value, extent: Extent) {
    attributes(&schema.attributes, planned, config, prior, extent);
    let Value::Object(fields) = planned else { return };
    for (name, nested) in &schema.blocks {
        if let Some(planned) = fields.get_mut(name) {
            let each = |planned: &mut Value, config: &Value, prior: &Value| {
                block(&nested.block, planned, config, prior, extent);
            };
            repeat(shape_of_block(nested), planned, field(config, name), field(prior, name), &each);
        }
    }
}

fn attributes(
    schema: &BTreeMap<String, Attribute>,
    planned: &mut Value,
    config: &Value,
    prior: &Value,
    extent: Extent,
) {
    let Value::Object(fields) = planned else { return };
    for (name, attribute) in schema {
        if let Some(planned) = fields.get_mut(name) {
            self::attribute(attribute, planned, field(config, name), field(prior, name), extent);
        }
    }
}

fn attribute(schema: &Attribute, planned: &mut Value, config: &Value, prior: &Value, extent: Extent) {
    match (extent, &schema.default) {
        _ if schema.traits.write_only => *planned = Value::Null,
        (_, Some(default)) if config.is_null() => *planned = default.clone(),
        (Extent::DefaultsAndUnknowns, None) if config.is_null() && schema.is_computed() => {
            let kept = schema.traits.keep_prior && !prior.is_null();
            *planned = if kept { prior.clone() } else { Value::UNKNOWN };
        }
        (Extent::Defaults | Extent::DefaultsAndUnknowns, _) => {}
    }
    if let Content::Nested(nested) = &schema.content
        && !config.is_null()
    {
        let each = |planned: &mut Value, config: &Value, prior: &Value| {
            attributes(&nested.attributes, planned, config, prior, extent);
        };
        repeat(shape_of(nested), planned, config, prior, &each);
    }
}

#[derive(Clone, Copy)]
enum Shape {
    One,
    Indexed,
    Keyed,
    Unordered,
}

fn shape_of(nested: &Nested) -> Shape {
    match nested.nesting {
        Nesting::Single => Shape::One,
        Nesting::List => Shape::Indexed,
        Nesting::Map => Shape::Keyed,
        Nesting::Set => Shape::Unordered,
    }
}

fn shape_of_block(nested: &NestedBlock) -> Shape {
    match nested.nesting {
        BlockNesting::Single | BlockNesting::Group => Shape::One,
        BlockNesting::List { .. } => Shape::Indexed,
        BlockNesting::Map => Shape::Keyed,
        BlockNesting::Set { .. } => Shape::Unordered,
    }
}

type Each<'a> = dyn Fn(&mut Value, &Value, &Value) + 'a;

/// Calls `each` for every planned object with the configured and the prior one that belong to it.
fn repeat(shape: Shape, planned: &mut Value, config: &Value, prior: &Value, each: &Each<'_>) {
    match (shape, planned.inner_mut()) {
        (Shape::One, planned) => each(planned, config, prior),
        (Shape::Indexed, Value::List(elements) | Value::Tuple(elements)) => {
            for (index, planned) in elements.iter_mut().enumerate() {
                each(planned, element(config, index), element(prior, index));
            }
        }
        (Shape::Keyed, Value::Map(entries) | Value::Object(entries)) => {
            for (key, planned) in entries {
                each(planned, field(config, key), field(prior, key));
            }
        }
        // Elements of a set have no identity: what was before cannot be told.
        (Shape::Unordered, Value::Set(elements)) => {
            let mut pairs = pairing::pair(std::mem::take(elements), config);
            for (planned, config) in &mut pairs {
                each(planned, config, &Value::Null);
            }
            *elements = pairs.into_iter().map(|(planned, _)| planned).collect();
        }
        (Shape::Indexed | Shape::Keyed | Shape::Unordered, _) => {}
    }
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    entries(value).map_or_else(|| nothing(value), |entries| entries.get(name).unwrap_or(&NULL))
}

fn element(value: &Value, index: usize) -> &Value {
    elements(value).map_or_else(|| nothing(value), |elements| elements.get(index).unwrap_or(&NULL))
}

fn length(value: &Value) -> usize {
    elements(value).map_or(0, <[Value]>::len)
}

fn entries(value: &Value) -> Option<&BTreeMap<String, Value>> {
    if let Value::Object(entries) | Value::Map(entries) = value.inner() { Some(entries) } else { None }
}

fn elements(value: &Value) -> Option<&[Value]> {
    if let Value::List(elements) | Value::Tuple(elements) = value.inner() { Some(elements) } else { None }
}

/// What is inside a value that has no parts.
fn nothing(value: &Value) -> &'static Value {
    if value.is_unknown() { &UNKNOWN } else { &NULL }
}

static NULL: Value = Value::Null;
static UNKNOWN: Value = Value::UNKNOWN;
