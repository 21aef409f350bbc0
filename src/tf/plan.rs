//! What every resource's plan has in common, done from its schema.
//!
//! The order is that of Terraform's own Go framework: start from what Terraform
//! proposes, put in defaults, empty write-only values; only if something then
//! differs from before, computed values that nobody set become unknown.

use std::collections::BTreeMap;

use super::calls::{PlanRequest, PlanResponse};
use super::path::Path;
use super::schema::{Attribute, Block, BlockNesting, Content, Nested, NestedBlock, Nesting, Schema};
use super::value::Value;

/// Plans a change as the schema says. The resource then adjusts the result.
pub fn plan_change(schema: &Schema, request: &PlanRequest) -> PlanResponse {
    if request.is_destroy() {
        return PlanResponse::default();
    }
    let mut planned = request.proposed.clone();
    block(&schema.block, &mut planned, &request.config, &Value::Null, Step::Defaults);
    if planned != request.prior {
        block(&schema.block, &mut planned, &request.config, &request.prior, Step::Unknowns);
    }
    let mut requires_replace = Vec::new();
    if !request.prior.is_null() {
        replacements(&schema.block, &planned, &request.prior, &mut requires_replace);
    }
    PlanResponse { planned, requires_replace, ..PlanResponse::default() }
}

#[derive(Clone, Copy)]
enum Step {
    Defaults,
    Unknowns,
}

fn block(schema: &Block, planned: &mut Value, config: &Value, prior: &Value, step: Step) {
    attributes(&schema.attributes, planned, config, prior, step);
    let Value::Object(fields) = planned else { return };
    for (name, nested) in &schema.blocks {
        if let Some(planned) = fields.get_mut(name) {
            let each = |planned: &mut Value, config: &Value, prior: &Value| {
                block(&nested.block, planned, config, prior, step);
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
    step: Step,
) {
    let Value::Object(fields) = planned else { return };
    for (name, attribute) in schema {
        if let Some(planned) = fields.get_mut(name) {
            self::attribute(attribute, planned, field(config, name), field(prior, name), step);
        }
    }
}

fn attribute(schema: &Attribute, planned: &mut Value, config: &Value, prior: &Value, step: Step) {
    match (step, &schema.default) {
        _ if schema.traits.write_only => *planned = Value::Null,
        (Step::Defaults, Some(default)) if config.is_null() => *planned = default.clone(),
        (Step::Unknowns, None) if config.is_null() && schema.is_computed() => {
            let kept = schema.traits.keep_prior && !prior.is_null();
            *planned = if kept { prior.clone() } else { Value::UNKNOWN };
        }
        (Step::Defaults | Step::Unknowns, _) => {}
    }
    if let Content::Nested(nested) = &schema.content
        && !config.is_null()
    {
        let each = |planned: &mut Value, config: &Value, prior: &Value| {
            attributes(&nested.attributes, planned, config, prior, step);
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
    match (shape, planned) {
        (Shape::One, planned) => each(planned, config, prior),
        (Shape::Indexed, Value::List(elements)) => {
            for (index, planned) in elements.iter_mut().enumerate() {
                each(planned, element(config, index), element(prior, index));
            }
        }
        (Shape::Keyed, Value::Map(entries)) => {
            for (key, planned) in entries {
                each(planned, field(config, key), field(prior, key));
            }
        }
        // Elements of a set have no identity: what was before cannot be told.
        (Shape::Unordered, Value::Set(elements)) => {
            for planned in elements {
                let config = origin(planned, config).clone();
                each(planned, &config, &Value::Null);
            }
        }
        (Shape::Indexed | Shape::Keyed | Shape::Unordered, _) => {}
    }
}

/// The configured element that a proposed set element was made from: the one
/// that it repeats wherever that one says something.
fn origin<'a>(planned: &Value, config: &'a Value) -> &'a Value {
    let Value::Set(elements) = config else { return &NULL };
    let repeats = |config: &&Value| match (planned, config) {
        (Value::Object(planned), Value::Object(config)) => {
            config.iter().all(|(name, value)| value.is_null() || planned.get(name) == Some(value))
        }
        _ => false,
    };
    elements.iter().find(repeats).unwrap_or(&NULL)
}

fn replacements(schema: &Block, planned: &Value, prior: &Value, found: &mut Vec<Path>) {
    for (name, attribute) in &schema.attributes {
        replacement(attribute, (field(planned, name), field(prior, name)), &Path::attribute(name), found);
    }
    for (name, nested) in &schema.blocks {
        let forcing = nested.block.attributes.values().any(|attribute| attribute.traits.requires_replace);
        if forcing && field(planned, name) != field(prior, name) {
            block_replacements(
                nested,
                (field(planned, name), field(prior, name)),
                &Path::attribute(name),
                found,
            );
        }
    }
}

fn replacement(schema: &Attribute, (planned, prior): (&Value, &Value), path: &Path, found: &mut Vec<Path>) {
    if planned == prior {
        return;
    }
    if schema.traits.requires_replace {
        found.push(path.clone());
    } else if let Content::Nested(nested) = &schema.content
        && nested.nesting == Nesting::Single
    {
        for (name, attribute) in &nested.attributes {
            let path = path.clone().attr(name);
            replacement(attribute, (field(planned, name), field(prior, name)), &path, found);
        }
    }
}

/// A single block names the attribute; in a repeated one the whole block does,
/// because its elements may have moved.
fn block_replacements(
    nested: &NestedBlock,
    (planned, prior): (&Value, &Value),
    path: &Path,
    found: &mut Vec<Path>,
) {
    match shape_of_block(nested) {
        Shape::One => {
            for (name, attribute) in &nested.block.attributes {
                let path = path.clone().attr(name);
                replacement(attribute, (field(planned, name), field(prior, name)), &path, found);
            }
        }
        Shape::Indexed | Shape::Keyed | Shape::Unordered => found.push(path.clone()),
    }
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    if let Value::Object(fields) | Value::Map(fields) = value {
        return fields.get(name).unwrap_or(&NULL);
    }
    if value.is_unknown() { &UNKNOWN } else { &NULL }
}

fn element(value: &Value, index: usize) -> &Value {
    if let Value::List(elements) | Value::Tuple(elements) = value {
        return elements.get(index).unwrap_or(&NULL);
    }
    if value.is_unknown() { &UNKNOWN } else { &NULL }
}

static NULL: Value = Value::Null;
static UNKNOWN: Value = Value::UNKNOWN;

#[cfg(test)]
mod tests;
