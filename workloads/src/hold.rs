//! What an instance of `cli/hold` must print, for any nonce and working set.

/// The step between touched bytes in `cli/hold`.
const STEP: u64 = 4096;
/// The values of the touched bytes repeat after so many: 1, 2, … 251.
const PERIOD: u64 = 251;

/// The two lines of one `cli/hold` instance. Density runs choose their own
/// nonces and working sets, so these expectations are computed, not listed:
/// here in closed form, in the guest by reading its memory back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldLines {
    /// Printed when the working set is touched, with its newline.
    pub ready: String,
    /// Printed after the end of stdin, with its newline.
    pub bye: String,
}

impl HoldLines {
    /// The lines of `cli-hold NONCE BYTES`.
    #[must_use]
    pub fn of(nonce: &str, bytes: u64) -> Self {
        let pages = bytes.div_ceil(STEP);
        let triangle = |n: u64| n * (n + 1) / 2;
        let checksum = (pages / PERIOD) * triangle(PERIOD) + triangle(pages % PERIOD);
        Self {
            ready: format!("ready {nonce}\n"),
            bye: format!("bye {nonce} {checksum}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closed_form_is_the_sum() {
        for bytes in [
            0_u64,
            1,
            4096,
            4097,
            251 * 4096,
            252 * 4096,
            1 << 20,
            16 << 20,
        ] {
            let sum: u64 = (0..bytes.div_ceil(STEP))
                .map(|page| page % PERIOD + 1)
                .sum();
            assert_eq!(
                HoldLines::of("n", bytes).bye,
                format!("bye n {sum}\n"),
                "{bytes}"
            );
        }
    }
}
