//! A sandbox with keys in it, and the binary beside it.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use keyrail::aws::config::{AccessKeys, ConnectionSettings, Endpoints, Role, Secret};
use keyrail::aws::{CreateKey, KeyReference, Session, connect};
use keyrail::model::key::{KeyId, KeySpec, KeyUsage, RotationPeriod, WindowDays};
use keyrail::sandbox::{Options, Organisation, Running, start};
use tokio::runtime::Runtime;

/// The binary, with nothing of this process's AWS in its environment.
pub(crate) fn keyrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyrail"));
    command.env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Runs the binary to its end with something on its standard input.
pub(crate) fn with_input(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Standard output as text.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A sandbox, and a session of the pipeline in the dev account.
pub(super) struct World {
    runtime: Runtime,
    running: Running,
    session: Session,
}

/// What a key is made with, as far as these tests care.
pub(super) struct Key<'a> {
    pub(super) alias: &'a str,
    pub(super) description: &'a str,
    pub(super) policy: &'a str,
    pub(super) tags: &'a [(&'a str, &'a str)],
}

impl World {
    pub(super) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options { listen, organisation: Organisation::built_in().unwrap(), faults: None };
        let running = runtime.block_on(start(options)).unwrap();
        let endpoint = Some(format!("http://{}", running.address()).parse().unwrap());
        let settings = ConnectionSettings {
            region: Some("eu-west-1".parse().unwrap()),
            keys: Some(AccessKeys {
                id: OPERATOR.0.to_owned(),
                secret: Secret::new(OPERATOR.1),
                token: None,
            }),
            roles: vec![Role { arn: PIPELINE.to_owned(), ..Role::default() }],
            endpoints: Endpoints { kms: endpoint.clone(), organizations: endpoint.clone(), sts: endpoint },
            ..ConnectionSettings::default()
        };
        let session = runtime.block_on(connect(&settings)).unwrap();
        Self { runtime, running, session }
    }

    /// The binary with the developer's credentials and the sandbox's address.
    pub(super) fn keyrail(&self) -> Command {
        let mut command = keyrail();
        command
            .env("AWS_ACCESS_KEY_ID", DEVELOPER.0)
            .env("AWS_SECRET_ACCESS_KEY", DEVELOPER.1)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.running.address()));
        command
    }

    /// The key behind an alias.
    pub(super) fn id_of(&self, alias: &str) -> KeyId {
        let key = KeyReference::Alias(alias.parse().unwrap());
        self.runtime.block_on(self.session.kms.describe_key(&key)).unwrap().id
    }

    /// Has a key deleted in 7 days.
    pub(super) fn schedule_deletion(&self, key: &KeyId) {
        let window = WindowDays::try_from(7).unwrap();
        self.runtime.block_on(self.session.kms.schedule_deletion(key, window)).unwrap();
    }

    /// Makes a key with an alias; rotation is on.
    pub(super) fn create(&self, key: &Key<'_>) -> KeyId {
        let tags: BTreeMap<_, _> =
            key.tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = CreateKey {
            description: key.description.to_owned(),
            policy: key.policy.to_owned(),
            tags,
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            multi_region: false,
            bypass_lockout_check: false,
        };
        let kms = &self.session.kms;
        self.runtime.block_on(async {
            let id = kms.create_key(&request).await.unwrap().id;
            kms.enable_rotation(&id, RotationPeriod::try_from(365).unwrap()).await.unwrap();
            kms.create_alias(&key.alias.parse().unwrap(), &id).await.unwrap();
            id
        })
    }
}

/// The settings that the repository's own environments use.
pub(super) fn controls() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("env/controls.json")
}

/// The policy that is rendered for keys of the dev environment.
pub(super) fn rendered_policy() -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut render = keyrail();
    render.args(["guardrails", "render", "--account", "dev=222222222222", "--config"]).arg(controls());
    let rendered = render.arg("--out").arg(folder.path()).output().unwrap();
    assert_eq!(err(&rendered), "");
    std::fs::read_to_string(folder.path().join("kms/dev.json")).unwrap()
}

/// Open to whoever the account lets in, and to nobody else.
pub(super) const PLAIN_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"</script><script>alert(2)</script>","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"kms:*","Resource":"*"}]}"#;

/// The role that the controls exempt from MFA.
const PIPELINE: &str = "arn:aws:iam::222222222222:role/terraform";
pub(super) const OPERATOR: (&str, &str) = ("AKIAKEYRAILOPERATOR1", "sandbox-operator-secret");
const DEVELOPER: (&str, &str) = ("AKIAKEYRAILDEV222222", "sandbox-developer-secret");
