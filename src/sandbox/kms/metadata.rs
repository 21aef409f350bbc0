//! A key as `DescribeKey` and `CreateKey` show it.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::model::key::KeyState;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::specs;
use crate::sandbox::wire::timestamp;

/// The metadata of a key.
pub(super) fn metadata(key: &Key) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("AWSAccountId", json!(key.account.as_str()));
    put("KeyId", json!(key.id.as_str()));
    put("Arn", json!(key.arn));
    put("CreationDate", timestamp(key.created));
    put("Enabled", json!(key.state == KeyState::Enabled));
    put("Description", json!(key.description));
    put("KeyUsage", json!(key.usage.as_str()));
    put("KeyState", json!(key.state.as_str()));
    put("Origin", json!(key.origin.as_str()));
    put("KeyManager", json!(key.manager.as_str()));
    put("KeySpec", json!(key.spec.as_str()));
    put("CustomerMasterKeySpec", json!(key.spec.as_str()));
    put("MultiRegion", json!(key.multi_region));
    if let Some(date) = key.deletion_date {
        put("DeletionDate", timestamp(date));
    }
    if let Some((name, list)) = specs::algorithms(&key.spec, &key.usage) {
        put(name, json!(list));
    }
    if key.is_symmetric() && key.state != KeyState::PendingImport {
        put("CurrentKeyMaterialId", json!(key.material()));
    }
    if key.multi_region {
        let here = json!({"Arn": key.arn, "Region": key.region.as_str()});
        put(
            "MultiRegionConfiguration",
            json!({"MultiRegionKeyType": "PRIMARY", "PrimaryKey": here, "ReplicaKeys": []}),
        );
    }
    Value::Object(members)
}
