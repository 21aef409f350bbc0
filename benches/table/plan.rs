//! A plan of 500 keys that exist, beside the same plan by a provider that does
//! nothing and beside 500 resources that cost nothing, and the memory that the
//! provider has meanwhile.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::Promise;
use crate::Row;
use crate::rates::Sandbox;

const RUNS: usize = 5;
const SAMPLE: Duration = Duration::from_millis(2);

const PROVIDER: &str = r#"
terraform {
  required_providers {
    kms = {
      source = "keyrail/kms"
    }
  }
}

provider "kms" {
  region = "eu-west-1"

  default_tags {
    tags = { BU = "b", BusinessOwner = "b", TechnicalOwner = "b", ProjectManager = "b", Project = "b", Owner = "b" }
  }
}
"#;

fn keys(name: &str, count: usize) -> String {
    format!(
        r#"{PROVIDER}
resource "secure_kms_key" "key" {{
  provider         = kms
  count            = {count}
  environment_name = "dev"
  alias_name       = "{name}-${{count.index}}"
  tags             = {{ Environment = "dev" }}
}}
"#
    )
}

const NOTHING: &str = r#"
resource "terraform_data" "nothing" {
  count = 500
  input = "bench-${count.index}"
}
"#;

pub(crate) fn measure() -> Vec<Row> {
    let sandbox = Sandbox::start();
    let (scratch, still) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let terraform = Terraform::new(&sandbox, scratch.path(), &crate::provider());
    let keys = terraform.folder("keys", &keys("many", 500));
    let nothing = terraform.folder("nothing", NOTHING);
    let one = terraform.folder("one", &self::keys("one", 1));
    for folder in [&keys, &nothing, &one] {
        terraform.run(folder, &["apply", "-auto-approve"]);
    }
    let floor = Terraform::new(&sandbox, still.path(), &std::env::current_exe().unwrap());
    let still = floor.copy(&keys);

    // Turn by turn, so that a busy moment of the machine meets all of them.
    let (mut real, mut echoed, mut empty) = (Plans::default(), Plans::default(), Plans::default());
    for _ in 0..RUNS {
        real.0.push(terraform.plan(&keys));
        echoed.0.push(floor.plan(&still));
        empty.0.push(terraform.plan(&nothing));
    }
    let single = Plans((0..RUNS).map(|_| terraform.plan(&one)).collect());
    let [ours, floor, data] = [&real, &echoed, &empty].map(Plans::seconds);

    let row = |what, measured, unit, most, floor| {
        let promise = Promise::AtMost(most);
        Row { what, measured, unit, promise, floor }
    };
    let mut rows = vec![
        row("plan of 500 keys : plan of 500 terraform_data", ours / data, "x", 2.0, Some(floor / data)),
        row("plan of 500 keys : by a provider that does nothing", ours / floor, "x", 1.5, Some(1.0)),
    ];
    if let Some(memory) = single.memory() {
        rows.push(row("memory after configure, one key planned", memory, "MB", 30.0, echoed.memory()));
    }
    if let Some(memory) = real.memory() {
        rows.push(row("memory in a plan of 500 keys", memory, "MB", 40.0, echoed.memory()));
    }
    rows
}

/// Several plans of one folder.
#[derive(Default)]
struct Plans(Vec<Plan>);

impl Plans {
    fn seconds(&self) -> f64 {
        crate::median(self.0.iter().map(|plan| plan.time.as_secs_f64()).collect())
    }

    fn memory(&self) -> Option<f64> {
        let memory = self.0.iter().filter_map(|plan| plan.memory).collect::<Vec<_>>();
        (!memory.is_empty()).then(|| crate::median(memory))
    }
}

/// Terraform, with a mirror that has one provider.
struct Terraform<'a> {
    sandbox: &'a Sandbox,
    scratch: &'a Path,
}

/// What one plan took.
struct Plan {
    time: Duration,
    /// Of the provider process that had the most, in MB.
    memory: Option<f64>,
}

impl<'a> Terraform<'a> {
    fn new(sandbox: &'a Sandbox, scratch: &'a Path, provider: &Path) -> Self {
        let mirror = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/mirror.sh");
        let made = Command::new(mirror).arg(scratch).arg(provider).stdout(Stdio::null()).status().unwrap();
        assert!(made.success(), "there is no mirror");
        Self { sandbox, scratch }
    }

    fn folder(&self, name: &str, configuration: &str) -> PathBuf {
        let folder = self.scratch.join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("main.tf"), configuration).unwrap();
        self.run(&folder, &["init"]);
        folder
    }

    /// A folder with the configuration and the state of another one.
    fn copy(&self, from: &Path) -> PathBuf {
        let configuration = fs::read_to_string(from.join("main.tf")).unwrap();
        let folder = self.folder("copy", &configuration);
        fs::copy(from.join("terraform.tfstate"), folder.join("terraform.tfstate")).unwrap();
        folder
    }

    fn run(&self, folder: &Path, arguments: &[&str]) {
        let output = self.command(folder, arguments).output().unwrap();
        assert!(
            output.status.success(),
            "terraform {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn plan(&self, folder: &Path) -> Plan {
        let start = Instant::now();
        let arguments = ["plan", "-detailed-exitcode", "-parallelism=32"];
        let mut terraform = self.command(folder, &arguments).stdout(Stdio::null()).spawn().unwrap();
        let mut memory = None::<f64>;
        let status = loop {
            let providers = children(terraform.id()).into_iter().filter(|child| is_provider(*child));
            let seen = providers.filter_map(crate::most_memory);
            memory = seen.chain(memory).reduce(f64::max);
            if let Some(status) = terraform.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(SAMPLE);
        };
        assert!(status.success(), "the plan of {} is not empty", folder.display());
        Plan { time: start.elapsed(), memory }
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command
            .args(arguments)
            .current_dir(folder)
            .env("TF_CLI_CONFIG_FILE", self.scratch.join("terraform.rc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.sandbox.address))
            .env("AWS_ACCESS_KEY_ID", "AKIAKEYRAILOPERATOR1")
            .env("AWS_SECRET_ACCESS_KEY", "sandbox-operator-secret")
            .env_remove("AWS_ENDPOINT_URL_KMS")
            .env_remove("AWS_ENDPOINT_URL_ORGANIZATIONS")
            .env_remove("AWS_ENDPOINT_URL_STS")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE");
        command
    }
}

/// Whether the process runs a provider by now. Between fork and exec it still
/// has Terraform's memory, which is three times that of a provider.
fn is_provider(process: u32) -> bool {
    let program = fs::read_link(format!("/proc/{process}/exe")).unwrap_or_default();
    program.file_name().is_some_and(|name| name.to_string_lossy().starts_with("terraform-provider-"))
}

/// The processes that a process started, from whichever of its threads.
fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    let started = |thread: PathBuf| fs::read_to_string(thread.join("children")).unwrap_or_default();
    let lists = threads.filter_map(|thread| Some(started(thread.ok()?.path())));
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<_>>())
        .collect()
}
