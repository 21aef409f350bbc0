//! Where the plugin listens: a Unix socket in a folder of its own, or a local
//! TCP port where that is impossible.
//!
//! A port is open to every user of the machine, so it is used only behind TLS.
//!
//! INVARIANT: nobody but this user (and the group that the host names) can
//! reach the socket at any moment; the folder is closed before the socket is in it.

use std::io;

use tokio::net::TcpListener;

use super::connection::Stream;
use crate::tf::error::Error;
use crate::tf::handshake::{Address, Host};

/// Accepts connections until it is dropped, and then leaves no file behind.
#[derive(Debug)]
pub(crate) enum Listener {
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, unix::Folder),
    Tcp(TcpListener),
}

impl Listener {
    /// Listens where the host wants it.
    pub(crate) async fn bind(host: &Host) -> Result<Self, Error> {
        #[cfg(unix)]
        match unix::bind(host) {
            Err(_) if host.certificate.is_some() => {}
            result => return result,
        }
        let (first, last) = host.ports;
        let mut result = Err(io::Error::from(io::ErrorKind::AddrInUse));
        for port in first..=last {
            result = TcpListener::bind(("127.0.0.1", port)).await;
            if result.is_ok() {
                break;
            }
        }
        let problem = format!("none of the ports {first} to {last} of 127.0.0.1 could be opened");
        result.map(Self::Tcp).map_err(Error::start(problem))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Result<Address, Error> {
        match self {
            #[cfg(unix)]
            Self::Unix(_, folder) => {
                Ok(Address { network: "unix", address: folder.socket().display().to_string() })
            }
            Self::Tcp(listener) => {
                let address =
                    listener.local_addr().map_err(Error::start("the opened port could not be told"))?;
                Ok(Address { network: "tcp", address: address.to_string() })
            }
        }
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok(Box::new(stream))
            }
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{DirBuilder, Permissions, read_to_string, remove_dir_all, set_permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
    use std::path::{Path, PathBuf};

    use tokio::net::UnixListener;

    use super::Listener;
    use crate::tf::error::Error;
    use crate::tf::handshake::Host;

    /// A folder with one socket in it, removed with it.
    #[derive(Debug)]
    pub(crate) struct Folder(PathBuf);

    impl Folder {
        fn make(parent: &Path) -> io::Result<Self> {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(io::Error::other)?;
            let folder = parent.join(format!("plugin{:016x}", u64::from_ne_bytes(random)));
            DirBuilder::new().mode(0o700).create(&folder)?;
            Ok(Self(folder))
        }

        pub(super) fn socket(&self) -> PathBuf {
            self.0.join("s")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            remove_dir_all(&self.0).ok();
        }
    }

    pub(super) fn bind(host: &Host) -> Result<Listener, Error> {
        let parent = host.socket_folder.as_ref().map_or_else(std::env::temp_dir, PathBuf::from);
        let problem = format!("no folder for the socket could be made in `{}`", parent.display());
        let folder = Folder::make(&parent).map_err(Error::start(problem))?;
        let socket = folder.socket();
        if socket.as_os_str().len() > MAX_PATH {
            let problem = format!(
                "no socket can be at `{}`, because its path has more than {MAX_PATH} bytes; \
                 name a shorter folder in `PLUGIN_UNIX_SOCKET_DIR` or `TMPDIR`",
                socket.display()
            );
            return Err(Error::start(problem)(io::Error::from(io::ErrorKind::InvalidFilename)));
        }
        let problem = format!("the socket `{}` could not be opened", socket.display());
        let listener = UnixListener::bind(&socket).map_err(Error::start(problem))?;
        let problem = format!("the socket `{}` could not be closed to other users", socket.display());
        set_permissions(&socket, Permissions::from_mode(0o600)).map_err(Error::start(problem))?;
        if let Some(group) = &host.socket_group {
            let number = number_of(group).map_err(Error::start(format!(
                "the group `{group}` in `PLUGIN_UNIX_SOCKET_GROUP` was not found in `/etc/group`"
            )))?;
            let problem = format!("the socket `{}` could not be given to group `{group}`", socket.display());
            share(&folder, number).map_err(Error::start(problem))?;
        }
        Ok(Listener::Unix(listener, folder))
    }

    fn share(folder: &Folder, group: u32) -> io::Result<()> {
        let socket = folder.socket();
        chown(&socket, None, Some(group))?;
        set_permissions(&socket, Permissions::from_mode(0o660))?;
        chown(&folder.0, None, Some(group))?;
        set_permissions(&folder.0, Permissions::from_mode(0o710))
    }

    fn number_of(group: &str) -> io::Result<u32> {
        if let Ok(number) = group.parse() {
            return Ok(number);
        }
        let groups = read_to_string("/etc/group")?;
        let mut entries = groups.lines().map(|line| line.split(':'));
        let number =
            entries.find_map(|mut entry| (entry.next() == Some(group)).then(|| entry.nth(1)).flatten());
        number.and_then(|number| number.parse().ok()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// macOS has room for 104 bytes with the final zero, Linux for 108.
    const MAX_PATH: usize = 103;
}
