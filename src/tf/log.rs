//! Lines for Terraform's log: hclog's JSON on standard error, one object a line.
//!
//! Terraform filters by level and adds its own prefix; the level is read here
//! only to skip the formatting of lines that nobody will see.

use std::fmt::{self, Display};
use std::io::Write;

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Writes to Terraform's log. Never give it a credential or key material.
#[derive(Debug, Clone)]
pub struct Logger {
    level: Level,
    address: String,
}

/// How much a line weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every step.
    Trace,
    /// What a developer wants to know.
    Debug,
    /// What an operator wants to know.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
    /// Nothing is written at this level; as a threshold it silences all.
    Off,
}

impl Logger {
    /// A logger with the threshold that the environment asks for:
    /// `TF_LOG_PROVIDER_<NAME>`, `TF_LOG_PROVIDER`, `TF_LOG`, the first that is
    /// set. `address` is the provider's, `registry.terraform.io/namespace/name`.
    pub fn from_environment(address: &str, variable: impl Fn(&str) -> Option<String>) -> Self {
        let name = address.rsplit('/').next().unwrap_or_default().to_uppercase().replace('-', "_");
        let level = [&format!("TF_LOG_PROVIDER_{name}"), "TF_LOG_PROVIDER", "TF_LOG"]
            .into_iter()
            .find_map(|name| variable(name).filter(|value| !value.is_empty()))
            .map_or(Level::Off, |word| Level::parse(&word));
        Self { level, address: address.to_owned() }
    }

    /// A logger that writes nothing.
    pub fn silent() -> Self {
        Self { level: Level::Off, address: String::new() }
    }

    /// Writes a line at `trace`, with fields as key and value.
    pub fn trace(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.write(Level::Trace, message, fields);
    }

    /// Writes a line at `debug`, with fields as key and value.
    pub fn debug(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.write(Level::Debug, message, fields);
    }

    /// Writes a line at `info`, with fields as key and value.
    pub fn info(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.write(Level::Info, message, fields);
    }

    /// Writes a line at `warn`, with fields as key and value.
    pub fn warn(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.write(Level::Warn, message, fields);
    }

    /// Writes a line at `error`, with fields as key and value.
    pub fn error(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.write(Level::Error, message, fields);
    }

    fn write(&self, level: Level, message: &str, fields: &[(&str, &dyn Display)]) {
        if level >= self.level {
            to_stderr(&line(level, &self.address, message, fields, OffsetDateTime::now_utc()));
        }
    }
}

impl Level {
    /// `JSON` and words that Terraform does not know mean everything, as in Terraform.
    fn parse(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" => Self::Warn,
            "ERROR" => Self::Error,
            "OFF" => Self::Off,
            _ => Self::Trace,
        }
    }
}

impl Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Off => "off",
        })
    }
}

/// Writes one line, whole, to standard error. A closed pipe is nobody's error.
pub(crate) fn to_stderr(line: &str) {
    std::io::stderr().lock().write_all(format!("{line}\n").as_bytes()).ok();
}

// `@message`, `@level` and `@timestamp` must be strings, the timestamp with
// exactly six fraction digits: Terraform panics or gives up on anything else.
fn line(
    level: Level,
    address: &str,
    message: &str,
    fields: &[(&str, &dyn Display)],
    now: OffsetDateTime,
) -> String {
    let mut object = Map::new();
    for (key, value) in fields {
        object.insert((*key).to_owned(), Json::from(cut(&value.to_string(), MAX_FIELD)));
    }
    object.insert("@level".to_owned(), Json::from(level.to_string()));
    object.insert("@message".to_owned(), Json::from(cut(message, MAX_FIELD)));
    object.insert("@module".to_owned(), Json::from("provider"));
    object.insert("tf_provider_addr".to_owned(), Json::from(address));
    if let Ok(timestamp) = now.format(TIMESTAMP) {
        object.insert("@timestamp".to_owned(), Json::from(timestamp));
    }
    Json::Object(object).to_string()
}

fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut kept: String =
        text.char_indices().take_while(|(at, _)| *at < most).map(|(_, letter)| letter).collect();
    kept.push('…');
    kept
}

const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
/// Terraform splits lines beyond 64 KiB; escaping can multiply a field's size.
const MAX_FIELD: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_line_is_what_hclog_writes() {
        let now = datetime!(2026-01-02 03:04:05.000006 UTC);
        assert_eq!(
            line(Level::Warn, "registry.terraform.io/ns/x", "slow", &[("attempt", &3)], now),
            r#"{"@level":"warn","@message":"slow","@module":"provider","@timestamp":"2026-01-02T03:04:05.000006Z","attempt":"3","tf_provider_addr":"registry.terraform.io/ns/x"}"#
        );
    }

    #[test]
    fn no_field_replaces_what_terraform_reads() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let line = line(Level::Info, "a", "b", &[("@level", &"loud"), ("@message", &1)], now);
        assert!(line.contains(r#""@level":"info","@message":"b""#), "{line}");
        assert!(line.contains("05.000000Z"), "{line}");
    }

    #[test]
    fn a_long_message_stays_below_the_line_limit() {
        let line = line(Level::Info, "a", &"\u{1}ü".repeat(100_000), &[], datetime!(2026-01-02 03:04:05 UTC));
        assert!(line.len() < 64 * 1024, "{}", line.len());
    }

    #[test]
    fn the_closest_variable_sets_the_level() {
        let level = |set: &[(&str, &str)]| {
            let find =
                |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, word)| (*word).to_owned());
            Logger::from_environment("registry.terraform.io/ns/key-rail", find).level
        };
        assert_eq!(level(&[]), Level::Off);
        assert_eq!(level(&[("TF_LOG", "JSON")]), Level::Trace);
        assert_eq!(level(&[("TF_LOG", "warn"), ("TF_LOG_PROVIDER", "INFO")]), Level::Info);
        assert_eq!(level(&[("TF_LOG", "INFO"), ("TF_LOG_PROVIDER_KEY_RAIL", "ERROR")]), Level::Error);
        assert_eq!(level(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "")]), Level::Trace);
    }
}
