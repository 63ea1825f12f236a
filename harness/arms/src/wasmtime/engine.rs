//! The engines that resident arms keep up, a file each.

mod kept;
mod on_demand;
mod pooled;
mod pulley;
mod winch;

pub(super) use kept::KeptUp;

/// All of them, in the order of the table of arms. A new one is a file and a line
/// here.
pub(super) static ALL: [KeptUp; 4] = [
    on_demand::ENGINE,
    pooled::ENGINE,
    winch::ENGINE,
    pulley::ENGINE,
];
