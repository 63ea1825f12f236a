//! The guard in front of a server.

use crate::{Answer, Request};

/// Whether a request with this path and these values of `authorization` may
/// pass.
#[must_use]
pub fn admits(path: &str, authorization: &[Vec<u8>]) -> bool {
    let open = path.split('?').next() == Some("/health");
    open || matches!(authorization, [only] if only == b"Bearer assay")
}

/// What goes back for a request that may not.
#[must_use]
pub fn refusal() -> Answer {
    Answer::new(401, r#"{"error":"unauthorized"}"#).with("www-authenticate", "Bearer")
}

/// The guard and json-api in one program.
#[must_use]
pub fn guarded(request: Request<'_>) -> Answer {
    if admits(request.path, request.authorization) {
        crate::json_api::answer(request)
    } else {
        refusal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_header_or_the_open_path_passes() {
        let right = vec![b"Bearer assay".to_vec()];
        assert!(admits("/items/1", &right));
        assert!(admits("/health?x", &[]));
        assert!(!admits("/healthy", &[]));
        assert!(!admits("/items/1", &[b"Bearer other".to_vec()]));
        assert!(!admits("/items/1", &[right.clone(), right].concat()));
    }
}
