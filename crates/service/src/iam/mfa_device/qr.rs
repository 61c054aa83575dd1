//! QR codes as PNG images (ISO/IEC 18004; Portable Network Graphics, third edition).

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels of a module's side.
const MODULE: usize = 4;
/// Modules of the white frame, as the standard wants it.
const FRAME: usize = 4;

/// The text's QR code as a black and white PNG image; none for a text that is too long for one.
pub(super) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let colors = code.to_colors();
    let modules = code.width() + 2 * FRAME;
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(FRAME).filter(|at| *at < code.width());
        let at = inside(y).zip(inside(x)).map(|(y, x)| y * code.width() + x);
        at.and_then(|at| colors.get(at)) == Some(&Color::Dark)
    };
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::best());
    for row in 0..modules {
        // Each line begins with its filter: none. White is 1; a module's pixels are half a byte.
        let half = |column: usize| if column < modules && is_dark(column, row) { 0_u8 } else { 0b1111 };
        let bytes = (0..modules).step_by(2).map(|column| half(column) << 4 | half(column + 1));
        let line: Vec<u8> = std::iter::once(0).chain(bytes).collect();
        for _ in 0..MODULE {
            pixels.write_all(&line).ok()?;
        }
    }
    let side = u32::try_from(modules * MODULE).ok()?.to_be_bytes();
    // Width, height, one bit for a pixel, grey; deflated, filtered, not interlaced.
    let header = [side.as_slice(), &side, &[1, 0, 0, 0, 0]].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", header), (b"IDAT", pixels.finish().ok()?), (b"IEND", Vec::new())] {
        let chunk = [name.as_slice(), &data].concat();
        out.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
        out.extend(&chunk);
        out.extend(crc32fast::hash(&chunk).to_be_bytes());
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// The chunks of an image, each with its right checksum.
    fn chunks(png: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
        let mut out = Vec::new();
        while !rest.is_empty() {
            let length = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
            let (name, data) = (&rest[4..8], &rest[8..8 + length]);
            let sum = u32::from_be_bytes(rest[8 + length..12 + length].try_into().unwrap());
            assert_eq!(sum, crc32fast::hash(&rest[4..8 + length]));
            out.push((String::from_utf8(name.to_vec()).unwrap(), data.to_vec()));
            rest = &rest[12 + length..];
        }
        out
    }

    #[test]
    fn the_image_shows_the_code_in_a_white_frame() {
        let text = "otpauth://totp/alice@111122223333?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let chunks = chunks(&png(text).unwrap());
        let names: Vec<&str> = chunks.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["IHDR", "IDAT", "IEND"]);
        let side = usize::try_from(u32::from_be_bytes(chunks[0].1[..4].try_into().unwrap())).unwrap();
        let mut lines = Vec::new();
        flate2::read::ZlibDecoder::new(chunks[1].1.as_slice()).read_to_end(&mut lines).unwrap();
        let line = 1 + side.div_ceil(8);
        assert_eq!(lines.len(), line * side);
        let dark = |x: usize, y: usize| lines[y * line + 1 + x / 8] >> (7 - x % 8) & 1 == 0;
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        for y in 0..side {
            for x in 0..side {
                let module = |at: usize| (at / MODULE).checked_sub(FRAME).filter(|at| *at < code.width());
                let expect = module(x).zip(module(y)).is_some_and(|(x, y)| code[(x, y)] == Color::Dark);
                assert_eq!(dark(x, y), expect, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_text_can_be_too_long() {
        assert!(png(&"x".repeat(2_331)).is_some());
        assert!(png(&"x".repeat(2_332)).is_none());
    }
}
