//! Values as MessagePack, driven by their type.
//!
//! INVARIANT: reading allocates no more than the input pays for (every element
//! costs a byte at least), goes at most 128 levels deep, and makes at most four
//! million values; anything else is an error, never a panic.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever marker is not named is malformed at that place"
)]

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::encode as write;

use super::msgpack_refinement::{read_unknown, write_unknown};
use crate::tf::error::Error;
use crate::tf::path::{Path, Step};
use crate::tf::value::{Form, Number, Type, Value};

/// Reads one value of `ty`; nothing may follow it.
pub(crate) fn decode(bytes: &[u8], ty: &Type) -> Result<Value, Error> {
    let mut reader = Reader::new(bytes);
    let value = reader.value(ty, 0)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(malformed("there is something after the value")) }
}

/// Writes one value of `ty`, which it must fit.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    put(&mut out, value, ty)?;
    Ok(out)
}

/// Takes MessagePack apart, front to back.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, values: 0 }
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, Error> {
        self.values = self.values.saturating_add(1);
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Err(malformed("the value is nested too deep or has too many elements"));
        }
        let depth = depth.saturating_add(1);
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(length) = self.extension_length(marker)? {
            return read_unknown(self, length);
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(malformed("a bool was expected")),
            },
            Type::Number => self.number(marker).map(Value::Number),
            Type::String => Ok(Value::string(self.text(marker)?)),
            Type::List(element) => Ok(Value::List(self.elements(marker, element, depth)?)),
            Type::Set(element) => Ok(Value::set(self.elements(marker, element, depth)?)),
            Type::Tuple(types) => self.tuple(marker, types, depth),
            Type::Map(element) => self.map(marker, element, depth),
            Type::Object(types) => self.object(marker, types, depth),
            Type::Dynamic => self.dynamic(marker, depth),
        }
    }

    fn elements(&mut self, marker: Marker, ty: &Type, depth: usize) -> Result<Vec<Value>, Error> {
        let length = self.array_length(marker)?;
        let mut elements = Vec::with_capacity(length.min(PREALLOCATED));
        for index in 0..length {
            elements.push(self.value(ty, depth).map_err(|error| error.within(Step::Index(index)))?);
        }
        Ok(elements)
    }

    fn tuple(&mut self, marker: Marker, types: &[Type], depth: usize) -> Result<Value, Error> {
        if self.array_length(marker)? != types.len() {
            return Err(malformed("the tuple has another length than its type"));
        }
        let read = |(index, ty)| self.value(ty, depth).map_err(|error| error.within(Step::Index(index)));
        types.iter().enumerate().map(read).collect::<Result<_, _>>().map(Value::Tuple)
    }

    fn map(&mut self, marker: Marker, ty: &Type, depth: usize) -> Result<Value, Error> {
        let mut entries = BTreeMap::new();
        for _ in 0..self.map_length(marker)? {
            let key = self.key()?;
            let value = self.value(ty, depth).map_err(|error| error.within(Step::Key(key.clone())))?;
            if entries.insert(key, value).is_some() {
                return Err(malformed("a map has a key twice"));
            }
        }
        Ok(Value::Map(entries))
    }

    fn object(
        &mut self,
        marker: Marker,
        types: &BTreeMap<String, Type>,
        depth: usize,
    ) -> Result<Value, Error> {
        let mut attributes = BTreeMap::new();
        for _ in 0..self.map_length(marker)? {
            let name = self.key()?;
            let step = || Step::Attribute(name.clone());
            let ty = types
                .get(&name)
                .ok_or_else(|| malformed("the schema has no such attribute").within(step()))?;
            let value = self.value(ty, depth).map_err(|error| error.within(step()))?;
            if attributes.insert(name, value).is_some() {
                return Err(malformed("an object has an attribute twice"));
            }
        }
        match types.keys().find(|name| !attributes.contains_key(*name)) {
            None => Ok(Value::Object(attributes)),
            Some(missing) => {
                Err(malformed("the attribute is missing").within(Step::Attribute(missing.clone())))
            }
        }
    }

    fn dynamic(&mut self, marker: Marker, depth: usize) -> Result<Value, Error> {
        if self.array_length(marker)? != 2 {
            return Err(malformed("a dynamic value is a pair of type and value"));
        }
        let marker = self.marker()?;
        let length = match marker {
            Marker::Bin8 => self.unsigned::<1>()?,
            Marker::Bin16 => self.unsigned::<2>()?,
            Marker::Bin32 => self.unsigned::<4>()?,
            _ => return Err(malformed("the type of a dynamic value was expected")),
        };
        let ty = Type::from_json(self.take(length)?)?;
        let value = self.value(&ty, depth)?;
        Ok(Value::Dynamic(ty, Box::new(value)))
    }

    /// A number in any of the forms that hosts use.
    pub(super) fn number(&mut self, marker: Marker) -> Result<Number, Error> {
        match marker {
            Marker::FixPos(int) => Ok(Number::from(i64::from(int))),
            Marker::FixNeg(int) => Ok(Number::from(i64::from(int))),
            Marker::U8 => self.unsigned::<1>().map(Number::from),
            Marker::U16 => self.unsigned::<2>().map(Number::from),
            Marker::U32 => self.unsigned::<4>().map(Number::from),
            Marker::U64 => self.unsigned::<8>().map(Number::from),
            Marker::I8 => self.array().map(|bytes| Number::from(i64::from(i8::from_be_bytes(bytes)))),
            Marker::I16 => self.array().map(|bytes| Number::from(i64::from(i16::from_be_bytes(bytes)))),
            Marker::I32 => self.array().map(|bytes| Number::from(i64::from(i32::from_be_bytes(bytes)))),
            Marker::I64 => self.array().map(|bytes| Number::from(i64::from_be_bytes(bytes))),
            Marker::F32 => self.array().and_then(|bytes| Number::from_f64(f32::from_be_bytes(bytes).into())),
            Marker::F64 => self.array().and_then(|bytes| Number::from_f64(f64::from_be_bytes(bytes))),
            text => Number::parse(self.text(text).map_err(|_| malformed("a number was expected"))?),
        }
    }

    /// A string.
    pub(super) fn text(&mut self, marker: Marker) -> Result<&'a str, Error> {
        let length = match marker {
            Marker::FixStr(length) => u64::from(length),
            Marker::Str8 => self.unsigned::<1>()?,
            Marker::Str16 => self.unsigned::<2>()?,
            Marker::Str32 => self.unsigned::<4>()?,
            _ => return Err(malformed("a string was expected")),
        };
        std::str::from_utf8(self.take(length)?).map_err(|_| malformed("the string is not UTF-8"))
    }

    fn key(&mut self) -> Result<String, Error> {
        let marker = self.marker()?;
        self.text(marker).map(str::to_owned)
    }

    pub(super) fn array_length(&mut self, marker: Marker) -> Result<usize, Error> {
        let length = match marker {
            Marker::FixArray(length) => u64::from(length),
            Marker::Array16 => self.unsigned::<2>()?,
            Marker::Array32 => self.unsigned::<4>()?,
            _ => return Err(malformed("an array was expected")),
        };
        self.affordable(length)
    }

    pub(super) fn map_length(&mut self, marker: Marker) -> Result<usize, Error> {
        let length = match marker {
            Marker::FixMap(length) => u64::from(length),
            Marker::Map16 => self.unsigned::<2>()?,
            Marker::Map32 => self.unsigned::<4>()?,
            _ => return Err(malformed("a map was expected")),
        };
        self.affordable(length)
    }

    /// The payload's length, if the marker starts an extension.
    pub(super) fn extension_length(&mut self, marker: Marker) -> Result<Option<u64>, Error> {
        Ok(Some(match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.unsigned::<1>()?,
            Marker::Ext16 => self.unsigned::<2>()?,
            Marker::Ext32 => self.unsigned::<4>()?,
            _ => return Ok(None),
        }))
    }

    pub(super) fn marker(&mut self) -> Result<Marker, Error> {
        self.array().map(|[byte]| Marker::from_u8(byte))
    }

    /// A big-endian unsigned integer of `N` bytes, at most 8.
    pub(super) fn unsigned<const N: usize>(&mut self) -> Result<u64, Error> {
        let bytes: [u8; N] = self.array()?;
        Ok(bytes.into_iter().fold(0, |sum, byte| (sum << 8) | u64::from(byte)))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8], Error> {
        let length = usize::try_from(length).map_err(|_| cut_off())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(taken)
    }

    fn affordable(&self, length: u64) -> Result<usize, Error> {
        usize::try_from(length).ok().filter(|length| *length <= self.rest.len()).ok_or_else(cut_off)
    }
}

fn put(out: &mut Vec<u8>, value: &Value, ty: &Type) -> Result<(), Error> {
    match (value, ty) {
        (Value::Null, _) => written(write::write_nil(out)),
        (Value::Unknown(refinement), _) => write_unknown(out, refinement.as_deref()),
        (Value::Bool(flag), Type::Bool) => written(write::write_bool(out, *flag)),
        (Value::Number(number), Type::Number) => put_number(out, number),
        (Value::String(text), Type::String) => written(write::write_str(out, text)),
        (Value::List(elements), Type::List(ty)) | (Value::Set(elements), Type::Set(ty)) => {
            written(write::write_array_len(out, length(elements.len())?))?;
            elements.iter().try_for_each(|element| put(out, element, ty))
        }
        (Value::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            written(write::write_array_len(out, length(elements.len())?))?;
            elements.iter().zip(types).try_for_each(|(element, ty)| put(out, element, ty))
        }
        (Value::Map(entries), Type::Map(ty)) => {
            written(write::write_map_len(out, length(entries.len())?))?;
            entries.iter().try_for_each(|(key, element)| {
                written(write::write_str(out, key))?;
                put(out, element, ty)
            })
        }
        (Value::Object(attributes), Type::Object(types)) if attributes.keys().eq(types.keys()) => {
            written(write::write_map_len(out, length(attributes.len())?))?;
            attributes.iter().zip(types.values()).try_for_each(|((name, attribute), ty)| {
                written(write::write_str(out, name))?;
                put(out, attribute, ty)
            })
        }
        (Value::Dynamic(own, inner), Type::Dynamic) => {
            written(write::write_array_len(out, 2))?;
            written(write::write_bin(out, &own.to_json()))?;
            put(out, inner, own)
        }
        (other, _) => Err(Error::wrong_kind(&ty.to_string(), other.kind())),
    }
}

pub(super) fn put_number(out: &mut Vec<u8>, number: &Number) -> Result<(), Error> {
    match number.form() {
        Form::Int(int) => written(write::write_sint(out, *int)),
        Form::Unsigned(int) => written(write::write_uint(out, *int)),
        Form::Float(float) => written(write::write_f64(out, *float)),
        Form::Text(text) => written(write::write_str(out, text)),
    }
}

pub(super) fn length(length: usize) -> Result<u32, Error> {
    u32::try_from(length).map_err(|_| malformed("the value has too many elements"))
}

pub(super) fn written<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<(), Error> {
    result.map(drop).map_err(|error| malformed(&error.to_string()))
}

pub(super) fn malformed(problem: &str) -> Error {
    Error::input(Path::root(), format!("malformed MessagePack: {problem}"))
}

fn cut_off() -> Error {
    malformed("the value is cut off")
}

/// Levels of nesting; schemas have a handful.
const MAX_DEPTH: usize = 128;
/// Values in one message; a state of this size would be several hundred megabytes.
const MAX_VALUES: usize = 4_000_000;
/// Elements for which room is made before the first is read.
const PREALLOCATED: usize = 1024;
