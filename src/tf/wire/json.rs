//! Values as JSON: how Terraform stores a state.
//!
//! Numbers are read as text, so that no digit is lost. The type drives the
//! reading and bounds its depth.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::tf::error::Error;
use crate::tf::path::Path;
use crate::tf::value::{Number, Type, Value};

/// Reads a value of `ty`. Attributes that the type lacks are ignored,
/// attributes that the text lacks are null, as Terraform's own reader does for
/// states of older versions.
pub(crate) fn decode(json: &[u8], ty: &Type) -> Result<Value, Error> {
    let raw: &RawValue = serde_json::from_slice(json).map_err(|error| malformed(&Path::root(), &error))?;
    read(raw, ty, &Path::root())
}

fn read(raw: &RawValue, ty: &Type, path: &Path) -> Result<Value, Error> {
    if raw.get() == "null" {
        return Ok(Value::Null);
    }
    match ty {
        Type::Bool => Ok(Value::Bool(parse(raw, path)?)),
        Type::Number => number(raw, path),
        Type::String => Ok(Value::string(parse::<String>(raw, path)?)),
        Type::List(element) => Ok(Value::List(each(raw, path, |_| Ok(element))?)),
        Type::Set(element) => Ok(Value::set(each(raw, path, |_| Ok(element))?)),
        Type::Tuple(types) => {
            let elements = each(raw, path, |index| {
                types.get(index).ok_or_else(|| Error::input(path.clone(), "the tuple has too many elements"))
            })?;
            if elements.len() == types.len() {
                Ok(Value::Tuple(elements))
            } else {
                Err(Error::input(path.clone(), "the tuple has too few elements"))
            }
        }
        Type::Map(element) => {
            let entries: BTreeMap<String, &RawValue> = parse(raw, path)?;
            let read =
                |(key, raw): (String, _)| Ok((key.clone(), read(raw, element, &path.clone().key(key))?));
            entries.into_iter().map(read).collect::<Result<_, _>>().map(Value::Map)
        }
        Type::Object(types) => {
            let attributes: BTreeMap<String, &RawValue> = parse(raw, path)?;
            let read = |(name, ty): (&String, _)| match attributes.get(name) {
                Some(raw) => Ok((name.clone(), read(raw, ty, &path.clone().attr(name))?)),
                None => Ok((name.clone(), Value::Null)),
            };
            types.iter().map(read).collect::<Result<_, _>>().map(Value::Object)
        }
        Type::Dynamic => dynamic(raw, path),
    }
}

fn each<'t>(
    raw: &RawValue,
    path: &Path,
    ty: impl Fn(usize) -> Result<&'t Type, Error>,
) -> Result<Vec<Value>, Error> {
    let elements: Vec<&RawValue> = parse(raw, path)?;
    let read = |(index, raw)| read(raw, ty(index)?, &path.clone().index(index));
    elements.into_iter().enumerate().map(read).collect()
}

fn number(raw: &RawValue, path: &Path) -> Result<Value, Error> {
    // Older states hold numbers as strings where the schema once said string.
    let quoted = raw.get().starts_with('"');
    let text = if quoted { parse(raw, path)? } else { raw.get().to_owned() };
    Number::parse(&text).map(Value::Number).map_err(|error| Error::input(path.clone(), error.to_string()))
}

fn dynamic(raw: &RawValue, path: &Path) -> Result<Value, Error> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow)]
        value: &'a RawValue,
        #[serde(borrow, rename = "type")]
        ty: &'a RawValue,
    }
    let typed: Typed<'_> = parse(raw, path)?;
    let ty = Type::from_json(typed.ty.get().as_bytes())
        .map_err(|error| Error::input(path.clone(), error.to_string()))?;
    let value = read(typed.value, &ty, path)?;
    Ok(Value::Dynamic(ty, Box::new(value)))
}

fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue, path: &Path) -> Result<T, Error> {
    serde_json::from_str(raw.get()).map_err(|error| malformed(path, &error))
}

fn malformed(path: &Path, error: &serde_json::Error) -> Error {
    Error::input(path.clone(), format!("malformed JSON: {error}"))
}
