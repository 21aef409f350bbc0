//! The encryption context of a request beside the one a grant wants.
//!
//! Names and values are case-sensitive here, unlike in condition keys. A pair
//! that may be there counts neither as there nor as absent.

use std::collections::BTreeMap;

use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::grant::CONTEXT;
use crate::iam::evaluate::request::Request;

/// The pairs a grant wants.
type Pairs = BTreeMap<String, String>;

/// Whether the encryption context has every pair.
pub(super) fn has(request: &Request, wanted: &Pairs) -> Truth {
    Truth::all(wanted.iter().map(|(name, value)| match pair(request, name) {
        Some(Fact::One(stated)) => (**stated == **value).into(),
        Some(fact) if fact.is_unknown() => Truth::Unknown,
        Some(_) | None => Truth::False,
    }))
}

/// Whether it has none beside them.
pub(super) fn has_no_more(request: &Request, wanted: &Pairs) -> Truth {
    let no_more = |there: bool| if there { Truth::False } else { Truth::Unknown };
    let beyond = request.keys.pairs_in(CONTEXT).filter(|(name, _)| !wanted.contains_key(*name));
    let stated = Truth::all(beyond.map(|(_, fact)| no_more(fact.is_there())));
    let listed = match request.keys.find(NAMES) {
        Some(Fact::List(names)) => names.iter().all(|name| wanted.contains_key(&**name)).into(),
        _ if request.keys.is_open(CONTEXT) => Truth::Unknown,
        _ => Truth::True,
    };
    listed.min(stated)
}

/// The keys, in lower case, that leave open whether it has the pairs, and
/// `exactly` them; some of them may be known.
pub(super) fn open_keys(request: &Request, wanted: &Pairs, exactly: bool) -> Vec<String> {
    let wants = |name: &str| exactly || wanted.contains_key(name);
    let stated = request.keys.pairs_in(CONTEXT).map(|(name, _)| name).filter(|name| wants(name));
    let open = wanted.keys().map(String::as_str).chain(stated);
    let mut keys: Vec<String> = open.map(key).filter(|key| request.keys.is_unknown(key)).collect();
    if exactly || keys.is_empty() {
        keys.extend(request.keys.is_open(CONTEXT).then(|| NAMES.to_owned()));
    }
    keys
}

/// What is known of the pair of this name.
fn pair<'r>(request: &'r Request, name: &str) -> Option<&'r Fact> {
    let keys = &request.keys;
    let stated = keys.pairs_in(CONTEXT).find(|(stated, _)| *stated == name);
    match (stated, keys.find(NAMES)) {
        (Some((_, fact)), _) => Some(fact),
        (None, Some(Fact::List(names))) if names.iter().any(|listed| **listed == *name) => Some(&Fact::There),
        // Beside a name in other letters there may be this one.
        (None, _) if keys.is_open(CONTEXT) => keys.find(&key(name)).map(|_| &Fact::Unknown),
        (None, _) => None,
    }
}

fn key(name: &str) -> String {
    format!("{CONTEXT}{}", name.to_lowercase())
}

const NAMES: &str = "kms:encryptioncontextkeys";
