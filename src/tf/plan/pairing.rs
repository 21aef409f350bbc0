//! Which configured element of a set each proposed one was made from.
//!
//! Elements of a set have no name and no place. Terraform proposes the
//! configured ones with what nobody configured taken from before, so each
//! proposed element says all that the element says that it was made from.

use std::collections::BTreeMap;

use super::NULL;
use crate::tf::value::Value;

/// Every element with the configured one that it was made from, one to one.
///
/// A configured element that found no partner stands for itself: two proposed
/// ones can have become one when Terraform filled both from the same prior
/// element, and the plan must have as many as the configuration.
pub(super) fn pair(proposed: Vec<Value>, config: &Value) -> Vec<(Value, &Value)> {
    let Value::Set(config) = config.inner() else {
        return proposed.into_iter().map(|element| (element, &NULL)).collect();
    };
    let partners = partners(&proposed, config);
    let lonely = (0..config.len()).filter(|index| !partners.contains(&Some(*index)));
    let alone: Vec<_> = lonely.filter_map(|index| config.get(index)).map(|one| (one.clone(), one)).collect();
    let of = |partner: Option<usize>| partner.and_then(|index| config.get(index)).unwrap_or(&NULL);
    proposed.into_iter().zip(partners).map(|(one, partner)| (one, of(partner))).chain(alone).collect()
}

/// For every proposed element the index of its configured one.
///
/// Equal ones belong together first. That costs nobody a partner: what the taken
/// one repeats is also repeated by what the configured one would have taken.
fn partners(proposed: &[Value], config: &[Value]) -> Vec<Option<usize>> {
    let mut equal: BTreeMap<&Value, Vec<usize>> = BTreeMap::new();
    for (index, one) in config.iter().enumerate().rev() {
        equal.entry(one).or_default().push(index);
    }
    let partners: Vec<Option<usize>> =
        proposed.iter().map(|one| equal.get_mut(one).and_then(Vec::pop)).collect();
    let mut rest: Vec<usize> = equal.into_values().flatten().collect();
    rest.sort_by_key(|index| config.get(*index).map_or(0, said));
    let mut seats = Seats { proposed, config, settled: partners.clone(), partners };
    for wanting in rest.into_iter().rev() {
        seats.seat(wanting, &mut vec![false; proposed.len()], MOVES);
    }
    seats.partners
}

struct Seats<'a> {
    proposed: &'a [Value],
    config: &'a [Value],
    /// The equal ones, which stay.
    settled: Vec<Option<usize>>,
    partners: Vec<Option<usize>>,
}

impl Seats<'_> {
    /// Finds a place for `wanting`, moving at most `moves` others on to another
    /// place (Kuhn's algorithm, which seats as many as possible).
    fn seat(&mut self, wanting: usize, tried: &mut [bool], moves: usize) -> bool {
        for place in 0..self.proposed.len() {
            let untried = tried.get(place).is_some_and(|tried| !tried);
            if !untried || !self.fits(place, wanting) {
                continue;
            }
            if let Some(tried) = tried.get_mut(place) {
                *tried = true;
            }
            let free = match (self.partners.get(place).copied().flatten(), moves.checked_sub(1)) {
                (None, _) => true,
                (Some(sitting), Some(moves)) => self.seat(sitting, tried, moves),
                (Some(_), None) => false,
            };
            if let (true, Some(partner)) = (free, self.partners.get_mut(place)) {
                *partner = Some(wanting);
                return true;
            }
        }
        false
    }

    fn fits(&self, place: usize, wanting: usize) -> bool {
        let settled = self.settled.get(place).is_none_or(Option::is_some);
        let both = self.proposed.get(place).zip(self.config.get(wanting));
        !settled && both.is_some_and(|(one, of)| repeats(one, of))
    }
}

/// Whether `proposed` says all that `config` says.
fn repeats(proposed: &Value, config: &Value) -> bool {
    match (proposed, config) {
        _ if config.is_null() || proposed == config => true,
        (Value::Object(proposed), Value::Object(config)) => {
            let said = |(name, value)| proposed.get(name).is_some_and(|found| repeats(found, value));
            config.iter().all(said)
        }
        (Value::Map(proposed), Value::Map(config)) => {
            let said = |(key, value)| proposed.get(key).is_some_and(|found| repeats(found, value));
            proposed.len() == config.len() && config.iter().all(said)
        }
        (Value::List(proposed), Value::List(config)) => {
            proposed.len() == config.len()
                && proposed.iter().zip(config).all(|(found, value)| repeats(found, value))
        }
        (Value::Set(proposed), Value::Set(config)) => {
            proposed.len() == config.len() && partners(proposed, config).iter().all(Option::is_some)
        }
        _ => false,
    }
}

/// How much an element says: its values that are not null, at any depth.
fn said(value: &Value) -> usize {
    let sum = |parts: &mut dyn Iterator<Item = &Value>| parts.map(said).fold(1, usize::saturating_add);
    match value {
        Value::Null => 0,
        Value::Unknown(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
        Value::List(parts) | Value::Set(parts) | Value::Tuple(parts) => sum(&mut parts.iter()),
        Value::Map(parts) | Value::Object(parts) => sum(&mut parts.values()),
        Value::Dynamic(_, inner) => said(inner),
    }
}

/// How many elements are moved on for one; more are not worth the search.
const MOVES: usize = 16;
