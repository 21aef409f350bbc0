//! Grants (KMS developer guide, "Grants in AWS KMS", read 2026-11). In the
//! sandbox a grant is in force at once, so that grant tokens are taken and not
//! needed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::iam::evaluate::Context;
use crate::model::arn::Arn;
use crate::model::key::KeyState;
use crate::model::quota;
use crate::sandbox::enforce::Ask;
use crate::sandbox::ids::digits;
use crate::sandbox::kms::key::Grant;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::key::Terms;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::authorized;
use crate::sandbox::kms::locate::by_key_id;
use crate::sandbox::kms::locate::changeable;
use crate::sandbox::kms::locate::key_at;
use crate::sandbox::kms::locate::key_at_mut;
use crate::sandbox::kms::locate::not_found;
use crate::sandbox::kms::paging::Pages;
use crate::sandbox::kms::specs;
use crate::sandbox::kms::store::Place;
use crate::sandbox::principals::Principals;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::timestamp;

/// The same request with the same name gives the same grant; without a name it
/// gives another each time.
pub(super) fn create(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = by_key_id(world, call, input, Naming::Key)?;
    let name = grant_name(input)?;
    let terms = terms(world, call, input)?;
    check_operations(key_at(world, &place)?, &terms)?;
    world.authorize(call, &Ask::on_key("CreateGrant", &place).with(context(&terms)))?;
    changeable(
        key_at(world, &place)?,
        &[KeyState::Disabled, KeyState::PendingDeletion, KeyState::PendingImport],
    )?;
    let id = world.ids.hexadecimal(64);
    let key = key_at_mut(world, &place)?;
    let same = key.grants.iter().find(|grant| name.is_some() && grant.name == name && grant.terms == terms);
    if let Some(grant) = same {
        return Ok(answer(&grant.id));
    }
    if key.grants.len() >= quota::GRANTS_PER_KEY.value {
        return Err(ServiceError::new("LimitExceededException", "The key has the maximum number of grants."));
    }
    key.grants.push(Grant { id: id.clone(), name, created: call.now, terms });
    Ok(answer(&id))
}

/// Works in every key state and across accounts.
pub(super) fn list(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "ListGrants")?;
    let id = input.bounded("GrantId", 128)?;
    let grantee = input.bounded("GranteePrincipal", 256)?;
    let key = key_at(world, &place)?;
    let wanted = key.grants.iter().filter(|grant| {
        id.is_none_or(|id| grant.id == id) && grantee.is_none_or(|grantee| grant.terms.grantee == grantee)
    });
    let items: Vec<_> =
        wanted.map(|grant| (grant.id.clone(), shown(key, grant, &world.principals))).collect();
    let mut items = items;
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    GRANTS.answer(input, items.into_iter())
}

pub(super) fn revoke(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "RevokeGrant")?;
    let id = input.needed("GrantId")?;
    remove(world, &place, id)
}

/// Governed by the grant, not by the key policy: the retiring principal, the
/// grantee if the grant says so, or the account of the key.
pub(super) fn retire(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let (place, id) = if let Some(token) = input.text("GrantToken")? {
        by_token(world, call, token)?
    } else {
        let id = input.needed("GrantId")?.to_owned();
        (by_key_id(world, call, input, Naming::Key)?, id)
    };
    let key = key_at(world, &place)?;
    let grant = key.grants.iter().find(|grant| grant.id == id).ok_or_else(|| unknown(&id))?;
    let arn = call.identity.principal_arn();
    let named = |who: &str| who == arn || who == call.identity.arn;
    let retires = grant.terms.retiring.as_deref().is_some_and(named);
    let by_operation = named(&grant.terms.grantee) && grant.terms.operations.contains("RetireGrant");
    if !retires && !by_operation && world.authorize(call, &Ask::on_key("RetireGrant", &place)).is_err() {
        return Err(World::refusal(call, "kms:RetireGrant", &key.arn, "because no grant allows it"));
    }
    remove(world, &place, &id)
}

fn remove(world: &mut World, place: &Place, id: &str) -> Reply {
    let key = key_at_mut(world, place)?;
    let position = key.grants.iter().position(|grant| grant.id == id).ok_or_else(|| unknown(id))?;
    key.grants.remove(position);
    Ok(Value::Null)
}

fn by_token(world: &World, call: &Call, token: &str) -> Result<(Place, String), ServiceError> {
    for key in world.kms.all().filter(|key| key.region == call.region) {
        if let Some(grant) = key.grants.iter().find(|grant| token_of(&grant.id) == token) {
            let place = Place {
                account: key.account.clone(),
                region: key.region.clone(),
                id: key.id.clone(),
                alias: None,
            };
            return Ok((place, grant.id.clone()));
        }
    }
    Err(ServiceError::new("InvalidGrantTokenException", "The grant token is not valid."))
}

fn terms(world: &World, call: &Call, input: Input<'_>) -> Result<Terms, ServiceError> {
    let grantee = input.bounded("GranteePrincipal", 256)?;
    let grantee = grantee.map_or_else(|| input.needed("GranteePrincipal"), Ok)?;
    let retiring = input.bounded("RetiringPrincipal", 256)?;
    let grantee_id = principal(grantee, &world.principals)?;
    retiring.map(|retiring| principal(retiring, &world.principals)).transpose()?;
    let operations: BTreeSet<String> = input.texts("Operations")?.into_iter().map(str::to_owned).collect();
    if operations.is_empty() {
        input.needed("Operations")?;
    }
    let constraints = input.structure("Constraints")?;
    let pairs = |name| constraints.map_or_else(|| Ok(BTreeMap::new()), |given| given.text_map(name));
    let (context_equals, context_subset) =
        (pairs("EncryptionContextEquals")?, pairs("EncryptionContextSubset")?);
    if !context_equals.is_empty() && !context_subset.is_empty() {
        return Err(ServiceError::validation("Only one grant constraint can be specified."));
    }
    Ok(Terms {
        grantee: grantee.to_owned(),
        grantee_id,
        retiring: retiring.map(str::to_owned),
        operations,
        context_equals,
        context_subset,
        issuer: call.account().clone(),
    })
}

fn grant_name(input: Input<'_>) -> Result<Option<String>, ServiceError> {
    let Some(name) = input.bounded("Name", 256)? else { return Ok(None) };
    if name.chars().all(|character| character.is_ascii_alphanumeric() || ":/_-".contains(character)) {
        return Ok(Some(name.to_owned()));
    }
    Err(ServiceError::validation(format!(
        "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: ^[a-zA-Z0-9:/_-]+$"
    )))
}

/// A grantee must exist where the sandbox can know it; its unique id, if so.
fn principal(named: &str, principals: &Principals) -> Result<Option<String>, ServiceError> {
    let invalid = || ServiceError::new("InvalidArnException", format!("Invalid principal {named}"));
    if named.ends_with(".amazonaws.com") && !named.contains(':') {
        return Ok(None);
    }
    let arn: Arn = named.parse().map_err(|_| invalid())?;
    let account = arn.account().ok_or_else(invalid)?;
    let role = arn.resource().strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/'));
    let listed = match (arn.service(), role) {
        ("sts", Some((role, _))) => format!("arn:aws:iam::{account}:role/{role}"),
        ("iam", _) if arn.resource() == "root" => return Ok(None),
        ("iam", _) => named.to_owned(),
        _ => return Err(invalid()),
    };
    if !principals.has_account(account) {
        return Ok(None);
    }
    principals.unique_id_of(&listed).map(|id| Some(id.to_owned())).ok_or_else(invalid)
}

fn check_operations(key: &Key, terms: &Terms) -> Result<(), ServiceError> {
    let fitting = specs::grant_operations(&key.spec, &key.usage);
    let always = ["CreateGrant", "RetireGrant", "DescribeKey"];
    let stray = terms
        .operations
        .iter()
        .find(|name| !fitting.contains(&name.as_str()) && !always.contains(&name.as_str()));
    if let Some(stray) = stray {
        return Err(ServiceError::validation(format!(
            "Grant operation {stray} is not valid for a key of spec {} and usage {}.",
            key.spec, key.usage
        )));
    }
    if terms.operations.len() == 1 && terms.operations.contains("CreateGrant") {
        return Err(ServiceError::validation("CreateGrant cannot be the only operation of a grant."));
    }
    let constrained = !terms.context_equals.is_empty() || !terms.context_subset.is_empty();
    if constrained && !key.is_symmetric() {
        return Err(ServiceError::validation(
            "Encryption context constraints apply only to symmetric encryption keys.",
        ));
    }
    Ok(())
}

fn context(terms: &Terms) -> Context {
    let member = if terms.grantee.starts_with("arn:") {
        "kms:GranteePrincipal"
    } else {
        "kms:GranteeServicePrincipal"
    };
    let mut context = Context::new()
        .with(member, terms.grantee.as_str())
        .with_list("kms:GrantOperations", terms.operations.iter().map(String::as_str))
        .with("kms:GrantIsForAWSResource", "false");
    if let Some(retiring) = &terms.retiring {
        context = context.with("kms:RetiringPrincipal", retiring.as_str());
    }
    let (pairs, kind) = if terms.context_equals.is_empty() {
        (&terms.context_subset, "EncryptionContextSubset")
    } else {
        (&terms.context_equals, "EncryptionContextEquals")
    };
    if pairs.is_empty() {
        return context;
    }
    context = context.with("kms:GrantConstraintType", kind);
    for (key, value) in pairs {
        context = context.with(&format!("kms:EncryptionContext:{key}"), value.as_str());
    }
    context.with_list("kms:EncryptionContextKeys", pairs.keys().map(String::as_str))
}

/// A grantee that was deleted is shown by the unique id that is left of it.
fn shown(key: &Key, grant: &Grant, principals: &Principals) -> Value {
    let terms = &grant.terms;
    let now = principals.unique_id_of(&terms.grantee);
    let deleted = terms.grantee_id.as_deref().filter(|id| now != Some(id) && terms.grantee.contains(":iam:"));
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("KeyId", json!(key.arn));
    put("GrantId", json!(grant.id));
    put("Name", json!(grant.name.as_deref().unwrap_or_default()));
    put("CreationDate", timestamp(grant.created));
    put("GranteePrincipal", json!(deleted.unwrap_or(&terms.grantee)));
    put("IssuingAccount", json!(format!("arn:aws:iam::{}:root", terms.issuer)));
    put("Operations", json!(terms.operations));
    if let Some(retiring) = &terms.retiring {
        put("RetiringPrincipal", json!(retiring));
    }
    if !terms.context_equals.is_empty() {
        put("Constraints", json!({"EncryptionContextEquals": terms.context_equals}));
    }
    if !terms.context_subset.is_empty() {
        put("Constraints", json!({"EncryptionContextSubset": terms.context_subset}));
    }
    Value::Object(members)
}

fn answer(id: &str) -> Value {
    json!({"GrantId": id, "GrantToken": token_of(id)})
}

fn token_of(id: &str) -> String {
    STANDARD.encode(digits(&format!("token of {id}")))
}

fn unknown(id: &str) -> ServiceError {
    not_found(format!("Grant ID {id} not found"))
}

/// KMS API reference, `ListGrants`, read 2026-11.
const GRANTS: Pages = Pages { member: "Grants", usual: 50, most: 100 };
