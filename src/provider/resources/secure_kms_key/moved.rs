//! `moved { from = aws_kms_key.a, to = secure_kms_key.a }`: the state of
//! hashicorp/aws becomes ours. What only AWS knows is read by the refresh that
//! follows.

use std::fmt::Display;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::model::arn::Arn;
use crate::model::region::Region;
use crate::provider::resources::secure_kms_key::SecureKmsKey;
use crate::provider::resources::secure_kms_key::import;
use crate::tf;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Value;
use crate::tf::calls::MoveRequest;
use crate::tf::calls::MoveResponse;
use crate::tf::capabilities::MoveState;

#[async_trait]
impl MoveState for SecureKmsKey {
    async fn move_state(&self, request: MoveRequest) -> MoveResponse {
        match moved(&request) {
            Ok(state) => MoveResponse { state: Some(state), ..MoveResponse::default() },
            Err(diagnostic) => Diagnostics::from(diagnostic).into(),
        }
    }
}

fn moved(request: &MoveRequest) -> Result<Value, Diagnostic> {
    // The host differs between Terraform and OpenTofu.
    let provider_is_aws = request.source_provider.ends_with("/hashicorp/aws");
    if !provider_is_aws || request.source_type != "aws_kms_key" {
        return Err(refusal(format!(
            "a `{}` of the provider `{}`",
            request.source_type, request.source_provider
        )));
    }
    let source: Json = serde_json::from_slice(request.source_state.json())
        .map_err(|error| refusal(format!("a state that is no JSON: {error}")))?;
    let text = |name: &str| source.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let id = text("key_id").or(text("id")).unwrap_or_default();
    let id = id.parse().map_err(|error| refusal(format!("a state without a key id: {error}")))?;
    let mut state = import::stub(&id);
    // Before version 6 only the ARN names the Region.
    let arn: Option<Arn> = text("arn").and_then(|arn| arn.parse().ok());
    let region = text("region").or(arn.as_ref().and_then(Arn::region).map(Region::as_str));
    let window = source.get("deletion_window_in_days").and_then(Json::as_i64);
    let bypass = source.get("bypass_policy_lockout_safety_check").and_then(Json::as_bool);
    let done: Result<(), tf::Error> = [
        ("region", Value::from(region)),
        ("deletion_window_in_days", Value::from(window)),
        ("bypass_policy_lockout_safety_check", Value::from(bypass)),
    ]
    .into_iter()
    .try_for_each(|(name, value)| state.set_attr(name, value));
    done?;
    Ok(state)
}

fn refusal(found: impl Display) -> Diagnostic {
    Diagnostic::error(
        "The object cannot become a `secure_kms_key`",
        format!("Found: {found}.\nRequired: an `aws_kms_key` of the provider hashicorp/aws."),
    )
}

#[cfg(test)]
mod tests;
