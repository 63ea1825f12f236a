//! What the tests share.
#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses some of this"
)]

use assay_stage::script::{Amount, Peer, PeerKind, PeerStep};
use assay_stage::{Control, Stdio, pipes};
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio as StdStdio};
use std::time::{Duration, Instant};

/// A deadline that only a fault reaches.
pub fn far() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// A deadline that is reached soon.
pub fn soon() -> Instant {
    Instant::now() + Duration::from_millis(300)
}

pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub fn tcp(name: &str, steps: Vec<PeerStep>) -> Peer {
    Peer {
        name: name.to_owned(),
        kind: PeerKind::Tcp {
            address: LOOPBACK,
            steps,
        },
    }
}

pub fn udp(name: &str, steps: Vec<PeerStep>) -> Peer {
    Peer {
        name: name.to_owned(),
        kind: PeerKind::Udp {
            address: LOOPBACK,
            steps,
        },
    }
}

pub fn receive(count: u64) -> PeerStep {
    PeerStep::Receive(Amount::Bytes(count))
}

pub fn to_end() -> PeerStep {
    PeerStep::Receive(Amount::End)
}

pub fn send(text: &str) -> PeerStep {
    PeerStep::Send(text.as_bytes().to_vec())
}

/// A child with our pipes; killed when a test ends without it.
pub struct Guest {
    child: Child,
}

impl Guest {
    pub fn start(program: &str, args: &[&str]) -> (Guest, Stdio) {
        let (ours, theirs) = pipes().unwrap();
        let child = Command::new(program)
            .args(args)
            .stdin(StdStdio::from(theirs.stdin))
            .stdout(StdStdio::from(theirs.stdout))
            .stderr(StdStdio::from(theirs.stderr))
            .spawn()
            .unwrap();
        (Guest { child }, ours)
    }

    pub fn sh(script: &str) -> (Guest, Stdio) {
        Guest::start("sh", &["-c", script])
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Control for Guest {
    fn signal(&mut self, name: &str) -> Result<(), String> {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status()
            .map_err(|error| error.to_string())?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("kill -{name} failed")),
        }
    }

    fn wait_exit(&mut self, until: Instant) -> Result<bool, String> {
        loop {
            match self.child.try_wait() {
                Ok(Some(_)) => return Ok(true),
                Ok(None) if Instant::now() >= until => return Ok(false),
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}
