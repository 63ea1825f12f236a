//! Code of Pulley, the portable interpreter, with the word size and byte order of
//! this machine; the rest is as in `emulated`.

use super::named::NamedConfig;

/// Pulley in place of machine code.
pub(super) const CONFIG: NamedConfig = NamedConfig {
    name: "pulley",
    pools: false,
    apply: |config, _| {
        super::emulated::bounds_checked(config);
        config.target(TARGET).map(drop)
    },
};

/// The interpreter's target for processes like this one.
const TARGET: &str = match (
    cfg!(target_pointer_width = "64"),
    cfg!(target_endian = "big"),
) {
    (true, false) => "pulley64",
    (true, true) => "pulley64be",
    (false, false) => "pulley32",
    (false, true) => "pulley32be",
};
