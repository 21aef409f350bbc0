//! Compiles the protocol buffers in `proto/`, without a system `protoc`.
//!
//! The server's half goes into the library, the client's half is for the
//! protocol tests alone.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for (half, is_server) in [("server", true), ("client", false)] {
        let out = out.join(half);
        std::fs::create_dir_all(&out)?;
        tonic_prost_build::configure()
            .build_server(is_server)
            .build_client(!is_server)
            .build_transport(false)
            // Answers what we do not serve with `Unimplemented`.
            .generate_default_stubs(is_server)
            .btree_map(".")
            .out_dir(out)
            .compile_fds(protox::compile(["tfplugin6.proto", "plugin.proto", "health.proto"], ["proto"])?)?;
    }
    Ok(())
}
