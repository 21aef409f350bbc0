//! `IpAddress` and `NotIpAddress`.
//!
//! Host bits of an IPv4 range are ignored; an IPv6 range with host bits set is
//! malformed. What is malformed, on either side, satisfies neither operator
//! (recorded answers of AWS).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::iam::condition::Truth;
use crate::iam::policy::{Comparison, Text};

#[derive(Debug, Clone)]
pub(super) struct Networks {
    negated: bool,
    /// `None` for a malformed operand.
    operands: Box<[Option<IpNet>]>,
}

impl Networks {
    pub(super) fn new(comparison: Comparison, values: &[Text]) -> Self {
        let operands = values.iter().map(|value| network(value.as_str())).collect();
        Self { negated: comparison.is_negated(), operands }
    }

    pub(super) fn holds_of_any_value(&self) -> Truth {
        let malformed = |operand: &Option<IpNet>| operand.is_none();
        let never = if self.negated {
            self.operands.iter().any(malformed)
        } else {
            self.operands.iter().all(malformed)
        };
        if never { Truth::False } else { Truth::Unknown }
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        let Ok(address) = value.parse::<IpAddr>() else { return false };
        let mut operands = self.operands.iter();
        if self.negated {
            operands.all(|operand| operand.is_some_and(|network| !network.contains(&address)))
        } else {
            operands.flatten().any(|network| network.contains(&address))
        }
    }
}

fn network(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.into());
    }
    match text.parse::<IpNet>().ok()? {
        network @ IpNet::V4(_) => Some(network.trunc()),
        network @ IpNet::V6(_) => (network == network.trunc()).then_some(network),
    }
}
