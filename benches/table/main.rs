//! `make bench`: what is promised about speed and size, measured on this
//! machine and printed as one table.
//!
//! Medians of several runs, measured side by side. Beside a number stands its
//! floor: the same without anything of ours in it. A number that misses its
//! promise is marked and fails nothing: machines differ. Memory is read from
//! `/proc`, so it is measured on Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark that cannot measure says so and stops"
)]

mod floor;
mod handshake;
mod judge;
mod large_organization;
mod peers;
mod plan;
mod rates;
mod signature;

use std::path::PathBuf;
use std::process::Child;
use std::process::ExitCode;
use std::time::Duration;

/// One line of the table.
pub(crate) struct Row {
    what: &'static str,
    measured: f64,
    unit: &'static str,
    promise: Promise,
    /// The same without anything of ours in it, where that can be measured.
    floor: Option<f64>,
}

/// What a measurement is held against.
pub(crate) enum Promise {
    AtMost(f64),
    AtLeast(f64),
}

fn main() -> ExitCode {
    if let Some(served) = floor::serve_if_asked() {
        return served;
    }
    if std::env::var_os("KEYRAIL_BENCH").is_some_and(|only| only == "judge") {
        return print(&judged());
    }
    let mut rows = handshake::measure();
    rows.push(size());
    rows.extend(judged());
    rows.extend(rates::measure());
    rows.extend(plan::measure());
    print(&rows)
}

fn print(rows: &[Row]) -> ExitCode {
    println!("{:<58} {:>14} {:>15} {:>10}", "what", "measured", "promised", "floor");
    for row in rows {
        let (promise, kept) = match row.promise {
            Promise::AtMost(most) => (format!("<= {most} {}", row.unit), row.measured <= most),
            Promise::AtLeast(least) => (format!(">= {least} {}", row.unit), row.measured >= least),
        };
        let measured = format!("{:.1} {}", row.measured, row.unit);
        let floor = row.floor.map_or_else(|| "-".to_owned(), |floor| format!("{floor:.1} {}", row.unit));
        let missed = if kept { "" } else { "  missed" };
        println!("{:<58} {measured:>14} {promise:>15} {floor:>10}{missed}", row.what);
    }
    ExitCode::SUCCESS
}

/// `KEYRAIL_BENCH=judge` measures nothing else.
fn judged() -> Vec<Row> {
    let mut rows = judge::measure();
    let with_reasons = rows.get(1).map(|row| row.measured).expect("the judge was measured");
    rows.extend(peers::measure(with_reasons));
    rows
}

fn size() -> Row {
    let bytes = std::fs::metadata(provider()).unwrap().len();
    Row {
        what: "provider, stripped",
        measured: megabytes(bytes),
        unit: "MB",
        promise: Promise::AtMost(25.0),
        floor: None,
    }
}

/// The provider as it is shipped; `make bench` puts it there.
pub(crate) fn provider() -> PathBuf {
    let provider = target().join("bench/terraform-provider-kms");
    assert!(provider.exists(), "run `make bench`, which builds the provider as it is shipped");
    provider
}

pub(crate) fn target() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    *values.get(values.len().div_euclid(2)).expect("something was measured")
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

pub(crate) fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes.div_euclid(1024)).unwrap()) / 1024.0
}

/// The most memory that a process ever had, in MB; `None` once it is gone.
pub(crate) fn most_memory(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(megabytes(kilobytes.checked_mul(1024)?))
}

/// A process that ends with this value.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
