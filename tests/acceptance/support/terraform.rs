//! The real `terraform`, with the freshly built provider and nothing of the
//! developer's own settings.

use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// What Terraform said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output and standard error, one after the other.
    pub(crate) text: String,
}

impl Said {
    /// Fails with all that was said unless it went well.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "terraform failed:\n{}", self.text);
        self
    }

    /// Fails unless it was refused with exactly this diagnostic in it. Lines
    /// are compared without the margins that Terraform wraps them in.
    #[track_caller]
    pub(crate) fn says(&self, expected: &str) {
        let (found, expected) = (flowing(&self.text), flowing(expected));
        assert!(found.contains(&expected), "expected:\n{expected}\n\nfound:\n{}", self.text);
    }
}

/// After so long a run that has not come to where it is interrupted never will.
const PATIENCE: Duration = Duration::from_mins(1);

/// The access key of the built-in operator.
pub(super) const KEY: &str = "AKIAKEYRAILOPERATOR1";
/// Its secret.
pub(super) const SECRET: &str = "sandbox-operator-secret";

/// Writes the configuration by which Terraform finds the provider without `init`.
pub(super) fn configure(folder: &Path) {
    override_providers(folder, &[("keyrail/kms", programs())]);
}

/// Puts our own binary where Terraform looks for the binary of `provider`.
pub(super) fn stand_in(folder: &Path, provider: &str) {
    let programs = folder.join("stand-in");
    std::fs::create_dir(&programs).unwrap();
    let name = provider.rsplit('/').next().unwrap();
    let place = programs.join(format!("terraform-provider-{name}"));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_terraform-provider-kms"), place).unwrap();
    override_providers(folder, &[("keyrail/kms", self::programs()), (provider, &programs)]);
}

fn programs() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-kms")).parent().unwrap()
}

fn override_providers(folder: &Path, providers: &[(&str, &Path)]) {
    let line = |(name, place): &(&str, &Path)| format!("    \"{name}\" = \"{}\"\n", place.display());
    let overrides = providers.iter().map(line).collect::<Vec<_>>().concat();
    let text = format!("provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n");
    std::fs::write(folder.join("terraform.rc"), text).unwrap();
}

/// Runs `terraform`.
pub(super) fn run(folder: &Path, endpoint: &str, arguments: &[&str]) -> Said {
    let output = command(folder, endpoint, arguments).output().unwrap_or_else(|error| missing(&error));
    said(output)
}

/// Starts `terraform` and interrupts it, as Ctrl-C does, once `ready`. Gives what
/// it said, and how long it took to end from there.
pub(super) fn interrupt(
    folder: &Path,
    endpoint: &str,
    arguments: &[&str],
    ready: impl Fn() -> bool,
) -> (Said, Duration) {
    let mut command = command(folder, endpoint, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| missing(&error));
    let started = Instant::now();
    while !ready() {
        if started.elapsed() > PATIENCE || child.try_wait().unwrap().is_some() {
            child.kill().unwrap();
            let said = said(child.wait_with_output().unwrap());
            panic!("terraform never came to where it is interrupted:\n{}", said.text);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupted = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    (said(output), interrupted.elapsed())
}

fn command(folder: &Path, endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("terraform");
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("TF_CLI_CONFIG_FILE", folder.join("terraform.rc"))
        .envs([("CHECKPOINT_DISABLE", "1"), ("TF_INPUT", "0"), ("TF_CLI_ARGS", "-no-color")])
        .envs([("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)])
        .envs([("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", endpoint)]);
    command
}

fn missing(error: &std::io::Error) -> ! {
    panic!(
        "`terraform` cannot be started ({error}); install Terraform 1.10 or newer and put it into the path"
    )
}

fn said(output: Output) -> Said {
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Said { code: output.status.code().unwrap_or(-1), text }
}

fn flowing(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !["│", "╷", "╵"].contains(word));
    words.collect::<Vec<_>>().join(" ")
}
