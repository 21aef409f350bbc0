//! What the tests of this room start from: the built-in organisation and its
//! people, asked without HTTP.

use std::sync::Arc;

use serde_json::Value;

use crate::sandbox::kms;
use crate::sandbox::organisation::Organisation;
use crate::sandbox::organizations;
use crate::sandbox::principals::Identity;
use crate::sandbox::principals::Kind;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

pub(crate) const MANAGEMENT: &str = "111111111111";
pub(crate) const DEV: &str = "222222222222";
pub(crate) const PROD: &str = "333333333333";

pub(crate) fn world() -> World {
    World::new(&Organisation::built_in().unwrap()).unwrap()
}

/// A call of a session of a role, without MFA.
pub(crate) fn role(world: &World, account: &str, name: &str) -> Call {
    let arn = format!("arn:aws:iam::{account}:role/{name}");
    let role_id = world.principals.role(&arn).unwrap().unique_id.clone();
    let identity = Identity {
        account: account.parse().unwrap(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{name}/test"),
        user_id: format!("{role_id}:test"),
        kind: Kind::Session { session: "test".to_owned(), role_arn: arn, role_id },
        mfa: None,
        session_policy: None,
        session_tags: std::collections::BTreeMap::new(),
        issued: None,
    };
    Call {
        identity: Arc::new(identity),
        region: "eu-west-1".parse().unwrap(),
        now: world.clock.now(),
        source_ip: "127.0.0.1".to_owned(),
    }
}

pub(crate) fn kms(world: &mut World, call: &Call, operation: &str, input: Value) -> Reply {
    let call = Call { now: world.clock.now(), ..call.clone() };
    let members = serde_json::from_value(input).unwrap();
    kms::perform(world, &call, operation, Input::new(&members))
}

pub(crate) fn organizations(world: &mut World, operation: &str, input: Value) -> Reply {
    let call = role(world, MANAGEMENT, "terraform");
    let members = serde_json::from_value(input).unwrap();
    organizations::perform(world, &call, operation, Input::new(&members))
}

/// The id of a new key of the dev account, made by its pipeline.
pub(crate) fn new_key(world: &mut World, input: Value) -> String {
    let call = role(world, DEV, "terraform");
    let answer = kms(world, &call, "CreateKey", input).unwrap();
    answer.pointer("/KeyMetadata/KeyId").unwrap().as_str().unwrap().to_owned()
}

pub(crate) fn refused(reply: Reply) -> (&'static str, String) {
    let ServiceError { code, message, .. } = reply.unwrap_err();
    (code, message)
}

pub(crate) fn refused_for(reply: Reply) -> (&'static str, Option<&'static str>) {
    let error = reply.unwrap_err();
    (error.code, error.member.map(|(_, value)| value))
}
