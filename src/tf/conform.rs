//! Making sure that a value is what its type says before it leaves.
//!
//! [`conform`] always returns a value that can be sent: what does not fit
//! becomes null and is reported. A created object with one wrong attribute is
//! thus kept in the state instead of being lost.

use std::collections::BTreeMap;

use crate::tf::path::{Path, Step};
use crate::tf::value::{Type, Value};

/// A value that fits the type, and what had to be changed for it.
pub(crate) fn conform(mut value: Value, ty: &Type) -> (Value, Vec<Problem>) {
    let mut found = Vec::new();
    fit(&mut value, ty, &mut found);
    (value, found)
}

/// The texts of all problems of a value.
pub(crate) fn problems_of(value: &Value, ty: &Type) -> Vec<String> {
    conform(value.clone(), ty).1.into_iter().map(|problem| problem.text).collect()
}

/// Unknown values become null; returns where they were.
pub(crate) fn settle(value: &mut Value) -> Vec<Path> {
    let mut unknown = Vec::new();
    find_unknown(value, &mut unknown);
    unknown
}

/// One place where a value does not fit.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) path: Path,
    pub(crate) text: String,
}

// Nearly every value fits. Paths are therefore made where something is found,
// from the inside out, and not on the way in.

trait Placed {
    fn path(&mut self) -> &mut Path;
}

impl Placed for Problem {
    fn path(&mut self) -> &mut Path {
        &mut self.path
    }
}

impl Placed for Path {
    fn path(&mut self) -> &mut Path {
        self
    }
}

/// What `look` finds in there is one step further in than here.
fn inside<T: Placed>(found: &mut Vec<T>, step: impl Fn() -> Step, look: impl FnOnce(&mut Vec<T>)) {
    let before = found.len();
    look(found);
    for new in found.iter_mut().skip(before) {
        let path = std::mem::take(new.path());
        *new.path() = path.within(step());
    }
}

fn find_unknown(value: &mut Value, found: &mut Vec<Path>) {
    match value {
        Value::Unknown(_) => {
            found.push(Path::root());
            *value = Value::Null;
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::List(elements) | Value::Tuple(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                inside(found, || Step::Index(index), |found| find_unknown(element, found));
            }
        }
        Value::Set(elements) => {
            for element in elements {
                find_unknown(element, found);
            }
        }
        Value::Map(entries) => {
            for (key, element) in entries {
                inside(found, || Step::Key(key.clone()), |found| find_unknown(element, found));
            }
        }
        Value::Object(attributes) => {
            for (name, element) in attributes {
                inside(found, || Step::Attribute(name.clone()), |found| find_unknown(element, found));
            }
        }
        Value::Dynamic(_, inner) => find_unknown(inner, found),
    }
}

fn fit(value: &mut Value, ty: &Type, found: &mut Vec<Problem>) {
    match (&mut *value, ty) {
        (Value::Dynamic(own, inner), Type::Dynamic) => fit(inner, own, found),
        (Value::Null | Value::Unknown(_), _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => {}
        (Value::Bool(_), Type::Dynamic) => say(value, Type::Bool),
        (Value::Number(_), Type::Dynamic) => say(value, Type::Number),
        (Value::String(_), Type::Dynamic) => say(value, Type::String),
        (Value::List(elements), Type::List(element)) => {
            fit_each(elements.iter_mut().zip(std::iter::repeat(&**element)), found);
        }
        (Value::Set(elements), Type::Set(element)) => {
            for value in elements {
                fit(value, element, found);
            }
        }
        (Value::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            fit_each(elements.iter_mut().zip(types), found);
        }
        (Value::Map(entries), Type::Map(element)) => {
            for (key, value) in entries {
                inside(found, || Step::Key(key.clone()), |found| fit(value, element, found));
            }
        }
        (Value::Object(attributes), Type::Object(types)) => fit_object(attributes, types, found),
        (other, _) => {
            found.push(misfit(format!("a value of type {ty} was expected, not a {}", other.kind())));
            *value = Value::Null;
        }
    }
}

/// A plain value says its own type where any is allowed.
fn say(value: &mut Value, own: Type) {
    let inner = std::mem::take(value);
    *value = Value::Dynamic(own, Box::new(inner));
}

fn fit_each<'a>(elements: impl Iterator<Item = (&'a mut Value, &'a Type)>, found: &mut Vec<Problem>) {
    for (index, (value, ty)) in elements.enumerate() {
        inside(found, || Step::Index(index), |found| fit(value, ty, found));
    }
}

fn fit_object(
    attributes: &mut BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
    found: &mut Vec<Problem>,
) {
    if !attributes.keys().eq(types.keys()) {
        fill(attributes, types, found);
    }
    for ((name, value), ty) in attributes.iter_mut().zip(types.values()) {
        inside(found, || Step::Attribute(name.clone()), |found| fit(value, ty, found));
    }
}

/// Gives the object exactly the attributes of its type.
fn fill(attributes: &mut BTreeMap<String, Value>, types: &BTreeMap<String, Type>, found: &mut Vec<Problem>) {
    for name in types.keys().filter(|name| !attributes.contains_key(*name)).cloned().collect::<Vec<_>>() {
        found.push(Problem { path: Path::attribute(&name), ..misfit("the attribute is missing") });
        attributes.insert(name, Value::Null);
    }
    attributes.retain(|name, _| {
        let known = types.contains_key(name);
        if !known {
            let problem = misfit("the schema has no such attribute");
            found.push(Problem { path: Path::attribute(name), ..problem });
        }
        known
    });
}

fn misfit(text: impl Into<String>) -> Problem {
    Problem { path: Path::root(), text: text.into() }
}

#[cfg(test)]
mod tests;
