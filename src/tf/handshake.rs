//! How a host and the plugin find each other: a cookie, one line on standard
//! output, and for debugging a variable that the user hands to Terraform.
//!
//! INVARIANT: nothing else in the program writes to standard output once the
//! line is out; the host reads it as the protocol.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use super::error::Error;

/// What the host says in the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Host {
    /// The host's certificate in PEM; without one the connection is not encrypted.
    pub(crate) certificate: Option<String>,
    /// Where the socket belongs; otherwise the system's folder for temporary files.
    pub(crate) socket_folder: Option<String>,
    /// The group that may use the socket, by name or number.
    pub(crate) socket_group: Option<String>,
    /// The ports to try where there are no Unix sockets; (0, 0) means any.
    pub(crate) ports: (u16, u16),
    /// Whether the host asks if we multiplex (we do not).
    pub(crate) asks_for_multiplexing: bool,
}

impl Host {
    /// Reads the environment; fails unless a host of Terraform providers started us.
    pub(crate) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        if variable(COOKIE_NAME).as_deref() != Some(COOKIE) {
            return Err(Error::NotStartedByTerraform);
        }
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let port = |name| set(name).map_or(Ok(0), |text| text.parse().map_err(|_| Error::port(name, &text)));
        let ports: (u16, u16) = (port("PLUGIN_MIN_PORT")?, port("PLUGIN_MAX_PORT")?);
        if ports.0 > ports.1 {
            return Err(Error::port("PLUGIN_MIN_PORT", &ports.0.to_string()));
        }
        Ok(Self {
            certificate: set("PLUGIN_CLIENT_CERT"),
            socket_folder: set("PLUGIN_UNIX_SOCKET_DIR"),
            socket_group: set("PLUGIN_UNIX_SOCKET_GROUP"),
            ports,
            asks_for_multiplexing: set("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }
}

/// Where the plugin listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `unix` or `tcp`.
    pub(crate) network: &'static str,
    /// The path of the socket, or host and port.
    pub(crate) address: String,
}

/// Tells the host where to connect. The version is 6 whatever
/// `PLUGIN_PROTOCOL_VERSIONS` lists: it is all we speak, and the host reports a mismatch.
pub(crate) fn announce(host: &Host, address: &Address, certificate: Option<&[u8]>) -> io::Result<()> {
    print(&line(host, address, certificate))
}

/// Tells the user how to attach Terraform to this process.
pub(crate) fn announce_for_debugging(provider: &str, address: &Address) -> io::Result<()> {
    print(&format!(
        "Provider started. To attach Terraform, set this in its environment:\n\n\tTF_REATTACH_PROVIDERS='{}'\n",
        reattach(provider, address, std::process::id())
    ))
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

fn line(host: &Host, Address { network, address }: &Address, certificate: Option<&[u8]>) -> String {
    // Go decodes this field without padding, and fails on any.
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    // Older hosts split into six parts at most: a seventh would end up in the certificate.
    let multiplexing = if host.asks_for_multiplexing { "|false" } else { "" };
    format!("{CORE_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}{multiplexing}")
}

fn reattach(provider: &str, Address { network, address }: &Address, pid: u32) -> String {
    let attach = json!({
        "Protocol": "grpc",
        "ProtocolVersion": PROTOCOL_VERSION,
        "Pid": pid,
        // Terraform neither shuts down nor kills a provider under test.
        "Test": true,
        "Addr": { "Network": network, "String": address },
    });
    json!(BTreeMap::from([(provider, attach)])).to_string()
}

/// go-plugin's own protocol.
const CORE_VERSION: u8 = 1;
/// The major version of tfplugin.
const PROTOCOL_VERSION: u8 = 6;
/// Not a secret: it tells a plugin started by hand from one started by a host.
const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

#[cfg(test)]
mod tests {
    use super::*;

    fn host(set: &[(&str, &str)]) -> Result<Host, String> {
        let find =
            |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Host::from_environment(|name| find(name).or_else(|| (name == COOKIE_NAME).then(|| COOKIE.to_owned())))
            .map_err(|error| error.to_string())
    }

    fn socket() -> Address {
        Address { network: "unix", address: "/tmp/plugin1/s".to_owned() }
    }

    #[test]
    fn a_wrong_or_missing_cookie_is_refused() {
        assert!(matches!(Host::from_environment(|_| None), Err(Error::NotStartedByTerraform)));
        assert!(host(&[(COOKIE_NAME, "no")]).is_err());
        assert_eq!(host(&[]), Ok(Host::default()));
    }

    #[test]
    fn ports_are_numbers_in_order() {
        assert_eq!(
            host(&[("PLUGIN_MIN_PORT", "10000"), ("PLUGIN_MAX_PORT", "25000")]).unwrap().ports,
            (10000, 25000)
        );
        assert_eq!(
            host(&[("PLUGIN_MIN_PORT", "9"), ("PLUGIN_MAX_PORT", "8")]),
            Err("`PLUGIN_MIN_PORT` is `9`, which is no port number up to `PLUGIN_MAX_PORT`".to_owned())
        );
        assert!(host(&[("PLUGIN_MAX_PORT", "many")]).is_err());
    }

    #[test]
    fn the_line_has_an_unpadded_certificate_and_no_seventh_part_unasked() {
        assert_eq!(line(&Host::default(), &socket(), Some(&[0xff])), "1|6|unix|/tmp/plugin1/s|grpc|/w");
        assert_eq!(line(&Host::default(), &socket(), None), "1|6|unix|/tmp/plugin1/s|grpc|");
        let asking = host(&[("PLUGIN_MULTIPLEX_GRPC", "true")]).unwrap();
        assert_eq!(line(&asking, &socket(), Some(&[0xff])), "1|6|unix|/tmp/plugin1/s|grpc|/w|false");
    }

    #[test]
    fn the_variable_for_debugging_is_what_terraform_parses() {
        assert_eq!(
            reattach("registry.terraform.io/ns/x", &socket(), 7),
            r#"{"registry.terraform.io/ns/x":{"Addr":{"Network":"unix","String":"/tmp/plugin1/s"},"Pid":7,"Protocol":"grpc","ProtocolVersion":6,"Test":true}}"#
        );
    }
}
