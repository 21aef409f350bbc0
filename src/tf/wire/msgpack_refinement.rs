//! Unknown values: a MessagePack extension, of code 12 when something is
//! already known about the value (go-cty's refinements).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever marker is not named is malformed at that place"
)]

use rmp::Marker;
use rmp::encode as write;

use super::msgpack::{Reader, length, malformed, put_number, written};
use crate::tf::error::Error;
use crate::tf::value::{Bound, Refinement, Value};

/// Reads what follows the marker of an extension with a payload of `length` bytes.
pub(super) fn read_unknown(reader: &mut Reader<'_>, length: u64) -> Result<Value, Error> {
    let [code] = reader.array()?;
    let payload = reader.take(length)?;
    if code != REFINED {
        return Ok(Value::UNKNOWN);
    }
    if payload.len() > MAX_PAYLOAD {
        return Err(malformed("the refinement of an unknown value is too long"));
    }
    refinement(&mut Reader::new(payload)).map(Value::refined)
}

/// Writes an unknown value.
pub(super) fn write_unknown(out: &mut Vec<u8>, refinement: Option<&Refinement>) -> Result<(), Error> {
    let Some(refinement) = refinement.filter(|refinement| !refinement.is_empty()) else {
        out.extend(PLAIN);
        return Ok(());
    };
    let payload = payload(refinement)?;
    // A promise that does not fit is dropped, which is always legal.
    if payload.len() > MAX_PAYLOAD {
        out.extend(PLAIN);
        return Ok(());
    }
    // Ext8 and Ext16 whatever the length: a payload of one byte would be taken for a plain unknown.
    written(write::write_ext_meta(out, length(payload.len())?, i8::from_be_bytes([REFINED])))?;
    out.extend(payload);
    Ok(())
}

fn refinement(reader: &mut Reader<'_>) -> Result<Refinement, Error> {
    let mut found = Refinement::default();
    let marker = reader.marker()?;
    for _ in 0..reader.map_length(marker)? {
        let key = whole(reader)?;
        match key {
            // "Is null" would be no unknown value; only "is not null" means something.
            NULLNESS => found.not_null = reader.marker()? == Marker::False,
            PREFIX => {
                let marker = reader.marker()?;
                found.prefix = Some(reader.text(marker)?.to_owned());
            }
            LOWER => found.lower = Some(bound(reader)?),
            UPPER => found.upper = Some(bound(reader)?),
            MIN_LENGTH => found.min_length = u64::try_from(whole(reader)?).ok(),
            MAX_LENGTH => found.max_length = u64::try_from(whole(reader)?).ok(),
            _ => skip(reader)?,
        }
    }
    Ok(found)
}

fn whole(reader: &mut Reader<'_>) -> Result<i64, Error> {
    let marker = reader.marker()?;
    reader.number(marker)?.as_i64().ok_or_else(|| malformed("a whole number was expected"))
}

fn bound(reader: &mut Reader<'_>) -> Result<Bound, Error> {
    let marker = reader.marker()?;
    if reader.array_length(marker)? != 2 {
        return Err(malformed("a bound is a pair of number and inclusiveness"));
    }
    let marker = reader.marker()?;
    let number = reader.number(marker)?;
    let inclusive = reader.marker()? == Marker::True;
    Ok(Bound { number, inclusive })
}

/// Passes over one value of any kind; how many are still to come is counted, not recursed.
fn skip(reader: &mut Reader<'_>) -> Result<(), Error> {
    let mut pending = 1_usize;
    while let Some(left) = pending.checked_sub(1) {
        pending = left.saturating_add(skip_one(reader)?);
    }
    Ok(())
}

/// Passes over one value without its elements, and says how many of those follow.
fn skip_one(reader: &mut Reader<'_>) -> Result<usize, Error> {
    let marker = reader.marker()?;
    if let Some(length) = reader.extension_length(marker)? {
        reader.take(length.saturating_add(1))?;
        return Ok(0);
    }
    match marker {
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => reader.array_length(marker),
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => Ok(reader.map_length(marker)?.saturating_mul(2)),
        Marker::Null | Marker::True | Marker::False => Ok(0),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => reader.text(marker).map(|_| 0),
        _ => reader.number(marker).map(|_| 0),
    }
}

fn payload(refinement: &Refinement) -> Result<Vec<u8>, Error> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut part = |key: i64, fill: &dyn Fn(&mut Vec<u8>) -> Result<(), Error>| {
        let mut out = Vec::new();
        written(write::write_sint(&mut out, key))?;
        fill(&mut out)?;
        parts.push(out);
        Ok::<(), Error>(())
    };
    if refinement.not_null {
        part(NULLNESS, &|out| written(write::write_bool(out, false)))?;
    }
    if let Some(prefix) = &refinement.prefix {
        part(PREFIX, &|out| written(write::write_str(out, prefix)))?;
    }
    for (key, bound) in [(LOWER, &refinement.lower), (UPPER, &refinement.upper)] {
        if let Some(bound) = bound {
            part(key, &|out| put_bound(out, bound))?;
        }
    }
    for (key, limit) in [(MIN_LENGTH, refinement.min_length), (MAX_LENGTH, refinement.max_length)] {
        if let Some(limit) = limit {
            part(key, &|out| written(write::write_uint(out, limit)))?;
        }
    }
    let mut out = Vec::new();
    written(write::write_map_len(&mut out, length(parts.len())?))?;
    out.extend(parts.into_iter().flatten());
    Ok(out)
}

fn put_bound(out: &mut Vec<u8>, bound: &Bound) -> Result<(), Error> {
    written(write::write_array_len(out, 2))?;
    put_number(out, &bound.number)?;
    written(write::write_bool(out, bound.inclusive))
}

/// An unknown value of which nothing is known: one byte of extension 0.
const PLAIN: [u8; 3] = [0xd4, 0, 0];
const REFINED: u8 = 12;
const MAX_PAYLOAD: usize = 1024;

const NULLNESS: i64 = 1;
const PREFIX: i64 = 2;
const LOWER: i64 = 3;
const UPPER: i64 = 4;
const MIN_LENGTH: i64 = 5;
const MAX_LENGTH: i64 = 6;
