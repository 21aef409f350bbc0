//! `keyrail sandbox`: the embedded AWS on a port, alone or around a command.
//!
//! INVARIANT: with a command, the exit code is the command's own, or 128 and the
//! signal that ended it.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitStatus;

use tokio::process::Child;
use tokio::process::Command;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use crate::cli::exit::Failure;
use crate::cli::exit::Outcome;
use crate::cli::render::print;
use crate::sandbox::Options;
use crate::sandbox::Organisation;
use crate::sandbox::Running;
use crate::sandbox::StartError;
use crate::sandbox::start;

/// Run an embedded AWS (KMS, Organizations, STS) on a local port.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address to listen on; with a command a free port is taken unless this is given
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// JSON file that describes the organisation, see docs/reference/sandbox.md; there is one built in
    #[arg(long, value_name = "FILE")]
    organization: Option<PathBuf>,
    /// JSON file with the faults to play, see docs/reference/sandbox.md
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Command to run with credentials and endpoint of the sandbox in its environment
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the sandbox until a signal ends it, or around the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let organisation = match &args.organization {
        Some(path) => Organisation::parse(&read(path)?).map_err(|error| in_file(&error, path))?,
        None => Organisation::built_in()?,
    };
    let faults = args.faults.as_deref().map(read).transpose()?;
    let port = if args.command.is_empty() { USUAL_PORT } else { 0 };
    let listen = args.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let environment = Environment::of(&organisation, args.organization.as_deref());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let started = start(Options { listen, organisation, faults }).await;
        let running = started.map_err(|error| args.not_started(&error))?;
        let environment = environment?;
        match args.command.split_first() {
            None => {
                // Taken before the line that says it listens, so that a signal after it ends it in peace.
                let ended = ended_by_signal()?;
                print(&environment.greeting(running.address()))?;
                ended.await;
                Ok(Outcome::Success)
            }
            Some((program, rest)) => around(&running, &environment, program, rest).await,
        }
    })
}

impl Args {
    /// The failure, with the file whose fault it is.
    fn not_started(&self, error: &StartError) -> Failure {
        let file = match error {
            StartError::Organisation(_) => &self.organization,
            StartError::Faults(_) => &self.faults,
            StartError::Listen { .. } => &None,
        };
        match file {
            Some(path) => in_file(error, path),
            None => Failure::new(error.to_string()),
        }
    }
}

fn in_file(error: &dyn std::error::Error, path: &Path) -> Failure {
    Failure::new(format!("`{}`: {error}", path.display()))
}

fn ended_by_signal() -> Result<impl Future<Output = ()>, Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn around(
    running: &Running,
    environment: &Environment,
    program: &str,
    rest: &[String],
) -> Result<Outcome, Failure> {
    // Taken before the command starts, so that no signal falls between.
    let (mut terminate, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    // A terminal sends its interrupt to the command as well; ending first would take the sandbox from under it.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut command = Command::new(program);
    command.args(rest).kill_on_drop(true);
    environment.apply(&mut command, running.address());
    let failed = |error| Failure::new(format!("`{program}` could not be run: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(Outcome::Passed(code(status.map_err(failed)?))),
            _ = terminate.recv() => pass_on(&child, "-TERM").await,
            _ = hang_up.recv() => pass_on(&child, "-HUP").await,
            _ = interrupt.recv() => {}
        }
    }
}

/// Sends a signal through the system's `kill`. A command that is gone already
/// needs none.
async fn pass_on(child: &Child, signal: &str) {
    if let Some(id) = child.id() {
        drop(Command::new("kill").arg(signal).arg(id.to_string()).status().await);
    }
}

fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let signalled = || status.signal().map(|signal| signal.saturating_add(128));
    let code = status.code().or_else(signalled).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// What a command in the sandbox finds in its environment.
#[derive(Debug)]
struct Environment {
    access_key: String,
    secret: String,
}

impl Environment {
    fn of(organisation: &Organisation, file: Option<&Path>) -> Result<Self, Failure> {
        let Some((access_key, secret)) = organisation.operator() else {
            let file = file.map_or_else(String::new, |path| format!("`{}`: ", path.display()));
            let message =
                "no user of the management account has an access key, so a command could call nothing";
            return Err(Failure::new(format!("{file}{message}"))
                .advise("give one of its `users` an entry in `access_keys`, with `id` and `secret`"));
        };
        Ok(Self { access_key: access_key.to_owned(), secret: secret.to_owned() })
    }

    /// The address, and what to put into a shell to reach it.
    fn greeting(&self, address: SocketAddr) -> String {
        let Self { access_key, secret } = self;
        format!(
            "sandbox listening on http://{address}\n\n\
             export AWS_ENDPOINT_URL=http://{address} AWS_REGION={REGION}\n\
             export AWS_ACCESS_KEY_ID={access_key} AWS_SECRET_ACCESS_KEY={secret}\n"
        )
    }

    fn apply(&self, command: &mut Command, address: SocketAddr) {
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(leads_elsewhere) {
                command.env_remove(&name);
            }
        }
        let direct = direct(&["NO_PROXY", "no_proxy"].map(|name| std::env::var(name).unwrap_or_default()));
        command
            .env("AWS_ACCESS_KEY_ID", &self.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("NO_PROXY", &direct)
            .env("no_proxy", direct);
    }
}

/// Hosts that are reached without a proxy: this machine, and what either
/// spelling of the variable named before. Programs differ in which they read.
fn direct(before: &[String; 2]) -> String {
    let mut hosts = vec!["127.0.0.1", "localhost"];
    let named = before.iter().flat_map(|hosts| hosts.split(',')).map(str::trim);
    for host in named.filter(|host| !host.is_empty()) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts.join(",")
}

/// Variables that would take a command out of the sandbox.
fn leads_elsewhere(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ];
    NAMES.contains(&name) || name.starts_with("AWS_ENDPOINT_URL") || name.starts_with("AWS_CONTAINER_")
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("`{}` could not be read: {error}", path.display()));
    std::fs::read_to_string(path).map_err(failed)
}

/// The port of a sandbox that stands alone.
const USUAL_PORT: u16 = 4577;

/// The region of a command in the sandbox.
const REGION: &str = "eu-west-1";

const EXAMPLES: &str = "\
Examples:
  keyrail sandbox
      listens on 127.0.0.1:4577 until interrupted
  keyrail sandbox -- terraform apply
      runs a command in it, and ends with the command
  keyrail sandbox --faults faults.json -- make test
      the same with faults on the way

With a command, its environment has AWS_ENDPOINT_URL, AWS_REGION and the credentials of a user of the
management account; profiles and tokens of other credentials are taken out of it.

The files, and the endpoints that turn the clock and the like: docs/reference/sandbox.md";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Args;
    use super::Environment;
    use super::direct;
    use super::leads_elsewhere;
    use super::run;
    use crate::cli::exit::Outcome;
    use crate::sandbox::Organisation;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &[&str]) -> Args {
        Line::parse_from(std::iter::once("sandbox").chain(words.iter().copied())).args
    }

    #[test]
    fn a_command_finds_the_sandbox_in_its_environment_and_its_exit_code_is_passed_on() {
        let script = "test \"$AWS_ACCESS_KEY_ID\" = AKIAKEYRAILOPERATOR1 && test -z \"$AWS_PROFILE\" && \
                      case $AWS_ENDPOINT_URL in http://127.0.0.1:*) exit 7;; esac";
        assert_eq!(run(&args(&["--", "sh", "-c", script])).unwrap(), Outcome::Passed(7));
        assert_eq!(run(&args(&["--", "sh", "-c", "kill -TERM $$"])).unwrap(), Outcome::Passed(143));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = run(&args(&["--", "no-such-command"])).unwrap_err().to_string();
        assert!(error.starts_with("`no-such-command` could not be run: "), "{error}");
        let error = run(&args(&["--faults", "/no/such/file"])).unwrap_err().to_string();
        assert!(error.starts_with("`/no/such/file` could not be read: "), "{error}");
    }

    #[test]
    fn a_file_that_does_not_do_is_named_with_the_reason() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let account = r#"{"id": "111111111111", "name": "management"}"#;
        let organisation = |more: &str| {
            let root = format!(r#""root": {{"id": "r-ab12", "accounts": [{account}]}}"#);
            format!(r#"{{"id": "o-a1b2c3d4e5", "management_account": "111111111111", {more} {root}}}"#)
        };
        for (option, text, reason) in [
            (
                "--organization",
                organisation(r#""feature_set": "AL","#),
                "the description of the organisation cannot be read: `feature_set`: found `AL`, allowed are `ALL`, \
                 `CONSOLIDATED_BILLING`; did you mean `ALL`?",
            ),
            (
                "--organization",
                organisation(""),
                "no user of the management account has an access key, so a command could call nothing",
            ),
            (
                "--faults",
                r#"[{"operation": "ListKey", "fault": "throttle"}]"#.to_owned(),
                "the fault script names the operation `ListKey` in its rule 1, which the sandbox does not serve; did \
                 you mean `ListKeys`?",
            ),
        ] {
            std::fs::write(path, text).unwrap();
            let error = run(&args(&[option, path, "--", "true"])).unwrap_err();
            assert_eq!(error.to_string(), format!("`{path}`: {reason}"));
        }
    }

    #[test]
    fn this_machine_is_reached_directly_under_either_spelling() {
        let before = ["10.0.0.0/8,localhost", "corp.example, ,10.0.0.0/8"].map(str::to_owned);
        assert_eq!(direct(&before), "127.0.0.1,localhost,10.0.0.0/8,corp.example");
        assert_eq!(direct(&[String::new(), String::new()]), "127.0.0.1,localhost");
        let script =
            "test \"$NO_PROXY\" = \"$no_proxy\" && case $no_proxy in 127.0.0.1,localhost*) exit 7;; esac";
        assert_eq!(run(&args(&["--", "sh", "-c", script])).unwrap(), Outcome::Passed(7));
    }

    #[test]
    fn a_sandbox_that_stands_alone_says_how_to_reach_it() {
        let environment = Environment::of(&Organisation::built_in().unwrap(), None).unwrap();
        assert_eq!(
            environment.greeting("127.0.0.1:4577".parse().unwrap()),
            "sandbox listening on http://127.0.0.1:4577\n\n\
             export AWS_ENDPOINT_URL=http://127.0.0.1:4577 AWS_REGION=eu-west-1\n\
             export AWS_ACCESS_KEY_ID=AKIAKEYRAILOPERATOR1 AWS_SECRET_ACCESS_KEY=sandbox-operator-secret\n"
        );
    }

    #[test]
    fn variables_that_lead_out_of_the_sandbox_are_removed() {
        assert!(leads_elsewhere("AWS_PROFILE") && leads_elsewhere("AWS_ENDPOINT_URL_KMS"));
        assert!(!leads_elsewhere("AWS_REGION") && !leads_elsewhere("PATH"));
    }
}
