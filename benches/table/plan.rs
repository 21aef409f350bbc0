//! A plan of 500 keys that exist, beside the same plan of 500 resources that
//! cost nothing, and the memory that the provider has after it was configured.

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
    let scratch = tempfile::tempdir().unwrap();
    let terraform = Terraform::new(&sandbox, scratch.path());
    let ours = terraform.folder("keys", &keys("many", 500));
    let theirs = terraform.folder("nothing", NOTHING);
    let one = terraform.folder("one", &keys("one", 1));
    for folder in [&ours, &theirs, &one] {
        terraform.run(folder, &["apply", "-auto-approve"]);
    }

    // Turn by turn, so that a busy moment of the machine meets both.
    let turns = (0..RUNS).map(|_| (terraform.plan(&ours), terraform.plan(&theirs))).collect::<Vec<_>>();
    let ours = crate::median(turns.iter().map(|(ours, _)| ours.time.as_secs_f64()).collect());
    let theirs = crate::median(turns.iter().map(|(_, theirs)| theirs.time.as_secs_f64()).collect());
    let configured = (0..RUNS).filter_map(|_| terraform.plan(&one).memory).collect::<Vec<_>>();
    let busy = turns.iter().filter_map(|(ours, _)| ours.memory).collect::<Vec<_>>();

    let row = |what, measured, unit, most| Row { what, measured, unit, promise: Promise::AtMost(most) };
    let mut rows = vec![row("plan of 500 keys : plan of 500 terraform_data", ours / theirs, "x", 2.0)];
    if !configured.is_empty() {
        rows.push(row("memory after configure, one key planned", crate::median(configured), "MB", 30.0));
    }
    if !busy.is_empty() {
        rows.push(row("memory in a plan of 500 keys", crate::median(busy), "MB", 40.0));
    }
    rows
}

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
    fn new(sandbox: &'a Sandbox, scratch: &'a Path) -> Self {
        let mirror = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/mirror.sh");
        let made =
            Command::new(mirror).arg(scratch).arg(crate::provider()).stdout(Stdio::null()).status().unwrap();
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
            let seen = children(terraform.id()).into_iter().filter_map(crate::most_memory);
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
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE");
        command
    }
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
