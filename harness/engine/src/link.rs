//! Linking WASI 0.2, all of it or without what is withheld.
//!
//! A stock Wasmtime context always has clocks, random numbers and an
//! environment. What a definition withholds is therefore not linked at all;
//! a component that imports it still instantiates, and calling it is a trap.

use crate::host::{Ctx, Machine};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{HasData, Linker, ResourceTable, ResourceType};
use wasmtime::{Result, bail};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::{self, bindings};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// Adds each interface that is not withheld: `"name" => function, getter;`.
macro_rules! link {
    ($linker:ident, $withheld:ident; $($name:literal => $module:path, $data:ty, $get:expr;)*) => {
        $(if !$withheld.iter().any(|name| name == $name) {
            use $module as interface;
            interface::add_to_linker::<Ctx, $data>(&mut $linker, $get)?;
        })*
    };
}

/// Host calls block the thread.
pub(crate) fn blocking(
    mut linker: Linker<Ctx>,
    machine: &Machine,
    withheld: &[String],
) -> Result<Linker<Ctx>> {
    if withheld.is_empty() {
        p2::add_to_linker_sync(&mut linker)?;
        return Ok(linker);
    }
    link! { linker, withheld;
        "wasi:io/error" => wasmtime_wasi_io::bindings::wasi::io::error, Table, table;
        "wasi:io/poll" => bindings::sync::io::poll, Table, table;
        "wasi:io/streams" => bindings::sync::io::streams, Table, table;
        "wasi:filesystem/types" => bindings::sync::filesystem::types, WasiFilesystem, Ctx::filesystem;
        "wasi:sockets/tcp" => bindings::sync::sockets::tcp, WasiSockets, Ctx::sockets;
        "wasi:sockets/udp" => bindings::sync::sockets::udp, WasiSockets, Ctx::sockets;
        "wasi:sockets/udp-create-socket" => bindings::sync::sockets::udp_create_socket, WasiSockets, Ctx::sockets;
    }
    rest(linker, machine, withheld)
}

/// Host calls suspend the guest's fiber.
pub(crate) fn fibers(
    mut linker: Linker<Ctx>,
    machine: &Machine,
    withheld: &[String],
) -> Result<Linker<Ctx>> {
    if withheld.is_empty() {
        p2::add_to_linker_async(&mut linker)?;
        return Ok(linker);
    }
    link! { linker, withheld;
        "wasi:io/error" => wasmtime_wasi_io::bindings::wasi::io::error, Table, table;
        "wasi:io/poll" => wasmtime_wasi_io::bindings::wasi::io::poll, Table, table;
        "wasi:io/streams" => wasmtime_wasi_io::bindings::wasi::io::streams, Table, table;
        "wasi:filesystem/types" => bindings::filesystem::types, WasiFilesystem, Ctx::filesystem;
        "wasi:sockets/tcp" => bindings::sockets::tcp, WasiSockets, Ctx::sockets;
        "wasi:sockets/udp" => bindings::sockets::udp, WasiSockets, Ctx::sockets;
        "wasi:sockets/udp-create-socket" => bindings::sockets::udp_create_socket, WasiSockets, Ctx::sockets;
    }
    rest(linker, machine, withheld)
}

/// WASI 0.3. Its calls are asynchronous in the component model itself.
#[cfg(feature = "p3")]
pub(crate) fn concurrent(
    mut linker: Linker<Ctx>,
    machine: &Machine,
    withheld: &[String],
) -> Result<Linker<Ctx>> {
    use wasmtime_wasi::p3;
    if withheld.is_empty() {
        p3::add_to_linker(&mut linker)?;
        return Ok(linker);
    }
    link! { linker, withheld;
        "wasi:cli/environment" => p3::bindings::cli::environment, WasiCli, Ctx::cli;
        "wasi:cli/exit" => p3::bindings::cli::exit, WasiCli, Ctx::cli;
        "wasi:cli/stdin" => p3::bindings::cli::stdin, WasiCli, Ctx::cli;
        "wasi:cli/stdout" => p3::bindings::cli::stdout, WasiCli, Ctx::cli;
        "wasi:cli/stderr" => p3::bindings::cli::stderr, WasiCli, Ctx::cli;
        "wasi:cli/terminal-input" => p3::bindings::cli::terminal_input, WasiCli, Ctx::cli;
        "wasi:cli/terminal-output" => p3::bindings::cli::terminal_output, WasiCli, Ctx::cli;
        "wasi:cli/terminal-stdin" => p3::bindings::cli::terminal_stdin, WasiCli, Ctx::cli;
        "wasi:cli/terminal-stdout" => p3::bindings::cli::terminal_stdout, WasiCli, Ctx::cli;
        "wasi:cli/terminal-stderr" => p3::bindings::cli::terminal_stderr, WasiCli, Ctx::cli;
        "wasi:clocks/types" => p3::bindings::clocks::types, WasiClocks, Ctx::clocks;
        "wasi:clocks/monotonic-clock" => p3::bindings::clocks::monotonic_clock, WasiClocks, Ctx::clocks;
        "wasi:clocks/wall-clock" => p3::bindings::clocks::system_clock, WasiClocks, Ctx::clocks;
        "wasi:filesystem/types" => p3::bindings::filesystem::types, WasiFilesystem, Ctx::filesystem;
        "wasi:filesystem/preopens" => p3::bindings::filesystem::preopens, WasiFilesystem, Ctx::filesystem;
        "wasi:random/random" => p3::bindings::random::random, WasiRandom, random;
        "wasi:random/insecure" => p3::bindings::random::insecure, WasiRandom, random;
        "wasi:random/insecure-seed" => p3::bindings::random::insecure_seed, WasiRandom, random;
        "wasi:sockets/types" => p3::bindings::sockets::types, WasiSockets, Ctx::sockets;
        "wasi:sockets/ip-name-lookup" => p3::bindings::sockets::ip_name_lookup, WasiSockets, Ctx::sockets;
    }
    withhold(&mut linker, machine, withheld)?;
    Ok(linker)
}

/// The interfaces that never wait, which are the same for both.
fn rest(mut linker: Linker<Ctx>, machine: &Machine, withheld: &[String]) -> Result<Linker<Ctx>> {
    link! { linker, withheld;
        "wasi:clocks/wall-clock" => bindings::clocks::wall_clock, WasiClocks, Ctx::clocks;
        "wasi:clocks/monotonic-clock" => bindings::clocks::monotonic_clock, WasiClocks, Ctx::clocks;
        "wasi:filesystem/preopens" => bindings::filesystem::preopens, WasiFilesystem, Ctx::filesystem;
        "wasi:random/random" => bindings::random::random, WasiRandom, random;
        "wasi:random/insecure" => bindings::random::insecure, WasiRandom, random;
        "wasi:random/insecure-seed" => bindings::random::insecure_seed, WasiRandom, random;
        "wasi:cli/environment" => bindings::cli::environment, WasiCli, Ctx::cli;
        "wasi:cli/stdin" => bindings::cli::stdin, WasiCli, Ctx::cli;
        "wasi:cli/stdout" => bindings::cli::stdout, WasiCli, Ctx::cli;
        "wasi:cli/stderr" => bindings::cli::stderr, WasiCli, Ctx::cli;
        "wasi:cli/exit" => bindings::cli::exit, WasiCli, Ctx::cli;
        "wasi:cli/terminal-input" => bindings::cli::terminal_input, WasiCli, Ctx::cli;
        "wasi:cli/terminal-output" => bindings::cli::terminal_output, WasiCli, Ctx::cli;
        "wasi:cli/terminal-stdin" => bindings::cli::terminal_stdin, WasiCli, Ctx::cli;
        "wasi:cli/terminal-stdout" => bindings::cli::terminal_stdout, WasiCli, Ctx::cli;
        "wasi:cli/terminal-stderr" => bindings::cli::terminal_stderr, WasiCli, Ctx::cli;
        "wasi:sockets/tcp-create-socket" => bindings::sockets::tcp_create_socket, WasiSockets, Ctx::sockets;
        "wasi:sockets/instance-network" => bindings::sockets::instance_network, WasiSockets, Ctx::sockets;
        "wasi:sockets/ip-name-lookup" => bindings::sockets::ip_name_lookup, WasiSockets, Ctx::sockets;
    }
    if !withheld.iter().any(|name| name == "wasi:sockets/network") {
        let options = bindings::sockets::network::LinkOptions::default();
        bindings::sockets::network::add_to_linker::<Ctx, WasiSockets>(
            &mut linker,
            &options,
            Ctx::sockets,
        )?;
    }
    withhold(&mut linker, machine, withheld)?;
    Ok(linker)
}

fn table(ctx: &mut Ctx) -> &mut ResourceTable {
    &mut ctx.table
}

fn random(ctx: &mut Ctx) -> &mut wasmtime_wasi::random::WasiRandomCtx {
    ctx.ctx().ctx.random()
}

/// Resources of wasi:io. Other interfaces name them as aliases, and the linker
/// knows what an alias stands for.
const OF_IO: [&str; 4] = ["error", "input-stream", "output-stream", "pollable"];

/// Puts functions that trap in the place of those that are withheld, so that a
/// component which imports them still instantiates.
///
/// `Linker::define_unknown_imports_as_traps` would do it for everything that is
/// missing, and defines aliases in interfaces that are linked as resources of
/// their own, which then do not match.
fn withhold(linker: &mut Linker<Ctx>, machine: &Machine, withheld: &[String]) -> Result<()> {
    let engine = linker.engine().clone();
    for (import, item) in machine.0.component_type().imports(&engine) {
        let name = import
            .split_once('@')
            .map_or(import, |(name, _version)| name);
        if !withheld.iter().any(|denied| denied == name) {
            continue;
        }
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        let mut stub = linker.instance(import)?;
        for (export, item) in instance.exports(&engine) {
            match item.ty {
                ComponentItem::ComponentFunc(_) => {
                    let what = format!("{import}#{export}");
                    stub.func_new(export, move |_, _, _, _| bail!("{what} is withheld"))?;
                }
                ComponentItem::Resource(_) if !OF_IO.contains(&export) => {
                    stub.resource(export, ResourceType::host::<()>(), |_, _| Ok(()))?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}
