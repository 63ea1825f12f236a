//! The native twin of `lang/json-api-c`: `lang-json-api-c ADDRESS`.

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::ffi::{CStr, CString, c_char, c_int};

    use assay_guests_lang_rust::{Answer, Request};

    /// `struct json_api_answer` of json_api.h.
    #[repr(C)]
    struct CAnswer {
        status: c_int,
        allow: c_int,
        body: [c_char; 128],
    }

    unsafe extern "C" {
        fn json_api_answer(
            method: *const c_char,
            path: *const c_char,
            body: *const c_char,
            length: usize,
            answer: *mut CAnswer,
        );
    }

    /// Asks the C function.
    pub fn answer(request: Request<'_>) -> Answer {
        // hyper refuses a zero byte in a method or a path, so there is none.
        let (Ok(method), Ok(path)) = (CString::new(request.method), CString::new(request.path))
        else {
            return Answer::new(400, "");
        };
        let mut body = request.body.to_vec();
        body.push(0);
        let mut found = CAnswer {
            status: 0,
            allow: 0,
            body: [0; 128],
        };
        // SAFETY: both strings end with a zero byte, `body` has one behind the
        // bytes that are counted, and all of them outlive the call, which keeps
        // no pointer. `found` has the layout of the C structure.
        unsafe {
            json_api_answer(
                method.as_ptr(),
                path.as_ptr(),
                body.as_ptr().cast(),
                request.body.len(),
                &raw mut found,
            );
        }
        // SAFETY: snprintf and strcpy end the text with a zero byte within it.
        let text = unsafe { CStr::from_ptr(found.body.as_ptr()) };
        let status = u16::try_from(found.status).unwrap_or(500);
        let answer = Answer::new(status, text.to_string_lossy());
        match found.allow {
            1 => answer.with("allow", "GET"),
            2 => answer.with("allow", "POST"),
            _ => answer,
        }
    }
}

#[cfg(not(target_family = "wasm"))]
fn main() -> std::io::Result<()> {
    assay_guests_lang_rust::native::main(native::answer)
}

#[cfg(target_family = "wasm")]
fn main() {}
