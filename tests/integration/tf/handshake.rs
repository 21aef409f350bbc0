//! Starting the process, and who may talk to it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::plugin::{Identity, Line, Plugin, Security, connect, shut_down, within};

#[tokio::test]
async fn the_line_says_where_and_how() {
    let plugin = Plugin::start(&mut Plugin::command()).await;
    let fields = &plugin.line.fields;
    assert_eq!(fields.len(), 6, "{fields:?}");
    assert_eq!(fields[..3], ["1", "6", "unix"]);
    assert_eq!(fields[4..], ["grpc", ""]);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(plugin.line.socket()), 0o600);
    assert_eq!(mode(plugin.line.socket().parent().unwrap().to_owned()), 0o700);
}

#[tokio::test]
async fn a_host_that_asks_for_multiplexing_is_told_no() {
    let plugin = Plugin::start(Plugin::command().env("PLUGIN_MULTIPLEX_GRPC", "true")).await;
    assert_eq!(plugin.line.fields[4..], ["grpc", "", "false"]);
}

#[tokio::test]
async fn the_socket_lies_where_the_host_wants_it() {
    let folder = tempdir().unwrap();
    let plugin = Plugin::start(Plugin::command().env("PLUGIN_UNIX_SOCKET_DIR", folder.path())).await;
    assert!(plugin.line.socket().starts_with(folder.path()), "{:?}", plugin.line);
}

#[tokio::test]
async fn the_group_that_the_host_names_may_use_the_socket() {
    let folder = tempdir().unwrap();
    let group = std::fs::metadata(folder.path()).unwrap().gid();
    let mut command = Plugin::command();
    command.env("PLUGIN_UNIX_SOCKET_DIR", folder.path()).env("PLUGIN_UNIX_SOCKET_GROUP", group.to_string());
    let plugin = Plugin::start(&mut command).await;
    let access = |path: &Path| {
        let metadata = std::fs::metadata(path).unwrap();
        (metadata.permissions().mode() & 0o777, metadata.gid())
    };
    let socket = plugin.line.socket();
    assert_eq!(access(&socket), (0o660, group));
    assert_eq!(access(socket.parent().unwrap()), (0o710, group));
}

#[tokio::test]
async fn a_port_serves_behind_tls_where_a_socket_cannot_be() {
    let mut command = Plugin::command();
    command.env("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all").env("PLUGIN_CLIENT_CERT", Identity::new().pem());
    let plugin = Plugin::start(&mut command).await;
    assert_eq!(plugin.line.fields[2], "tcp");
    let port = plugin.line.fields[3].strip_prefix("127.0.0.1:").unwrap().parse::<u16>().unwrap();
    assert!((10000..=25000).contains(&port), "{port}");
}

#[tokio::test]
async fn a_port_is_never_opened_without_tls() {
    let output =
        within(Plugin::command().env("PLUGIN_UNIX_SOCKET_DIR", "/nowhere/at/all").output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = "no folder for the socket could be made in `/nowhere/at/all`: No such file or directory (os error 2)\n";
    assert_eq!((output.stdout, String::from_utf8(output.stderr).unwrap()), (Vec::new(), said.to_owned()));
}

#[tokio::test]
async fn a_start_that_fails_says_at_what_and_where() {
    let folder = tempdir().unwrap();
    let long = folder.path().join("x".repeat(100));
    std::fs::create_dir(&long).unwrap();
    let mut command = Plugin::command();
    let output = within(command.env("PLUGIN_UNIX_SOCKET_DIR", &long).output()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let start = format!("no socket can be at `{}/plugin", long.display());
    let end = "/s`, because its path has more than 103 bytes; name a shorter folder in `PLUGIN_UNIX_SOCKET_DIR` or `TMPDIR`: invalid filename\n";
    assert!(said.starts_with(&start) && said.ends_with(end), "{said}");
    let mut command = Plugin::command();
    command.env("PLUGIN_UNIX_SOCKET_DIR", folder.path()).env("PLUGIN_UNIX_SOCKET_GROUP", "no such group");
    let output = within(command.output()).await.unwrap();
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "the group `no such group` in `PLUGIN_UNIX_SOCKET_GROUP` was not found in `/etc/group`: entity not found\n"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [long], "no socket is left behind");
}

#[tokio::test]
async fn without_the_right_cookie_it_explains_itself_and_fails() {
    for cookie in [None, Some("wrong")] {
        let mut command = Plugin::command();
        match cookie {
            Some(cookie) => command.env("TF_PLUGIN_MAGIC_COOKIE", cookie),
            None => command.env_remove("TF_PLUGIN_MAGIC_COOKIE"),
        };
        let output = within(command.output()).await.unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "This program is a Terraform provider. Terraform starts it; on its own it does nothing.\n\
             Require it in a configuration and run `terraform init` there, or start it with `--debug`\n\
             and attach Terraform to it.\n"
        );
    }
}

#[tokio::test]
async fn a_malformed_client_certificate_fails_the_start() {
    let output =
        within(Plugin::command().env("PLUGIN_CLIENT_CERT", "no certificate").output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("`PLUGIN_CLIENT_CERT` is not a certificate in PEM: "), "{said}");
}

#[tokio::test]
async fn the_host_with_the_pinned_certificate_is_served() {
    let host = Identity::new();
    let (mut plugin, channel) = Plugin::connected_as(&host, Some(&host)).await;
    shut_down(channel.unwrap()).await;
    assert!(plugin.ended().await.success());
    assert_eq!(plugin.printed_more().await, "");
}

#[tokio::test]
async fn a_client_with_another_certificate_is_refused() {
    let (_plugin, channel) = Plugin::connected_as(&Identity::new(), Some(&Identity::new())).await;
    assert!(channel.is_err());
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let (_plugin, channel) = Plugin::connected_as(&Identity::new(), None).await;
    assert!(channel.is_err());
}

#[tokio::test]
async fn a_client_without_tls_is_refused() {
    let plugin = Plugin::start(Plugin::command().env("PLUGIN_CLIENT_CERT", Identity::new().pem())).await;
    assert!(connect(&plugin.line, Security::Plain).await.is_err());
}

#[tokio::test]
async fn refused_clients_do_not_keep_the_host_out() {
    let host = Identity::new();
    let (plugin, refused) = Plugin::connected_as(&host, Some(&Identity::new())).await;
    assert!(refused.is_err());
    assert!(connect(&plugin.line, Security::Plain).await.is_err());
    let channel = connect(&plugin.line, Security::Tls(Some(&host))).await;
    assert!(channel.is_ok(), "{:?}", channel.err());
}

#[tokio::test]
async fn a_host_without_tls_is_served_in_plain() {
    let mut plugin = Plugin::start(&mut Plugin::command()).await;
    let channel = connect(&plugin.line, Security::Plain).await.unwrap();
    shut_down(channel).await;
    assert!(plugin.ended().await.success());
}

#[tokio::test]
async fn for_debugging_it_needs_no_host_and_ends_with_an_interrupt() {
    let mut command = Plugin::command();
    command.arg("--debug").env_remove("TF_PLUGIN_MAGIC_COOKIE").stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let variable = loop {
        let line = within(out.next_line()).await.unwrap().expect("the variable is printed");
        if let Some(variable) = line.trim().strip_prefix("TF_REATTACH_PROVIDERS=") {
            break variable.trim_matches('\'').to_owned();
        }
    };
    let json: Value = serde_json::from_str(&variable).unwrap();
    let provider = &json["registry.terraform.io/keyrail/corner"];
    assert_eq!(provider["Pid"], child.id().unwrap());
    assert_eq!((&provider["ProtocolVersion"], &provider["Test"]), (&6.into(), &true.into()));
    let socket = provider["Addr"]["String"].as_str().unwrap().to_owned();
    let line = Line { fields: vec![String::new(), String::new(), String::new(), socket.clone()] };
    // Terraform first opens and closes a bare connection.
    drop(tokio::net::UnixStream::connect(&socket).await.unwrap());
    for _ in 0..2 {
        drop(connect(&line, Security::Plain).await.unwrap());
    }
    let kill =
        tokio::process::Command::new("kill").args(["-s", "INT", &child.id().unwrap().to_string()]).status();
    assert!(kill.await.unwrap().success());
    assert!(within(child.wait()).await.unwrap().success());
    assert!(!Path::new(&socket).exists());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "");
}
