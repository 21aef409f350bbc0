//! Which changes replace the object: those of attributes that say so, wherever
//! they are, and of nothing beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::{NULL, Shape, UNKNOWN, element, entries, field, length, shape_of, shape_of_block};
use crate::tf::path::Path;
use crate::tf::schema::{Attribute, Block, Content};
use crate::tf::value::Value;

/// The paths of the changes that replace the object.
pub(super) fn replacements(schema: &Block, planned: &Value, prior: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    in_block(schema, Change { planned, prior }, &Path::root(), &mut found);
    found
}

/// A value as it will be and as it was.
#[derive(Clone, Copy)]
struct Change<'a> {
    planned: &'a Value,
    prior: &'a Value,
}

impl<'a> Change<'a> {
    fn field(self, name: &str) -> Self {
        Self { planned: field(self.planned, name), prior: field(self.prior, name) }
    }

    fn element(self, index: usize) -> Self {
        Self { planned: element(self.planned, index), prior: element(self.prior, index) }
    }

    fn keys(self) -> BTreeSet<&'a String> {
        [self.planned, self.prior].into_iter().filter_map(entries).flat_map(BTreeMap::keys).collect()
    }
}

fn in_block(schema: &Block, change: Change<'_>, path: &Path, found: &mut Vec<Path>) {
    in_attributes(&schema.attributes, change, path, found);
    for (name, nested) in &schema.blocks {
        let each = |change: Change<'_>, path: &Path, found: &mut Vec<Path>| {
            in_block(&nested.block, change, path, found);
        };
        let of = |one: &Value| forcing_of_block(&nested.block, one);
        let parts = Parts { shape: shape_of_block(nested), each: &each, forcing: &of };
        parts.changes(change.field(name), &path.clone().attr(name), found);
    }
}

fn in_attributes(
    schema: &BTreeMap<String, Attribute>,
    change: Change<'_>,
    path: &Path,
    found: &mut Vec<Path>,
) {
    for (name, attribute) in schema {
        let (change, path) = (change.field(name), path.clone().attr(name));
        if change.planned == change.prior {
            continue;
        }
        if attribute.traits.requires_replace {
            found.push(path);
        } else if let Content::Nested(nested) = &attribute.content {
            let each = |change: Change<'_>, path: &Path, found: &mut Vec<Path>| {
                in_attributes(&nested.attributes, change, path, found);
            };
            let of = |one: &Value| forcing(&nested.attributes, one);
            Parts { shape: shape_of(nested), each: &each, forcing: &of }.changes(change, &path, found);
        }
    }
}

/// The objects of a nested attribute or block.
struct Parts<'a> {
    shape: Shape,
    /// Finds the replacements in one of them.
    each: &'a dyn Fn(Change<'_>, &Path, &mut Vec<Path>),
    /// What of one of them forces a replacement.
    forcing: &'a dyn Fn(&Value) -> Value,
}

impl Parts<'_> {
    fn changes(&self, change: Change<'_>, path: &Path, found: &mut Vec<Path>) {
        match self.shape {
            Shape::One => (self.each)(change, path, found),
            // Nobody knows yet which there will be; a plan may not turn into a
            // replacement later, so it is one now.
            _ if change.planned.is_unknown() => {
                if self.can_force() {
                    found.push(path.clone());
                }
            }
            Shape::Indexed => {
                for index in 0..length(change.planned).max(length(change.prior)) {
                    (self.each)(change.element(index), &path.clone().index(index), found);
                }
            }
            Shape::Keyed => {
                for key in change.keys() {
                    (self.each)(change.field(key), &path.clone().key(key), found);
                }
            }
            // A path ends at a set, whose elements have no names.
            Shape::Unordered => {
                if self.all(change.planned) != self.all(change.prior) && self.can_force() {
                    found.push(path.clone());
                }
            }
        }
    }

    fn can_force(&self) -> bool {
        let mut found = Vec::new();
        (self.each)(Change { planned: &UNKNOWN, prior: &NULL }, &Path::root(), &mut found);
        !found.is_empty()
    }

    /// What forces a replacement in all of them. Equal ones count twice: that
    /// one of two is gone is a change.
    fn all(&self, value: &Value) -> Value {
        let each = |values: &[Value]| values.iter().map(self.forcing).collect();
        match (self.shape, value.inner()) {
            (Shape::One, Value::Object(_)) => (self.forcing)(value),
            (Shape::Indexed, Value::List(parts) | Value::Tuple(parts)) => Value::List(each(parts)),
            (Shape::Unordered, Value::Set(parts)) => Value::Set(each(parts)),
            (Shape::Keyed, Value::Map(parts) | Value::Object(parts)) => {
                Value::Map(parts.iter().map(|(key, one)| (key.clone(), (self.forcing)(one))).collect())
            }
            (_, Value::Unknown(_)) => Value::UNKNOWN,
            _ => Value::Null,
        }
    }
}

fn forcing_of_block(schema: &Block, value: &Value) -> Value {
    let mut kept = forcing(&schema.attributes, value);
    if let Value::Object(kept) = &mut kept {
        for (name, nested) in &schema.blocks {
            let of = |one: &Value| forcing_of_block(&nested.block, one);
            let parts = Parts { shape: shape_of_block(nested), each: &|_, _, _| {}, forcing: &of };
            kept.insert(name.clone(), parts.all(field(value, name)));
        }
    }
    kept
}

fn forcing(schema: &BTreeMap<String, Attribute>, value: &Value) -> Value {
    let keep = |(name, attribute): (&String, &Attribute)| {
        let value = field(value, name);
        if attribute.traits.requires_replace {
            return Some((name.clone(), value.clone()));
        }
        let Content::Nested(nested) = &attribute.content else { return None };
        let of = |one: &Value| forcing(&nested.attributes, one);
        let parts = Parts { shape: shape_of(nested), each: &|_, _, _| {}, forcing: &of };
        Some((name.clone(), parts.all(value)))
    };
    Value::Object(schema.iter().filter_map(keep).collect())
}
