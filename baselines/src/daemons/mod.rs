//! A containerd, a dockerd and a Podman service of the suite's own, beside
//! whatever the user runs.
//!
//! Each has its sockets, images and state in one folder, [`Folder`]. The user's
//! own Docker, containerd and Podman, their images, networks and settings are not
//! touched, and nothing is pulled. They are installed by `scripts/setup-baselines`.

mod baseline;
mod crun;
mod docker;
mod driver;
mod error;
mod folder;
mod leftovers;
mod podman;
mod process;
mod start;
mod status;
mod stop;

pub use baseline::Baseline;
pub(crate) use docker::{ADDRESSES, ASK_AGAIN_MS, NETWORK, SUBNET};
pub use error::{DaemonError, Say};
pub(crate) use folder::{folder_path, socket_of};
pub(crate) use podman::{places as podman_places, settings as podman_settings};
pub use start::start;
pub use status::{State, Status, status};
pub use stop::stop;
