//! How many requests the sandbox answers, and how many cases the judge decides.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::Ended;
use crate::Promise;
use crate::Row;
use crate::signature::kms_request;

const RUNS: usize = 5;
const CASES: usize = 20_000;
const CONNECTIONS: usize = 8;
const SPAN: Duration = Duration::from_secs(2);

pub(crate) fn measure() -> Vec<Row> {
    vec![
        Row {
            what: "cases of keyrail simulate, start and JSON included",
            measured: crate::median((0..RUNS).map(|_| cases_per_second()).collect()),
            unit: "/s",
            promise: Promise::AtLeast(20_000.0),
            floor: None,
        },
        Row {
            what: "DescribeKey of the sandbox, 8 connections",
            measured: crate::median((0..RUNS).map(|_| requests_per_second()).collect()),
            unit: "/s",
            promise: Promise::AtLeast(10_000.0),
            floor: None,
        },
    ]
}

fn cases_per_second() -> f64 {
    let allow = json!({"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]});
    let everything = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let deny = json!({"Statement": [{
        "Sid": "SecondFactor", "Effect": "Deny", "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey"], "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    }]});
    let key_policy = json!({"Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "kms:*", "Resource": "*"
    }]});
    let case = |number: usize| {
        json!({
            "name": number.to_string(),
            "action": if number.is_multiple_of(2) { "kms:Decrypt" } else { "kms:DisableKey" },
            "resource": "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "resource_account": "222222222222",
            "principal": "arn:aws:iam::222222222222:role/developer",
            "context": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]},
            "identity_policies": [allow],
            "resource_policy": key_policy,
            "scp": [{"target": "r-ab12", "policies": [everything, deny]}],
        })
    };
    let cases = json!({"cases": (0..CASES).map(case).collect::<Vec<_>>()});
    let file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(file.as_file(), &cases).unwrap();

    let start = Instant::now();
    let output =
        Command::new(env!("CARGO_BIN_EXE_keyrail")).arg("simulate").arg(file.path()).output().unwrap();
    let took = start.elapsed();
    let answer = serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert_eq!(answer.get("results").and_then(Value::as_array).map(Vec::len), Some(CASES));
    rate(CASES, took)
}

fn requests_per_second() -> f64 {
    let sandbox = Sandbox::start();
    let created = exchange(&mut sandbox.connect(), &kms_request(&sandbox.address, "CreateKey", "{}"));
    let created = serde_json::from_str::<Value>(&created).unwrap();
    let id = created.pointer("/KeyMetadata/KeyId").and_then(Value::as_str).unwrap();
    let request = kms_request(&sandbox.address, "DescribeKey", &json!({"KeyId": id}).to_string());

    let start = Instant::now();
    let answered = std::thread::scope(|scope| {
        let clients =
            (0..CONNECTIONS).map(|_| scope.spawn(|| answered_until_the_end(&sandbox, &request, start)));
        clients.collect::<Vec<_>>().into_iter().map(|client| client.join().unwrap()).sum::<usize>()
    });
    rate(answered, start.elapsed())
}

/// How many requests one connection has answered within the span.
fn answered_until_the_end(sandbox: &Sandbox, request: &[u8], start: Instant) -> usize {
    let mut connection = sandbox.connect();
    let exchanges = std::iter::repeat_with(|| exchange(&mut connection, request));
    let described = |answer: &String| assert!(answer.starts_with("{\"KeyMetadata\":{"), "{answer}");
    exchanges.inspect(described).take_while(|_| start.elapsed() < SPAN).count()
}

fn rate(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

/// Sends a request and gives the body of the answer.
fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> String {
    connection.get_mut().write_all(request).unwrap();
    let mut status = String::new();
    connection.read_line(&mut status).unwrap();
    // A refusal is quicker than an answer, and would pass for speed.
    assert_eq!(status.trim_end(), "HTTP/1.1 200 OK");
    let mut length = 0;
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).unwrap();
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

/// A sandbox of our own.
pub(crate) struct Sandbox {
    /// Where it listens: `127.0.0.1:4566`.
    pub(crate) address: String,
    _process: Ended,
}

impl Sandbox {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_keyrail"))
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .map(Ended)
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split_once("http://").map(|(_, rest)| rest).expect("the sandbox says where it listens");
        let end = |character: char| !(character.is_ascii_digit() || ".:".contains(character));
        Self { address: address.split(end).next().unwrap().to_owned(), _process: process }
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let connection = TcpStream::connect(&self.address).unwrap();
        connection.set_nodelay(true).unwrap();
        BufReader::new(connection)
    }
}
