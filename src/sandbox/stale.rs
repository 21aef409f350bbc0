//! Stale reads: what a read showed before a write, kept for its next calls.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::model::arn::Arn;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;

/// The members of a request or an answer.
type Members = Map<String, Value>;

/// The kept answer to a read, while there is one. INVARIANT: whoever gets it was
/// found to be allowed to read.
pub(crate) fn kept(world: &mut World, call: &Call, operation: &str, input: &Members) -> Option<Value> {
    world.faults.stale(&name(call, operation, input))
}

/// Keeps what the reads of a thing show now, before `write` changes it. A writer
/// who may not read keeps nothing.
pub(crate) fn keep(
    world: &mut World,
    call: &Call,
    write: &str,
    input: &Members,
    reads: u32,
    mut run: impl FnMut(&mut World, &str, Input<'_>) -> Reply,
) {
    for (read, asked) in reads_of(write, input) {
        if let Ok(answer) = run(world, read, Input::new(&asked)) {
            world.faults.keep_stale(name(call, read, &asked), answer, reads);
        }
    }
}

/// The reads that show what an operation writes, with their input.
fn reads_of(write: &str, input: &Members) -> Vec<(&'static str, Members)> {
    let from = |member: &str, named: &str| {
        let value = input.get(named).cloned().unwrap_or_default();
        Members::from_iter([(member.to_owned(), value)])
    };
    let key = || from("KeyId", "KeyId");
    let organization = input.contains_key("ResourceId");
    match write {
        "PutKeyPolicy" => vec![("GetKeyPolicy", key())],
        "TagResource" | "UntagResource" if organization => {
            vec![("ListTagsForResource", from("ResourceId", "ResourceId"))]
        }
        "TagResource" | "UntagResource" => vec![("ListResourceTags", key())],
        "EnableKeyRotation" | "DisableKeyRotation" => vec![("GetKeyRotationStatus", key())],
        "EnableKey" | "DisableKey" | "UpdateKeyDescription" | "ScheduleKeyDeletion" | "CancelKeyDeletion" => {
            vec![("DescribeKey", key())]
        }
        "CreateGrant" | "RevokeGrant" | "RetireGrant" => vec![("ListGrants", key())],
        "CreateAlias" | "UpdateAlias" => {
            vec![("ListAliases", Members::new()), ("ListAliases", from("KeyId", "TargetKeyId"))]
        }
        "DeleteAlias" => vec![("ListAliases", Members::new())],
        "UpdatePolicy" => vec![("DescribePolicy", from("PolicyId", "PolicyId"))],
        "AttachPolicy" | "DetachPolicy" => {
            let on_target = |filter: &str| {
                let mut asked = from("TargetId", "TargetId");
                asked.insert("Filter".to_owned(), json!(filter));
                ("ListPoliciesForTarget", asked)
            };
            vec![
                ("ListTargetsForPolicy", from("PolicyId", "PolicyId")),
                on_target("SERVICE_CONTROL_POLICY"),
                on_target("RESOURCE_CONTROL_POLICY"),
            ]
        }
        _ => Vec::new(),
    }
}

/// What a read asks for and where it is, however it names its key and its page.
fn name(call: &Call, operation: &str, input: &Members) -> String {
    const ASIDE: [&str; 6] = ["Limit", "Marker", "MaxResults", "NextToken", "GrantTokens", "PolicyName"];
    let mut name = format!("{} {operation}", place(call, input));
    for (member, value) in input.iter().filter(|(member, _)| !ASIDE.contains(&member.as_str())) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let short = if member == "KeyId" { text.rsplit('/').next().unwrap_or_default() } else { &text };
        name.extend([" ", member, "=", short]);
    }
    name
}

/// The account and region of a key or of a list of aliases. The organisation is
/// in none, and there is one.
fn place(call: &Call, input: &Members) -> String {
    if ["PolicyId", "ResourceId", "TargetId"].iter().any(|member| input.contains_key(*member)) {
        return "organisation".to_owned();
    }
    let named = input.get("KeyId").and_then(Value::as_str).and_then(|key| key.parse::<Arn>().ok());
    let account = named.as_ref().and_then(Arn::account).unwrap_or_else(|| call.account());
    let region = named.as_ref().and_then(Arn::region).unwrap_or(&call.region);
    format!("{account} {region}")
}
