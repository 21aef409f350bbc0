//! The types of this room, as messages to the host.

use std::collections::BTreeMap;

use super::msgpack;
use super::tfplugin6::attribute_path::step::Selector;
use super::tfplugin6::schema::nested_block::NestingMode as BlockMode;
use super::tfplugin6::schema::object::NestingMode as ObjectMode;
use super::tfplugin6::{self as proto, StringKind};
use crate::tf::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::tf::error::Error;
use crate::tf::function::{FunctionError, Parameter, Signature};
use crate::tf::path::{Path, Step};
use crate::tf::schema::{
    Attribute, Block, BlockNesting, Content, Mode, Nested, NestedBlock, Nesting, Schema,
};
use crate::tf::value::{Type, Value};

/// A value of `ty`, which it must fit.
pub(crate) fn value(value: &Value, ty: &Type) -> Result<proto::DynamicValue, Error> {
    Ok(proto::DynamicValue { msgpack: msgpack::encode(value, ty)?, json: Vec::new() })
}

/// Diagnostics in order.
pub(crate) fn diagnostics(all: Diagnostics) -> Vec<proto::Diagnostic> {
    all.into_iter().map(diagnostic).collect()
}

/// The path of an attribute.
pub(crate) fn path(path: &Path) -> proto::AttributePath {
    let selector = |step: &Step| match step {
        Step::Attribute(name) => Selector::AttributeName(name.clone()),
        Step::Key(key) => Selector::ElementKeyString(key.clone()),
        Step::Index(index) => Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
    };
    let step = |step| proto::attribute_path::Step { selector: Some(selector(step)) };
    proto::AttributePath { steps: path.steps().iter().map(step).collect() }
}

/// A schema.
pub(crate) fn schema(schema: &Schema) -> proto::Schema {
    proto::Schema { version: i64::from(schema.version), block: Some(block(&schema.block)) }
}

/// The declaration of a function.
pub(crate) fn function(signature: &Signature) -> proto::Function {
    proto::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(proto::function::Return { r#type: signature.returns.to_json() }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecation_message: signature.deprecated.clone().unwrap_or_default(),
    }
}

/// The failure of a function.
pub(crate) fn function_error(error: FunctionError) -> proto::FunctionError {
    let function_argument = error.argument.and_then(|position| i64::try_from(position).ok());
    proto::FunctionError { text: error.text, function_argument }
}

fn diagnostic(from: Diagnostic) -> proto::Diagnostic {
    let severity = match from.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity.into(),
        summary: from.summary,
        detail: from.detail,
        attribute: from.path.as_ref().map(path),
    }
}

fn block(from: &Block) -> proto::schema::Block {
    proto::schema::Block {
        version: 0,
        attributes: attributes(&from.attributes),
        block_types: from.blocks.iter().map(|(name, nested)| nested_block(name, nested)).collect(),
        description: from.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecated: from.deprecated.is_some(),
        deprecation_message: from.deprecated.clone().unwrap_or_default(),
        computed: false,
    }
}

fn nested_block(name: &str, from: &NestedBlock) -> proto::schema::NestedBlock {
    let (nesting, min, max) = match from.nesting {
        BlockNesting::Single => (BlockMode::Single, 0, 0),
        BlockNesting::Group => (BlockMode::Group, 0, 0),
        BlockNesting::List { min, max } => (BlockMode::List, min, max),
        BlockNesting::Set { min, max } => (BlockMode::Set, min, max),
        BlockNesting::Map => (BlockMode::Map, 0, 0),
    };
    proto::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block(&from.block)),
        nesting: nesting.into(),
        min_items: i64::from(min),
        max_items: i64::from(max),
    }
}

fn attributes(from: &BTreeMap<String, Attribute>) -> Vec<proto::schema::Attribute> {
    from.iter().map(|(name, from)| attribute(name, from)).collect()
}

fn attribute(name: &str, from: &Attribute) -> proto::schema::Attribute {
    let (ty, nested) = match &from.content {
        Content::Type(ty) => (ty.to_json(), None),
        Content::Nested(nested) => (Vec::new(), Some(object(nested))),
    };
    proto::schema::Attribute {
        name: name.to_owned(),
        r#type: ty,
        nested_type: nested,
        description: from.description.clone(),
        required: from.mode == Mode::Required,
        optional: matches!(from.mode, Mode::Optional | Mode::OptionalComputed),
        computed: from.is_computed(),
        sensitive: from.traits.sensitive,
        description_kind: StringKind::Markdown.into(),
        deprecated: from.deprecated.is_some(),
        write_only: from.traits.write_only,
        deprecation_message: from.deprecated.clone().unwrap_or_default(),
    }
}

fn object(from: &Nested) -> proto::schema::Object {
    let nesting = match from.nesting {
        Nesting::Single => ObjectMode::Single,
        Nesting::List => ObjectMode::List,
        Nesting::Set => ObjectMode::Set,
        Nesting::Map => ObjectMode::Map,
    };
    proto::schema::Object {
        attributes: attributes(&from.attributes),
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn parameter(from: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: from.name.clone(),
        r#type: from.ty.to_json(),
        allow_null_value: from.allow_null,
        allow_unknown_values: from.allow_unknown,
        description: from.description.clone(),
        description_kind: StringKind::Markdown.into(),
    }
}
