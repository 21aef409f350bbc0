//! Going through a value beside its schema: nested blocks that are absent,
//! and attributes that must not be stored.

use std::collections::BTreeMap;

use super::{Attribute, Block, BlockNesting, Content, NestedBlock};
use crate::tf::path::Path;
use crate::tf::value::{Type, Value};

impl Block {
    /// Makes absent nested blocks what Terraform takes them for: repeated ones
    /// are empty and never null, a group is an object of nulls.
    pub(crate) fn fill(&self, value: &mut Value) {
        let Value::Object(fields) = value else { return };
        for (name, nested) in &self.blocks {
            let blocks = fields.entry(name.clone()).or_default();
            if blocks.is_null() {
                *blocks = nested.absent();
            }
            for one in occurrences_mut(blocks) {
                nested.block.fill(one);
            }
        }
    }

    /// Where `value`, an object of this block, has its write-only attributes.
    /// Sets hold none: a law forbids it.
    pub(crate) fn write_only_paths(&self, value: &Value) -> Vec<Path> {
        let mut found = Vec::new();
        self.find_write_only(value, &Path::root(), &mut found);
        found
    }

    fn find_write_only(&self, value: &Value, path: &Path, found: &mut Vec<Path>) {
        find_write_only(&self.attributes, value, path, found);
        let Value::Object(fields) = value else { return };
        for (name, nested) in &self.blocks {
            let Some(inside) = fields.get(name) else { continue };
            for (path, one) in occurrences(inside, path.clone().attr(name)) {
                nested.block.find_write_only(one, &path, found);
            }
        }
    }
}

impl NestedBlock {
    /// What stands for no occurrence.
    fn absent(&self) -> Value {
        let is_dynamic = self.ty() == Type::Dynamic;
        match self.nesting {
            BlockNesting::Single => Value::Null,
            BlockNesting::Group => {
                let names = self.block.attributes.keys().chain(self.block.blocks.keys());
                Value::object(names.map(|name| (name, Value::Null)))
            }
            BlockNesting::List { .. } if is_dynamic => {
                Value::Dynamic(Type::Tuple(Vec::new()), Box::new(Value::Tuple(Vec::new())))
            }
            BlockNesting::Map if is_dynamic => {
                Value::Dynamic(Type::Object(BTreeMap::new()), Box::new(Value::Object(BTreeMap::new())))
            }
            BlockNesting::List { .. } => Value::List(Vec::new()),
            BlockNesting::Set { .. } => Value::Set(Vec::new()),
            BlockNesting::Map => Value::Map(BTreeMap::new()),
        }
    }
}

/// Where an object of these attributes has its write-only ones.
fn find_write_only(
    attributes: &BTreeMap<String, Attribute>,
    value: &Value,
    path: &Path,
    found: &mut Vec<Path>,
) {
    let Value::Object(fields) = value else { return };
    for (name, attribute) in attributes {
        let path = path.clone().attr(name);
        if attribute.traits.write_only {
            found.extend(fields.contains_key(name).then_some(path));
        } else if let (Content::Nested(nested), Some(inside)) = (&attribute.content, fields.get(name)) {
            for (path, one) in occurrences(inside, path) {
                find_write_only(&nested.attributes, one, &path, found);
            }
        }
    }
}

/// The objects of a nested attribute or block, with their paths; those of a set have none.
fn occurrences(value: &Value, path: Path) -> Vec<(Path, &Value)> {
    match value {
        Value::Object(_) => vec![(path, value)],
        Value::List(elements) | Value::Tuple(elements) => {
            elements.iter().enumerate().map(|(index, one)| (path.clone().index(index), one)).collect()
        }
        Value::Map(entries) => entries.iter().map(|(key, one)| (path.clone().key(key), one)).collect(),
        Value::Dynamic(_, inner) => occurrences(inner, path),
        Value::Set(_)
        | Value::Null
        | Value::Unknown(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => Vec::new(),
    }
}

/// The objects of a nested attribute or block, those of a set too.
fn occurrences_mut(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Object(_) => vec![value],
        Value::List(elements) | Value::Tuple(elements) | Value::Set(elements) => {
            elements.iter_mut().collect()
        }
        Value::Map(entries) => entries.values_mut().collect(),
        Value::Dynamic(_, inner) => occurrences_mut(inner),
        Value::Null | Value::Unknown(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
