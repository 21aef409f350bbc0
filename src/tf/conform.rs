//! Making sure that a value is what its type says before it leaves.
//!
//! [`conform`] always returns a value that can be sent: what does not fit
//! becomes null and is reported. A created object with one wrong attribute is
//! thus kept in the state instead of being lost.

use std::collections::BTreeMap;

use crate::tf::path::Path;
use crate::tf::value::{Type, Value};

/// A value that fits the type, and what had to be changed for it.
pub(crate) fn conform(value: Value, ty: &Type) -> (Value, Vec<Problem>) {
    let mut found = Vec::new();
    let value = fit(value, ty, &Path::root(), &mut found);
    (value, found)
}

/// The texts of all problems of a value.
pub(crate) fn problems_of(value: &Value, ty: &Type) -> Vec<String> {
    conform(value.clone(), ty).1.into_iter().map(|problem| problem.text).collect()
}

/// Unknown values become null; returns where they were.
pub(crate) fn settle(value: &mut Value, path: &Path, unknown: &mut Vec<Path>) {
    match value {
        Value::Unknown(_) => {
            unknown.push(path.clone());
            *value = Value::Null;
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::List(elements) | Value::Tuple(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                settle(element, &path.clone().index(index), unknown);
            }
        }
        Value::Set(elements) => elements.iter_mut().for_each(|element| settle(element, path, unknown)),
        Value::Map(entries) => {
            for (key, element) in entries {
                settle(element, &path.clone().key(key), unknown);
            }
        }
        Value::Object(attributes) => {
            for (name, element) in attributes {
                settle(element, &path.clone().attr(name), unknown);
            }
        }
        Value::Dynamic(_, inner) => settle(inner, path, unknown),
    }
}

/// One place where a value does not fit.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) path: Path,
    pub(crate) text: String,
}

fn fit(value: Value, ty: &Type, path: &Path, found: &mut Vec<Problem>) -> Value {
    match (value, ty) {
        (Value::Dynamic(own, inner), Type::Dynamic) => {
            let inner = fit(*inner, &own, path, found);
            Value::Dynamic(own, Box::new(inner))
        }
        (simple @ (Value::Null | Value::Unknown(_)), _)
        | (simple @ Value::Bool(_), Type::Bool)
        | (simple @ Value::Number(_), Type::Number)
        | (simple @ Value::String(_), Type::String) => simple,
        (simple @ Value::Bool(_), Type::Dynamic) => Value::Dynamic(Type::Bool, Box::new(simple)),
        (simple @ Value::Number(_), Type::Dynamic) => Value::Dynamic(Type::Number, Box::new(simple)),
        (simple @ Value::String(_), Type::Dynamic) => Value::Dynamic(Type::String, Box::new(simple)),
        (Value::List(elements), Type::List(element)) => {
            Value::List(fit_each(elements, path, found, |_| Some(element)))
        }
        (Value::Set(elements), Type::Set(element)) => {
            Value::Set(elements.into_iter().map(|value| fit(value, element, path, found)).collect())
        }
        (Value::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            Value::Tuple(fit_each(elements, path, found, |index| types.get(index)))
        }
        (Value::Map(entries), Type::Map(element)) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let value = fit(value, element, &path.clone().key(&key), found);
                    (key, value)
                })
                .collect(),
        ),
        (Value::Object(attributes), Type::Object(types)) => fit_object(attributes, types, path, found),
        (other, _) => {
            found.push(misfit(path, format!("a value of type {ty} was expected, not a {}", other.kind())));
            Value::Null
        }
    }
}

fn fit_each<'t>(
    elements: Vec<Value>,
    path: &Path,
    found: &mut Vec<Problem>,
    ty: impl Fn(usize) -> Option<&'t Type>,
) -> Vec<Value> {
    let fit_one = |(index, value)| match ty(index) {
        Some(ty) => fit(value, ty, &path.clone().index(index), found),
        None => Value::Null,
    };
    elements.into_iter().enumerate().map(fit_one).collect()
}

fn fit_object(
    mut attributes: BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
    path: &Path,
    found: &mut Vec<Problem>,
) -> Value {
    let mut fitted = BTreeMap::new();
    for (name, ty) in types {
        let here = path.clone().attr(name);
        let value = attributes.remove(name).unwrap_or_else(|| {
            found.push(misfit(&here, "the attribute is missing"));
            Value::Null
        });
        fitted.insert(name.clone(), fit(value, ty, &here, found));
    }
    for name in attributes.into_keys() {
        found.push(misfit(&path.clone().attr(name), "the schema has no such attribute"));
    }
    Value::Object(fitted)
}

fn misfit(path: &Path, text: impl Into<String>) -> Problem {
    Problem { path: path.clone(), text: text.into() }
}

#[cfg(test)]
mod tests;
