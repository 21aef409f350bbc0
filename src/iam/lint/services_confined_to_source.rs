//! A service is let in for one's own resources only.

use crate::iam::lint::contract::calls::excludes_services;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ACTIONS};
use crate::iam::lint::contract::principals::{self, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Condition, Effect};

/// The rule.
#[derive(Debug)]
pub(super) struct ServicesConfinedToSource;

impl Rule for ServicesConfinedToSource {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Allow) {
            let named = principals::named(statement);
            let Some(service) = named.iter().find(|principal| principal.who == Who::Service) else {
                continue;
            };
            let known = |condition: &Condition| {
                conditions::limits(statement, condition) && conditions::is_narrow(condition)
            };
            // A statement that no service can meet lets none in: another rule says so.
            if conditions::on(statement, &SOURCES).any(known) || excludes_services(statement).is_some() {
                continue;
            }
            let everything = kms::actions(statement).len() == ACTIONS.len();
            let severity = if everything { Severity::Error } else { Severity::Warning };
            let own = own_calls(service.text);
            findings.add_as(
                severity,
                service.at,
                format!(
                    "`{}` may use the key for anybody's resources, in whatever account they are{}",
                    service.text,
                    if own.is_some() {
                        ", though it uses the keys of its users with their identity"
                    } else {
                        ""
                    }
                ),
                match own {
                    Some(calls) => format!("remove it, unless {calls}: then {FIX}"),
                    None => FIX.to_owned(),
                },
            );
        }
    }
}

/// What a service calls for itself for that uses keys with the identity of its
/// users otherwise (KMS developer guide, `kms:ViaService`; S3 user guide,
/// "Amazon S3 Inventory" and "Event notifications"; read 2026-11).
fn own_calls(service: &str) -> Option<&'static str> {
    match service {
        "rds.amazonaws.com" => Some("the page of an RDS feature asks for it"),
        "s3.amazonaws.com" => Some("it is for inventories or event notifications"),
        _ => None,
    }
}

const FIX: &str = "add a condition on `aws:SourceArn` or `aws:SourceAccount`";

/// What says for whom a service calls. Trails and log groups say it in
/// the encryption context (KMS developer guide, read 2026-11).
const SOURCES: [&str; 5] = [
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "kms:encryptioncontext:aws:",
];

static DOC: Doc = Doc {
    id: "services-confined-to-source",
    number: "L12",
    title: "A service acts for known resources only",
    severity: Severity::Error,
    kinds: &[Kind::Key],
    requires: "A statement that allows a service principal has a condition on `aws:SourceArn`, `aws:SourceAccount`, \
               `aws:SourceOrgID` or `aws:SourceOrgPaths`, or on the encryption context that the service sets, and not for \
               every account.",
    why: "A service principal is the same in every account. Without a source anybody can have the service use your key \
          for a resource of theirs, as a confused deputy. An error where it is allowed everything.",
    remedy: "Add `aws:SourceAccount` with your account, or better `aws:SourceArn` with the resource. Services that call \
             with their user's identity, such as S3 and RDS, need no statement of their own at all.",
    references: &["IAM user guide, The confused deputy problem", "Access Analyzer service principal checks"],
};
