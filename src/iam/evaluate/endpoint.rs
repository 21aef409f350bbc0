//! The policy of a VPC endpoint, and whether it has a say.

use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::analyse::{Hit, Reader, Said};
use crate::iam::evaluate::request::Request;
use crate::iam::evaluate::{Compiled, Layer};

/// What a service does for itself or for its caller does not pass through the
/// caller's endpoint, unless the request says that it came through one.
pub(super) fn goes_through_endpoint(request: &Request) -> Truth {
    let is_true = |key: &str| -> Truth {
        match request.keys.find(key) {
            Some(Fact::One(value)) => value.eq_ignore_ascii_case("true").into(),
            Some(fact) if fact.is_unknown() => Truth::Unknown,
            Some(_) | None => Truth::False,
        }
    };
    let by_service = Truth::any(["aws:viaawsservice", "aws:principalisawsservice"].into_iter().map(is_true));
    match request.keys.find(ENDPOINT) {
        Some(fact) if fact.is_there() => Truth::True,
        Some(_) => by_service.not().max(Truth::Unknown),
        None => by_service.not(),
    }
}

/// The keys on which it hangs, in lower case.
pub(super) const WAY: [&str; 2] = ["aws:viaawsservice", ENDPOINT];

const ENDPOINT: &str = "aws:sourcevpce";

impl Reader<'_> {
    /// The endpoint's say, where the call goes through one. Where it does not,
    /// a Deny is not counted, and named.
    pub(super) fn endpoint<'p>(&mut self, policies: &'p [Compiled]) -> Option<Said<'p>> {
        let asked = goes_through_endpoint(self.request);
        if asked != Truth::False {
            return Some(self.perhaps(policies, asked));
        }
        let mut aside = Reader { request: self.request, bounded: self.bounded, not_modelled: Vec::new() };
        if aside.said(Layer::Endpoint, None, policies).deny() != Truth::False {
            let note = "the endpoint policy was not asked, since a service makes the call; \
                        on the way of the caller it would deny";
            self.not_modelled.push(note.to_owned());
        }
        None
    }

    fn perhaps<'p>(&mut self, policies: &'p [Compiled], asked: Truth) -> Said<'p> {
        let all = self.said(Layer::Endpoint, None, policies);
        if asked == Truth::True {
            return all;
        }
        let mut said = Said::nothing(Layer::Endpoint);
        said.asked = asked;
        all.allows.iter().for_each(|hit| said.add(*hit));
        all.denies.iter().for_each(|hit| said.add(Hit { truth: hit.truth.min(asked), ..*hit }));
        said
    }
}
