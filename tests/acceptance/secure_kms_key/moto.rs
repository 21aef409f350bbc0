//! The same core against moto's server: a second opinion on what AWS does,
//! written by others. It keeps no rotation period and evaluates no policy.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// A server that ends with the test.
struct Moto {
    address: SocketAddr,
    server: Child,
}

impl Moto {
    fn start() -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
        let program = target.join("venv/bin/moto_server");
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let server = Command::new(&program)
            .args(["-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("`{}` cannot be started ({error}); install it with `make moto`", program.display())
            });
        let moto = Self { address, server };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < Duration::from_mins(1), "moto_server does not answer at {address}");
            std::thread::sleep(Duration::from_millis(50));
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

#[test]
fn a_key_lives_its_life_on_moto_too() {
    let moto = Moto::start();
    let stage = Stage::on(moto.address);
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    stage.settled();
    let made = stage.state("secure_kms_key.db")["id"].clone();
    stage.write(
        "main.tf",
        &key("db", "description = \"payments\"\n  alias_name = \"payments\"\n  is_enabled = false"),
    );
    stage.apply();
    stage.settled();
    let seen = stage.state("secure_kms_key.db");
    assert_eq!(seen["id"], made);
    assert_eq!(seen["key_state"], "Disabled");
    stage.write("main.tf", &key("db", "").replace("deletion_protection = false", ""));
    stage.apply();
    stage.terraform(&["state", "rm", "secure_kms_key.db"]).succeeded();
    stage.terraform(&["import", "secure_kms_key.db", made.as_str().unwrap()]).succeeded();
    stage.settled();
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    stage.terraform(&["destroy", "-auto-approve"]).succeeded();
}
