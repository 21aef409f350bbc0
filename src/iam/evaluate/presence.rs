//! Which condition keys come together, and what AWS always sends.
//!
//! A key that is there brings its companions with it, with values that nobody
//! knows; one that may be there brings companions that may. What is stated of a
//! companion, that it is absent too, stays. Source: IAM user guide, "Global
//! condition context keys", availability of each key; KMS developer guide,
//! "Condition keys". Read 2026-11.

use crate::iam::catalogue::ALWAYS_THERE;
use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::caller::Identity;
use crate::iam::evaluate::derive::Draft;

/// Keys, in lower case, that exist under one circumstance.
struct Family {
    /// Where one of the family is, all of these are.
    all: &'static [&'static str],
    /// Where one of the family is, these may be.
    some: &'static [&'static str],
}

const FAMILIES: [Family; 6] = [
    Family { all: &["aws:principalorgid", "aws:principalorgpaths"], some: &[] },
    Family { all: &["aws:resourceorgid", "aws:resourceorgpaths"], some: &[] },
    Family { all: &["aws:sourceorgid", "aws:sourceorgpaths"], some: &[] },
    Family { all: &["aws:vpceorgid", "aws:vpceorgpaths"], some: &[] },
    // The account of an endpoint need not be in an organisation.
    Family {
        all: &["aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpceaccount", "aws:vpcsourceip"],
        some: &["aws:vpceorgid", "aws:vpceorgpaths"],
    },
    Family { all: &["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"], some: &[] },
];

/// What may be there where a service calls on behalf of its caller; not every
/// such service tells the chain, and not every one is known to KMS.
const FORWARDED: [&str; 4] = ["kms:viaservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];

/// Of which `CreateGrant` has exactly one (KMS API reference, read 2026-11).
const GRANTEES: [&str; 2] = ["kms:granteeprincipal", "kms:granteeserviceprincipal"];

/// A list of names, and the family that has a member of each name.
const LISTS: [(&str, &str); 2] =
    [("aws:tagkeys", "aws:RequestTag/"), ("kms:encryptioncontextkeys", "kms:EncryptionContext:")];

const VIA: &str = "aws:viaawsservice";
const ENDPOINT: &str = "aws:sourcevpce";
const SECOND_FACTOR: &str = "aws:multifactorauthpresent";
const SECOND_FACTOR_AGE: &str = "aws:multifactorauthage";

impl Draft<'_> {
    /// A call is forwarded when it came through a service.
    pub(super) fn forwarding(&mut self) {
        if self.builder.context.calls_unknown(VIA) && !self.is_service() {
            for key in FORWARDED {
                self.come(key, Truth::Unknown);
            }
        }
        let fact = match self.any_there(&FORWARDED) {
            Truth::True => Fact::One("true".into()),
            Truth::Unknown => Fact::There,
            Truth::False => Fact::One("false".into()),
        };
        self.follow(VIA, fact);
    }

    /// What exists under the same circumstance as a key that is there, or that
    /// may be.
    pub(super) fn companions(&mut self) {
        let by_service = self.by_service();
        if self.builder.through_endpoint {
            self.come(ENDPOINT, by_service.not());
        }
        for Family { all, some } in FAMILIES {
            let there = self.any_there(all).max(self.any_there(some));
            for key in all {
                self.come(key, there);
            }
            for key in some {
                self.come(key, there.min(Truth::Unknown));
            }
        }
        if by_service != Truth::False && !self.is_service() {
            for key in FORWARDED {
                self.come(key, Truth::Unknown);
            }
        }
        // A call comes from an address, through an endpoint or from a service.
        self.come("aws:sourceip", self.any_there(&[ENDPOINT]).max(by_service).not());
    }

    /// What credentials bring with them.
    pub(super) fn credentials(&mut self) {
        if matches!(self.builder.caller.identity, Identity::Role { .. } | Identity::FederatedUser { .. }) {
            // Whether a forwarded call tells it is not documented.
            self.come("aws:tokenissuetime", self.by_service().not().max(Truth::Unknown));
        }
        let age = self.any_there(&[SECOND_FACTOR_AGE]);
        if age == Truth::True && self.keys.find(SECOND_FACTOR).is_none() {
            self.one(SECOND_FACTOR, "true");
        }
        self.come(SECOND_FACTOR, age);
        let factor = match self.keys.find(SECOND_FACTOR) {
            Some(Fact::One(present)) => present.eq_ignore_ascii_case("true").into(),
            Some(_) => Truth::Unknown,
            None => Truth::False,
        };
        self.come(SECOND_FACTOR_AGE, factor);
    }

    /// Who gets a grant: where one of the two is not there, the other one is.
    pub(super) fn grantee(&mut self) {
        if self.any_there(&GRANTEES) == Truth::True {
            return;
        }
        let excluded = |key: &str| self.builder.context.states(key) && self.keys.find(key).is_none();
        let there = if GRANTEES.into_iter().any(excluded) { Truth::True } else { Truth::Unknown };
        for key in GRANTEES {
            self.come(key, there);
        }
    }

    /// A list of names and the members of those names tell of each other.
    pub(super) fn lists(&mut self) {
        for (list, members) in LISTS {
            match self.keys.find(list).cloned() {
                Some(Fact::List(names)) => self.named(members, &names),
                Some(Fact::Unknown) => self.nameless(list, &members.to_ascii_lowercase()),
                _ => self.list(list, &members.to_ascii_lowercase()),
            }
        }
    }

    fn named(&mut self, members: &str, names: &[Box<str>]) {
        for name in names {
            let member = format!("{members}{name}");
            if self.keys.find(&member.to_lowercase()).is_none() {
                self.derive(&member, Fact::There);
            }
        }
    }

    fn nameless(&mut self, list: &str, family: &str) {
        if !self.carries(family) {
            return;
        }
        self.keys.open(family);
        if let Some(names) = self.keys.list_of(family) {
            self.keys.insert(list, list, names);
        }
    }

    fn list(&mut self, list: &str, family: &str) {
        if let Some(names) = self.keys.list_of(family) {
            self.derive(list, names);
        }
    }

    /// What AWS always sends is there, and unknown where nothing tells it.
    pub(super) fn left_over(&mut self) {
        let of_kms = self.place.action.text.starts_with("kms:");
        if of_kms {
            // KMS takes no unencrypted calls (KMS developer guide, "Infrastructure security", read 2026-11).
            self.one("aws:SecureTransport", "true");
        }
        for key in ALWAYS_THERE {
            let sent = if of_kms { self.place.action.kms.is_some() } else { key.starts_with("aws:") };
            // Which account AWS gives for a service is not documented.
            if sent && !(self.is_service() && key == "aws:principalaccount") {
                self.come(key, Truth::True);
            }
        }
    }

    /// Whether a service makes the call, for itself or for its caller.
    fn by_service(&self) -> Truth {
        match self.keys.find(VIA) {
            _ if self.is_service() => Truth::True,
            Some(Fact::One(via)) => via.eq_ignore_ascii_case("true").into(),
            Some(_) => Truth::Unknown,
            None => Truth::False,
        }
    }

    fn is_service(&self) -> bool {
        matches!(self.builder.caller.identity, Identity::Service { .. })
    }

    /// Whether any of the keys, in lower case, is there.
    fn any_there(&self, keys: &[&str]) -> Truth {
        let of = |fact: &Fact| if fact.is_there() { Truth::True } else { Truth::Unknown };
        Truth::any(keys.iter().map(|key| self.keys.find(key).map_or(Truth::False, of)))
    }

    /// Lets a key, in lower case, that nothing is known of yet be there, or
    /// perhaps.
    fn come(&mut self, key: &str, there: Truth) {
        match there {
            Truth::False => {}
            _ if self.keys.find(key).is_some() => {}
            Truth::True => self.derive(key, Fact::There),
            Truth::Unknown => self.derive(key, Fact::Unknown),
        }
    }
}
