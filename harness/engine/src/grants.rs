//! From grants to a WASI context.

use assay_wire::grants::Grants;
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;
use wasmtime::Result;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// Puts what is granted into a context that is being built. Names of
/// interfaces that are withheld are the linker's business, not the context's.
///
/// # Errors
/// When a directory cannot be opened.
pub fn grant(grants: &Grants, wasi: &mut WasiCtxBuilder) -> Result<()> {
    for preopen in &grants.preopens {
        let perms = match preopen.write {
            true => FsPerms::ReadWrite,
            false => FsPerms::ReadOnly,
        };
        wasi.preopened_dir(&preopen.host, &preopen.guest, perms)?;
    }
    wasi.allow_tcp(grants.tcp)
        .allow_udp(grants.udp)
        .allow_ip_name_lookup(grants.dns);
    if grants.tcp || grants.udp {
        wasi.socket_addr_check(|address, used| Box::pin(async move { stays_here(address, used) }));
    }
    if let Some(instant) = grants.wall_clock {
        wasi.wall_clock(Standing(Duration::from_nanos(instant)));
    }
    if let Some(step) = grants.monotonic_step {
        wasi.monotonic_clock(Stepping {
            step,
            next: Cell::new(0),
        });
    }
    if let Some(seed) = grants.random_seed {
        let stream = |number| {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            stream.set_stream(number);
            stream
        };
        let mut seeds = stream(2);
        let seed = u128::from(seeds.next_u64()) | u128::from(seeds.next_u64()) << 64;
        wasi.secure_random(stream(0))
            .insecure_random(stream(1))
            .insecure_random_seed(seed);
    }
    Ok(())
}

/// Tests reach this machine and nothing else. Binding to the unspecified
/// address is also what a socket does that nobody bound.
fn stays_here(address: SocketAddr, used: SocketAddrUse) -> bool {
    let binds = matches!(used, SocketAddrUse::TcpBind | SocketAddrUse::UdpBind);
    address.ip().is_loopback() || (binds && address.ip().is_unspecified())
}

/// A wall clock that stands still.
struct Standing(Duration);

impl HostWallClock for Standing {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

/// A monotonic clock that advances when it is read.
struct Stepping {
    step: u64,
    next: Cell<u64>,
}

impl HostMonotonicClock for Stepping {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        let now = self.next.get();
        self.next.set(now.saturating_add(self.step));
        now
    }
}
