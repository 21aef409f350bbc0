//! A stage for one test: a folder for Terraform and a sandbox behind it.

mod control;
mod terraform;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keyrail::aws::Kms;
use keyrail::aws::Session;
use keyrail::aws::config::AccessKeys;
use keyrail::aws::config::ConnectionSettings;
use keyrail::aws::config::Endpoints;
use keyrail::aws::config::Secret;
use keyrail::sandbox;
use keyrail::sandbox::Organisation;
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) use terraform::Said;

/// Where an AWS of the test listens, and what it is.
pub(crate) struct Stage {
    folder: TempDir,
    address: SocketAddr,
    runtime: Runtime,
    _sandbox: Option<sandbox::Running>,
}

/// The account that the built-in operator works in.
pub(crate) const ACCOUNT: &str = "111111111111";

impl Stage {
    /// A stage with a sandbox of its own.
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let options = sandbox::Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            organisation: Organisation::built_in().unwrap(),
            faults: None,
        };
        let running = runtime.block_on(sandbox::start(options)).unwrap();
        let address = running.address();
        Self::around(runtime, address, Some(running))
    }

    /// A stage with another AWS behind it.
    pub(crate) fn on(address: SocketAddr) -> Self {
        Self::around(Runtime::new().unwrap(), address, None)
    }

    fn around(runtime: Runtime, address: SocketAddr, running: Option<sandbox::Running>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        terraform::configure(folder.path());
        Self { folder, address, runtime, _sandbox: running }
    }

    /// Writes a file of the configuration.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Lets Terraform find a provider that only the state names: it is started
    /// for its schema and never asked for anything else.
    pub(crate) fn stand_in(&self, provider: &str) {
        terraform::stand_in(self.folder.path(), provider);
    }

    /// Where a file of the configuration is.
    pub(crate) fn place_of(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs Terraform in the folder.
    pub(crate) fn terraform(&self, arguments: &[&str]) -> Said {
        terraform::run(self.folder.path(), &self.endpoint(), arguments)
    }

    /// Runs Terraform and interrupts it once `operation` was called `times` times.
    /// Gives what it said, and how long it took to end from there.
    pub(crate) fn interrupted(&self, arguments: &[&str], operation: &str, times: u64) -> (Said, Duration) {
        let calls = || {
            let state = self.control("GET", "state", &Json::Null);
            let counts = state["calls"].as_object().unwrap();
            let of_it = counts.iter().filter(|(call, _)| call.split(' ').next() == Some(operation));
            of_it.filter_map(|(_, count)| count.as_u64()).sum::<u64>()
        };
        let last = calls().saturating_add(times);
        terraform::interrupt(self.folder.path(), &self.endpoint(), arguments, || calls() >= last)
    }

    /// Applies, and fails with what Terraform said when that does not work.
    pub(crate) fn apply(&self) -> Said {
        self.terraform(&["apply", "-auto-approve"]).succeeded()
    }

    /// Fails unless nothing is left to do.
    pub(crate) fn settled(&self) {
        let plan = self.terraform(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.code, 0, "the plan is not empty:\n{}", plan.text);
    }

    /// What a refresh finds different from the state, computed attributes too.
    pub(crate) fn drift(&self) -> Json {
        self.terraform(&["plan", "-refresh-only", "-out=seen"]).succeeded();
        let seen: Json =
            serde_json::from_str(&self.terraform(&["show", "-json", "seen"]).succeeded().text).unwrap();
        seen["resource_drift"].clone()
    }

    /// Fails unless AWS is as the state says.
    #[track_caller]
    pub(crate) fn unmoved(&self) {
        assert_eq!(self.drift(), Json::Null, "the state is not what AWS shows");
    }

    /// The plan as data.
    pub(crate) fn plan(&self) -> Json {
        self.terraform(&["plan", "-out=plan"]).succeeded();
        serde_json::from_str(&self.terraform(&["show", "-json", "plan"]).succeeded().text).unwrap()
    }

    /// The attributes of `address` in the state; null when it is not there.
    /// Fails when it is tainted.
    #[track_caller]
    pub(crate) fn state(&self, address: &str) -> Json {
        let Ok(text) = std::fs::read_to_string(self.folder.path().join("terraform.tfstate")) else {
            return Json::Null;
        };
        let state: Json = serde_json::from_str(&text).unwrap();
        let named = |resource: &&Json| {
            let data = if resource["mode"] == "data" { "data." } else { "" };
            let name = |part: &str| resource[part].as_str().unwrap().to_owned();
            format!("{data}{}.{}", name("type"), name("name")) == address
        };
        let resources = state["resources"].as_array().unwrap();
        let Some(found) = resources.iter().find(named) else { return Json::Null };
        let instance = &found["instances"][0];
        assert_eq!(instance["status"], Json::Null, "{address} is tainted");
        instance["attributes"].clone()
    }

    /// AWS as the operator sees it.
    pub(crate) fn aws(&self) -> Session {
        let endpoint: url::Url = self.endpoint().parse().unwrap();
        let settings = ConnectionSettings {
            region: Some("eu-west-1".parse().unwrap()),
            keys: Some(AccessKeys {
                id: terraform::KEY.to_owned(),
                secret: Secret::new(terraform::SECRET),
                token: None,
            }),
            endpoints: Endpoints {
                kms: Some(endpoint.clone()),
                organizations: Some(endpoint.clone()),
                sts: Some(endpoint),
            },
            ..ConnectionSettings::default()
        };
        self.wait(keyrail::aws::connect(&settings)).unwrap()
    }

    /// KMS as the operator sees it.
    pub(crate) fn kms(&self) -> Arc<dyn Kms> {
        self.aws().kms
    }

    /// Runs a call to its end.
    pub(crate) fn wait<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }

    /// Asks the sandbox's own endpoints.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Json) -> Json {
        control::ask(self.address, method, path, body)
    }

    /// The keys of the sandbox, on whatever account.
    pub(crate) fn keys(&self) -> Vec<Json> {
        let state = self.control("GET", "state", &Json::Null);
        let keys = state["keys"].as_array().unwrap().clone();
        keys.into_iter().filter(|key| key["manager"] == "CUSTOMER").collect()
    }

    fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}
