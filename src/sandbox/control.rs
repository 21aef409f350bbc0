//! The sandbox's own endpoints, below `/_sandbox/`: turning the clock, loading
//! a fault script, looking at what was asked and at what there is.
//!
//! | method and path | body | does |
//! |---|---|---|
//! | `POST /_sandbox/clock` | `{"advance_seconds": 86400}` | turns the clock |
//! | `POST /_sandbox/faults` | a list of faults | loads a script, see [`crate::sandbox::faults`] |
//! | `GET /_sandbox/requests` | | what was asked, oldest first |
//! | `GET /_sandbox/state` | | keys, aliases, policies and time |
//! | `POST /_sandbox/reset` | | everything as at the start |
//! | `POST /_sandbox/roles` | `{"account": "…", "role": {…}}` | makes a role, or makes it anew |
//! | `DELETE /_sandbox/roles` | `{"arn": "…"}` | deletes a role |

use hyper::Method;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::model::account::AccountId;
use crate::model::shape;
use crate::sandbox::Sandbox;
use crate::sandbox::faults;
use crate::sandbox::organisation::RoleDescription;
use crate::sandbox::service::lock;
use crate::sandbox::state::World;

/// The path that all of them begin with.
pub(crate) const PREFIX: &str = "/_sandbox/";

/// Status and body of an answer.
pub(crate) fn answer(sandbox: &Sandbox, method: &Method, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let name = path.strip_prefix(PREFIX).unwrap_or_default();
    let done = match (method.as_str(), name) {
        ("POST", "clock") => advance(sandbox, body),
        ("POST", "faults") => faults(sandbox, body),
        ("GET", "requests") => Ok(json!(lock(&sandbox.world).log.entries().collect::<Vec<_>>())),
        ("GET", "state") => Ok(state(&lock(&sandbox.world))),
        ("POST", "reset") => sandbox.reset().map(|()| json!({})).map_err(|error| error.to_string()),
        ("POST", "roles") => make_role(sandbox, body),
        ("DELETE", "roles") => delete_role(sandbox, body),
        _ => return (404, told(&format!("`{method} {path}` is not an endpoint of the sandbox"))),
    };
    match done {
        Ok(answer) => (200, answer.to_string().into_bytes()),
        Err(problem) => (400, told(&problem)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

fn advance(sandbox: &Sandbox, body: &[u8]) -> Result<Value, String> {
    let asked: Advance = read(body)?;
    let mut world = lock(&sandbox.world);
    if !world.clock.advance(asked.advance_seconds) {
        return Err(format!("the calendar ends before `{}` seconds from now", asked.advance_seconds));
    }
    Ok(json!({"now": now(&world)}))
}

fn faults(sandbox: &Sandbox, body: &[u8]) -> Result<Value, String> {
    let rules = faults::read(body).map_err(|error| error.to_string())?;
    let loaded = rules.len();
    lock(&sandbox.world).faults.load(rules);
    Ok(json!({"loaded": loaded}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRole {
    account: String,
    role: RoleDescription,
}

fn make_role(sandbox: &Sandbox, body: &[u8]) -> Result<Value, String> {
    let asked: NewRole = read(body)?;
    let account: AccountId = asked.account.parse().map_err(|error| format!("{error}"))?;
    let mut world = lock(&sandbox.world);
    let World { principals, kms, .. } = &mut *world;
    principals.add_role(&account, &asked.role).map_err(|error| error.to_string())?;
    kms.principals_changed(principals);
    let arn = format!("arn:aws:iam::{account}:role{}{}", asked.role.path, asked.role.name);
    Ok(json!({"arn": arn, "unique_id": principals.unique_id_of(&arn)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldRole {
    arn: String,
}

fn delete_role(sandbox: &Sandbox, body: &[u8]) -> Result<Value, String> {
    let asked: OldRole = read(body)?;
    let mut world = lock(&sandbox.world);
    let World { principals, kms, .. } = &mut *world;
    if !principals.delete_role(&asked.arn) {
        return Err(format!("there is no role `{}`", asked.arn));
    }
    kms.principals_changed(principals);
    Ok(json!({}))
}

fn state(world: &World) -> Value {
    let keys: Vec<Value> = world
        .kms
        .all()
        .map(|key| {
            json!({
                "arn": key.arn,
                "state": key.state.as_str(),
                "manager": key.manager.as_str(),
                "aliases": world.kms.aliases_of(key),
                "tags": key.tags,
                "rotation_period_in_days": key.rotation.map(|rotation| rotation.period),
                "grants": key.grants.len(),
            })
        })
        .collect();
    json!({
        "now": now(world),
        "keys": keys,
        "policies": world.organizations.overview(),
        "principals": world.principals.arns(),
        "calls": world.log.counts(),
    })
}

fn now(world: &World) -> String {
    world.clock.now().format(&Rfc3339).unwrap_or_default()
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    shape::read(body).map_err(|misfit| format!("the request body cannot be read: {misfit}"))
}

fn told(problem: &str) -> Vec<u8> {
    json!({"error": problem}).to_string().into_bytes()
}
