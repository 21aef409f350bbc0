//! Encrypting and decrypting, played: a ciphertext names its key, its
//! encryption context and its plaintext, masked and sealed with a digest. It
//! protects nothing; what it keeps is the behaviour: the wrong key, the wrong
//! context and a changed byte are refused as KMS refuses them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::iam::evaluate::Context;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::sandbox::enforce::Ask;
use crate::sandbox::ids::digits;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::by_key_id;
use crate::sandbox::kms::locate::find;
use crate::sandbox::kms::locate::in_state;
use crate::sandbox::kms::locate::key_at;
use crate::sandbox::kms::store::Place;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Whether `GenerateDataKey` shows the data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plaintext {
    Returned,
    Withheld,
}

pub(super) fn encrypt(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = by_key_id(world, call, input, Naming::KeyOrAlias)?;
    let plaintext = input.blob("Plaintext", 4_096)?;
    let plaintext = plaintext.map_or_else(|| input.needed("Plaintext").map(|_| Vec::new()), Ok)?;
    let pairs = input.text_map("EncryptionContext")?;
    let algorithm = algorithm(input, "EncryptionAlgorithm")?;
    let context = context(&pairs, &algorithm);
    world.authorize(call, &Ask::on_key("Encrypt", &place).with(context))?;
    let key = usable(world, &place, &algorithm, &pairs)?;
    let blob = seal(key, &pairs, &plaintext);
    Ok(json!({"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": algorithm}))
}

pub(super) fn decrypt(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let algorithm = algorithm(input, "EncryptionAlgorithm")?;
    let opened = Opening { id: "KeyId", context: "EncryptionContext", destination: None }
        .open(world, call, input, &algorithm, "Decrypt")?;
    let (key, plaintext) = opened;
    let material = key_at(world, &key)?;
    Ok(json!({
        "KeyId": material.arn,
        "Plaintext": STANDARD.encode(plaintext),
        "EncryptionAlgorithm": algorithm,
        "KeyMaterialId": material.material(),
    }))
}

/// Authorised as `ReEncryptFrom` on the source and `ReEncryptTo` on the
/// destination.
pub(super) fn re_encrypt(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let from = algorithm(input, "SourceEncryptionAlgorithm")?;
    let to = algorithm(input, "DestinationEncryptionAlgorithm")?;
    let named = input.needed("DestinationKeyId")?;
    let destination = find(world, call, named, Naming::KeyOrAlias)?;
    let opening =
        Opening { id: "SourceKeyId", context: "SourceEncryptionContext", destination: Some(&destination) };
    let (source, plaintext) = opening.open(world, call, input, &from, "ReEncryptFrom")?;
    let pairs = input.text_map("DestinationEncryptionContext")?;
    let context = on_same_key(context(&pairs, &to), &source, &destination);
    world.authorize(call, &Ask::on_key("ReEncryptTo", &destination).with(context))?;
    let key = usable(world, &destination, &to, &pairs)?;
    Ok(json!({
        "CiphertextBlob": seal(key, &pairs, &plaintext),
        "SourceKeyId": key_at(world, &source)?.arn,
        "KeyId": key.arn,
        "SourceEncryptionAlgorithm": from,
        "DestinationEncryptionAlgorithm": to,
    }))
}

pub(super) fn generate_data_key(world: &mut World, call: &Call, input: Input<'_>, shown: Plaintext) -> Reply {
    let place = by_key_id(world, call, input, Naming::KeyOrAlias)?;
    let spec = input.one_of("KeySpec", &["AES_256", "AES_128"])?;
    let bytes = match (spec, input.within("NumberOfBytes", 1, 1_024)?) {
        (Some("AES_128"), None) => 16,
        (Some(_), None) => 32,
        (None, Some(bytes)) => bytes,
        (Some(_), Some(_)) | (None, None) => {
            return Err(ServiceError::validation("Please specify either number of bytes or key spec."));
        }
    };
    let pairs = input.text_map("EncryptionContext")?;
    let action = match shown {
        Plaintext::Returned => "GenerateDataKey",
        Plaintext::Withheld => "GenerateDataKeyWithoutPlaintext",
    };
    world.authorize(call, &Ask::on_key(action, &place).with(context(&pairs, SYMMETRIC)))?;
    let length = usize::try_from(bytes).unwrap_or(32);
    let mut data_key = Vec::with_capacity(length);
    while data_key.len() < length {
        data_key.extend_from_slice(world.ids.hexadecimal(64).as_bytes());
    }
    data_key.truncate(length);
    let key = usable(world, &place, SYMMETRIC, &pairs)?;
    let mut answer = json!({"CiphertextBlob": seal(key, &pairs, &data_key), "KeyId": key.arn});
    if let (Plaintext::Returned, Some(members)) = (shown, answer.as_object_mut()) {
        members.insert("Plaintext".to_owned(), json!(STANDARD.encode(data_key)));
    }
    Ok(answer)
}

/// The members that say how a ciphertext is to be opened.
struct Opening<'p> {
    id: &'static str,
    context: &'static str,
    /// The key that `ReEncrypt` seals the plaintext with again.
    destination: Option<&'p Place>,
}

impl Opening<'_> {
    /// The key of a ciphertext and its plaintext, if the caller may `action`.
    fn open(
        &self,
        world: &mut World,
        call: &Call,
        input: Input<'_>,
        algorithm: &str,
        action: &str,
    ) -> Result<(Place, Vec<u8>), ServiceError> {
        let blob = input.blob("CiphertextBlob", 6_144)?;
        let blob = blob.map_or_else(|| input.needed("CiphertextBlob").map(|_| Vec::new()), Ok)?;
        let pairs = input.text_map(self.context)?;
        let named = input.bounded(self.id, 2_048)?;
        let named = named.map(|named| find(world, call, named, Naming::KeyOrAlias)).transpose()?;
        let sealed = Sealed::read(&blob).ok_or_else(invalid)?;
        let place = find(world, call, &sealed.key, Naming::Key).map_err(|_| invalid())?;
        if named.as_ref().is_some_and(|named| named.id != place.id || named.account != place.account) {
            return Err(ServiceError::new(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.",
            ));
        }
        let place = Place { alias: named.and_then(|named| named.alias), ..place };
        let asked = context(&pairs, algorithm);
        let asked = match self.destination {
            Some(destination) => on_same_key(asked, &place, destination),
            None => asked,
        };
        world.authorize(call, &Ask::on_key(action, &place).with(asked))?;
        let key = usable(world, &place, algorithm, &pairs)?;
        let plaintext = sealed.open(key, &pairs).ok_or_else(invalid)?;
        Ok((place, plaintext))
    }
}

fn algorithm(input: Input<'_>, member: &str) -> Result<String, ServiceError> {
    let accepted = [SYMMETRIC, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];
    Ok(input.one_of(member, &accepted)?.unwrap_or(SYMMETRIC).to_owned())
}

fn on_same_key(context: Context, source: &Place, destination: &Place) -> Context {
    let place = |key: &Place| (key.account.clone(), key.region.clone(), key.id.clone());
    context.with("kms:ReEncryptOnSameKey", (place(source) == place(destination)).to_string())
}

fn context(pairs: &BTreeMap<String, String>, algorithm: &str) -> Context {
    let mut context = Context::new().with("kms:EncryptionAlgorithm", algorithm);
    for (key, value) in pairs {
        context = context.with(&format!("kms:EncryptionContext:{key}"), value.as_str());
    }
    if pairs.is_empty() {
        return context;
    }
    context.with_list("kms:EncryptionContextKeys", pairs.keys().map(String::as_str))
}

fn usable<'a>(
    world: &'a World,
    place: &Place,
    algorithm: &str,
    pairs: &BTreeMap<String, String>,
) -> Result<&'a Key, ServiceError> {
    let key = key_at(world, place)?;
    in_state(key, &[KeyState::Disabled, KeyState::PendingDeletion, KeyState::PendingImport])?;
    let misused = key.usage != KeyUsage::EncryptDecrypt || key.is_symmetric() != (algorithm == SYMMETRIC);
    if misused {
        let message =
            format!("{} key usage is {} which is not valid for this operation.", key.arn, key.usage);
        return Err(ServiceError::new("InvalidKeyUsageException", message));
    }
    if !key.is_symmetric() && !pairs.is_empty() {
        return Err(ServiceError::validation(
            "EncryptionContext is not supported with asymmetric encryption keys.",
        ));
    }
    Ok(key)
}

/// What a ciphertext holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    key: String,
    masked: String,
    seal: String,
}

fn seal(key: &Key, pairs: &BTreeMap<String, String>, plaintext: &[u8]) -> Value {
    let masked = STANDARD.encode(mask(key, plaintext));
    let sealed = Sealed { key: key.arn.clone(), seal: seal_of(key, pairs, &masked), masked };
    json!(STANDARD.encode(serde_json::to_vec(&sealed).unwrap_or_default()))
}

impl Sealed {
    fn read(blob: &[u8]) -> Option<Self> {
        serde_json::from_slice(blob).ok()
    }

    fn open(&self, key: &Key, pairs: &BTreeMap<String, String>) -> Option<Vec<u8>> {
        let masked = STANDARD.decode(&self.masked).ok()?;
        (self.seal == seal_of(key, pairs, &self.masked)).then(|| mask(key, &masked))
    }
}

fn mask(key: &Key, bytes: &[u8]) -> Vec<u8> {
    let stream = digits(&format!("mask of {}", key.arn)).into_bytes();
    bytes.iter().zip(stream.iter().cycle()).map(|(byte, other)| byte ^ other).collect()
}

fn seal_of(key: &Key, pairs: &BTreeMap<String, String>, masked: &str) -> String {
    digits(&format!("{} {masked} {}", key.arn, json!(pairs)))
}

fn invalid() -> ServiceError {
    ServiceError::new("InvalidCiphertextException", "")
}

const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
