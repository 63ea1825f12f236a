//! `POST /thumbnail?width=N` with a PNG answers with the same picture N pixels
//! wide. Anything else is told what is wrong with it in one line of text.

use assay_guests_program_http_shell::{Reply, Request};
use assay_guests_program_picture::{Picture, PictureError};

/// Answers one request.
pub fn answer(request: &Request) -> Reply {
    if request.path != "/thumbnail" {
        return Reply::text(404, "there is /thumbnail");
    }
    if request.method != "POST" {
        return Reply::text(405, "send a picture with POST").with("allow", "POST");
    }
    if request.content_type != "image/png" {
        return Reply::text(415, "send image/png");
    }
    let width = request.parameter("width").unwrap_or_default();
    let Ok(width) = width.parse() else {
        return Reply::text(400, "width is a number of pixels");
    };
    match thumbnail(&request.body, width) {
        Ok((picture, bytes)) => Reply::new(200, "image/png", bytes)
            .with("x-width", &picture.width().to_string())
            .with("x-height", &picture.height().to_string()),
        Err(PictureError::Decoding(_)) => Reply::text(400, "the body is not a picture"),
        Err(error) => Reply::text(422, &error.to_string()),
    }
}

fn thumbnail(bytes: &[u8], width: u32) -> Result<(Picture, Vec<u8>), PictureError> {
    let small = Picture::decode(bytes)?.narrowed(width)?;
    let bytes = small.encode()?;
    Ok((small, bytes))
}
