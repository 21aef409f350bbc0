//! A grant of a case, in the words of `CreateGrant` and `ListGrants` or the
//! same words in snake case.

use std::collections::BTreeMap;

use crate::cli::simulate::case::at;
use crate::cli::simulate::read::{Fields, list, string, wrong};
use crate::iam::ParseError;
use crate::iam::evaluate::Grant;
use crate::iam::json::Node;
use crate::iam::parse::object;

/// Reads a grant; `None` when it is on another key than the case's.
pub(super) fn read(node: &Node<'_>, index: usize, resource: &str) -> Result<Option<Grant>, ParseError> {
    let mut fields = Fields::new(node, "a grant: an object with `grantee_principal` and `operations`")?;
    let id = match fields.take_any(&["grant_id", "GrantId", "id"]) {
        Some(id) => string(id, "the id of the grant")?.to_owned(),
        None => format!("grant-{index}"),
    };
    let grantee = fields
        .take_any(&[
            "grantee_principal",
            "GranteePrincipal",
            "grantee_service_principal",
            "GranteeServicePrincipal",
        ])
        .ok_or_else(|| ParseError::new(node.at, "the grant has no `grantee_principal`"))?;
    let operations = fields
        .take_any(&["operations", "Operations"])
        .ok_or_else(|| ParseError::new(node.at, "the grant has no `operations`"))?;
    let named: Result<Vec<&str>, ParseError> = list(operations, "a list of operations")?
        .iter()
        .map(|operation| string(operation, "an operation such as `Decrypt`"))
        .collect();
    let named = named?;
    let fail = |error| at(node, &error);
    let mut grant = Grant::new(&id, string(grantee, "an ARN")?, &named).map_err(fail)?;
    if named.is_empty() {
        return Err(ParseError::new(operations.at, "the grant lists no operation"));
    }
    let retiring =
        ["retiring_principal", "RetiringPrincipal", "retiring_service_principal", "RetiringServicePrincipal"];
    let retiring = fields.take_any(&retiring);
    if let Some(principal) = retiring {
        grant = grant.retiring(string(principal, "an ARN")?).map_err(fail)?;
    }
    if let Some(account) = fields.take_any(&["issuing_account", "IssuingAccount"]) {
        grant =
            grant.issued_by(account_of(string(account, "an account number as a string")?)).map_err(fail)?;
    }
    if let Some(constraints) = fields.take_any(&["constraints", "Constraints"]) {
        grant = constrained(grant, constraints)?;
    }
    // KMS makes no such grant (KMS API reference, `CreateGrant`, read 2026-11).
    if grant.is_to_service() && !(grant.is_bound_to_source() && retiring.is_some()) {
        let needs = "a grant to a service needs the constraint `source_arn` and a `retiring_principal`";
        return Err(ParseError::new(node.at, needs));
    }
    for unused in [["name", "Name"], ["creation_date", "CreationDate"]] {
        fields.take_any(&unused);
    }
    let key =
        fields.take_any(&["key_id", "KeyId"]).map(|key| string(key, "the ARN or id of a key")).transpose()?;
    fields.finish()?;
    let same = key.is_none_or(|key| resource == key || resource.ends_with(&format!(":key/{key}")));
    Ok(same.then_some(grant))
}

/// `ListGrants` gives the issuing account as the ARN of its root user.
fn account_of(text: &str) -> &str {
    text.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).unwrap_or(text)
}

fn constrained(mut grant: Grant, node: &Node<'_>) -> Result<Grant, ParseError> {
    let mut fields = Fields::new(node, "an object of constraints")?;
    let equals = fields.take_any(&["encryption_context_equals", "EncryptionContextEquals"]);
    let subset = fields.take_any(&["encryption_context_subset", "EncryptionContextSubset"]);
    match (equals, subset) {
        (Some(_), Some(_)) => return Err(wrong(node, "one constraint on the encryption context")),
        (Some(equals), None) => grant = grant.encryption_context_equals(pairs(equals)?),
        (None, Some(subset)) => grant = grant.encryption_context_subset(pairs(subset)?),
        (None, None) => {}
    }
    if let Some(source) = fields.take_any(&["source_arn", "SourceArn"]) {
        grant = grant.source_arn(string(source, "an ARN")?);
    }
    fields.finish()?;
    Ok(grant)
}

fn pairs(node: &Node<'_>) -> Result<BTreeMap<String, String>, ParseError> {
    let members = object(node, "an object of encryption context pairs")?;
    let pair = |member: &crate::iam::json::Member<'_>| {
        Ok((member.name.to_string(), string(&member.node, "a string")?.to_owned()))
    };
    members.iter().map(pair).collect()
}
