//! The canonical path.

use std::borrow::Cow;

use crate::Error;
use crate::encode::{encode, is_unreserved, normalise};

/// How the path enters the canonical request. The AWS page "Create a signed AWS API request", section "Canonical URI".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathStyle {
    /// Dot segments and empty segments are removed, then the path as sent is encoded once more: every service but S3.
    #[default]
    Normalised,
    /// The path as sent is encoded once more.
    AsSent,
    /// The path is decoded and encoded once, nothing is removed: Amazon S3.
    S3,
}

impl PathStyle {
    /// The canonical form of a path.
    ///
    /// # Errors
    /// `IncompleteSignature` if the path is not absolute, leads above the root, or (for S3) has an invalid escape.
    pub(crate) fn canonical<'a>(self, path: &'a str) -> Result<Cow<'a, str>, Error> {
        if !path.starts_with('/') {
            return Err(Error::incomplete("The path of the request must begin with '/'."));
        }
        match self {
            PathStyle::Normalised => Ok(match remove_dot_segments(path)? {
                Cow::Borrowed(path) => encode(path, is_kept),
                Cow::Owned(path) => Cow::Owned(encode(&path, is_kept).into_owned()),
            }),
            PathStyle::AsSent => Ok(encode(path, is_kept)),
            PathStyle::S3 => normalise(path, is_kept).map_err(Error::incomplete),
        }
    }
}

fn is_kept(byte: u8) -> bool {
    is_unreserved(byte) || byte == b'/'
}

/// RFC 3986, section 5.2.4, and empty segments with it. A path that leads above the root is refused, as AWS does,
/// where the RFC would drop the segment.
fn remove_dot_segments(path: &str) -> Result<Cow<'_, str>, Error> {
    if !path.contains("/.") && !path.contains("//") {
        return Ok(Cow::Borrowed(path));
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                if kept.pop().is_none() {
                    return Err(Error::incomplete("The path of the request leads above the root."));
                }
            }
            _ => kept.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if kept.is_empty() || path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..") {
        out.push('/');
    }
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(style: PathStyle, path: &str, expect: Result<&str, &str>) {
        let got = style.canonical(path);
        assert_eq!(got.as_deref().map_err(Error::message), expect, "{style:?} {path:?}");
    }

    #[test]
    fn dot_segments_are_removed_and_the_path_is_encoded_again() {
        use PathStyle::Normalised;
        check(Normalised, "/", Ok("/"));
        check(Normalised, "/a/b.c/.d/..e/", Ok("/a/b.c/.d/..e/"));
        check(Normalised, "//a//./b///", Ok("/a/b/"));
        check(Normalised, "/a/b/..", Ok("/a/"));
        check(Normalised, "/a/.", Ok("/a/"));
        check(Normalised, "/a/..", Ok("/"));
        check(Normalised, "/a/../b", Ok("/b"));
        check(Normalised, "/a%20b", Ok("/a%2520b"));
        check(Normalised, "/a b/ሴ", Ok("/a%20b/%E1%88%B4"));
        check(Normalised, "/a:b=c+d", Ok("/a%3Ab%3Dc%2Bd"));
    }

    #[test]
    fn f01_an_escaped_dot_or_slash_is_not_a_dot_or_a_slash() {
        use PathStyle::Normalised;
        check(Normalised, "/a/%2e%2e/b", Ok("/a/%252e%252e/b"));
        check(Normalised, "/a%2Fb", Ok("/a%252Fb"));
        check(Normalised, "/a%2fb", Ok("/a%252fb"));
        check(Normalised, "/a%252Fb", Ok("/a%25252Fb"));
    }

    #[test]
    fn a_path_above_the_root_is_refused() {
        for path in ["/..", "/../a", "/a/../..", "/a/../../b", "/./..", "//.."] {
            check(PathStyle::Normalised, path, Err("The path of the request leads above the root."));
        }
        for path in ["", "*", "a/b", "http://example.com/"] {
            for style in [PathStyle::Normalised, PathStyle::AsSent, PathStyle::S3] {
                check(style, path, Err("The path of the request must begin with '/'."));
            }
        }
    }

    #[test]
    fn the_other_styles_remove_nothing() {
        check(PathStyle::AsSent, "/a/../b//%20 ", Ok("/a/../b//%2520%20"));
        check(PathStyle::S3, "/a/../b//%20 +%2f%41", Ok("/a/../b//%20%20%2B%2FA"));
        check(PathStyle::S3, "/%zz", Err("Illegal hex characters in escape % pattern"));
    }
}
