//! Pictures of the programs that make thumbnails.
//!
//! Resizing is done in integers: each pixel of the thumbnail is the mean of
//! the area it covers, weighted by how much of each pixel lies in that area and
//! rounded to the nearest value. So the pixels follow from arithmetic alone,
//! and another program can compute them.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Transformations};
use thiserror::Error;

/// More pixels than that are refused before memory is asked for.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The bytes are not those of a PNG.
    #[error("not a picture: {0}")]
    Decoding(#[from] png::DecodingError),
    /// The picture could not be written.
    #[error("cannot write the picture: {0}")]
    Encoding(#[from] png::EncodingError),
    /// A picture with an alpha channel: the mean of two colours is another one
    /// then, and no workload needs it.
    #[error("a picture with {0} channels; 1 (grey) and 3 (colours) are known")]
    Channels(usize),
    /// Too large to hold.
    #[error("a picture of {width} times {height} pixels, more than {LIMIT}")]
    TooLarge {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// A thumbnail is not wider than its picture and has a width.
    #[error("a thumbnail {asked} pixels wide of a picture {width} pixels wide; 1 to {width} are")]
    Width {
        /// Of the thumbnail.
        asked: u32,
        /// Of the picture.
        width: u32,
    },
}

/// Pixels of eight bits a channel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    channels: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// Reads a PNG; palettes and other depths become eight bits a channel.
    ///
    /// # Errors
    /// If it is none, is damaged, has an alpha channel or is too large.
    pub fn decode(bytes: &[u8]) -> Result<Self, PictureError> {
        let mut decoder = Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let (width, height) = reader.info().size();
        let too_large = PictureError::TooLarge { width, height };
        if u64::from(width) * u64::from(height) > LIMIT {
            return Err(too_large);
        }
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(too_large)?];
        let info = reader.next_frame(&mut pixels)?;
        pixels.truncate(info.buffer_size());
        let channels = info.color_type.samples();
        if !matches!(channels, 1 | 3) {
            return Err(PictureError::Channels(channels));
        }
        // The chunks behind the pixels, with their checksums.
        reader.finish()?;
        Ok(Self {
            width,
            height,
            channels,
            pixels,
        })
    }

    /// Writes it as a PNG.
    ///
    /// # Errors
    /// What the encoder refuses.
    pub fn encode(&self) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(if self.channels == 1 {
            ColorType::Grayscale
        } else {
            ColorType::Rgb
        });
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }

    /// The same picture `width` pixels wide, its height in proportion (rounded
    /// to the nearest, at least one).
    ///
    /// # Errors
    /// If `width` is 0 or more than it has.
    pub fn narrowed(&self, width: u32) -> Result<Self, PictureError> {
        if width == 0 || width > self.width {
            return Err(PictureError::Width {
                asked: width,
                width: self.width,
            });
        }
        let (from, to) = (u64::from(self.width), u64::from(width));
        let height = ((2 * u64::from(self.height) * to + from) / (2 * from)).max(1);
        let columns = spans(self.width, width);
        // Not above the height there is, so it fits.
        let height = u32::try_from(height).unwrap_or(self.height);
        let rows = spans(self.height, height);
        let area = u64::from(self.width) * u64::from(self.height);

        let stride = self.width as usize * self.channels;
        let mut pixels = Vec::with_capacity(width as usize * height as usize * self.channels);
        for row in &rows {
            for column in &columns {
                for channel in 0..self.channels {
                    let mut sum = 0;
                    for &(y, tall) in row {
                        let line = &self.pixels[y * stride..(y + 1) * stride];
                        let part: u64 = column
                            .iter()
                            .map(|&(x, wide)| wide * u64::from(line[x * self.channels + channel]))
                            .sum();
                        sum += tall * part;
                    }
                    let mean = (sum + area / 2) / area;
                    // A mean of bytes is a byte.
                    pixels.push(u8::try_from(mean).unwrap_or(u8::MAX));
                }
            }
        }
        Ok(Self {
            width,
            height,
            channels: self.channels,
            pixels,
        })
    }

    /// In pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// 1 for grey, 3 for colours.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Row by row, channels together.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// For each of `to` equal parts of a line of `from` pixels, which pixels lie in
/// it and how much of them. A pixel is `to` units long and a part `from`, so
/// everything is whole, and the weights of a part add up to `from`.
fn spans(from: u32, to: u32) -> Vec<Vec<(usize, u64)>> {
    let (from, to) = (u64::from(from), u64::from(to));
    (0..to)
        .map(|part| {
            let (start, end) = (part * from, (part + 1) * from);
            (start / to..end.div_ceil(to))
                .map(|pixel| {
                    let overlap = end.min((pixel + 1) * to) - start.max(pixel * to);
                    // Below `from`, which was a u32.
                    (usize::try_from(pixel).unwrap_or(usize::MAX), overlap)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32, pixels: &[u8]) -> Picture {
        Picture {
            width,
            height,
            channels: 1,
            pixels: pixels.to_vec(),
        }
    }

    #[test]
    fn the_weights_of_every_part_add_up() {
        for (from, to) in [(7, 3), (451, 96), (5, 5), (9, 1)] {
            for part in spans(from, to) {
                assert_eq!(
                    part.iter().map(|(_, weight)| weight).sum::<u64>(),
                    u64::from(from)
                );
            }
        }
    }

    #[test]
    fn three_pixels_become_two() {
        // The middle one belongs half to each side: (0 + 0 + 90) / 3, (90 + 255 + 255) / 3.
        let small = grey(3, 1, &[0, 90, 255]).narrowed(2).unwrap();
        assert_eq!(small.pixels(), [30, 200]);
    }

    #[test]
    fn a_file_holds_its_picture() {
        let picture = grey(3, 2, &[0, 1, 2, 253, 254, 255]);
        assert_eq!(
            Picture::decode(&picture.encode().unwrap()).unwrap(),
            picture
        );
    }

    #[test]
    fn a_damaged_file_and_a_wrong_width_are_refused() {
        let picture = grey(3, 2, &[0, 1, 2, 253, 254, 255]);
        let mut bytes = picture.encode().unwrap();
        let last = bytes.len() - 20;
        bytes[last] ^= 1;
        assert!(matches!(
            Picture::decode(&bytes),
            Err(PictureError::Decoding(_))
        ));
        for width in [0, 4] {
            assert!(matches!(
                picture.narrowed(width),
                Err(PictureError::Width { .. })
            ));
        }
    }
}
