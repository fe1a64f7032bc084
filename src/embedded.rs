//! Files that are built into the program, compressed by `build.rs`, and as clients get them.

use std::collections::HashMap;
use std::io::{self, Read};

use async_compression::tokio::bufread::GzipDecoder;
use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::Stream;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use tokio_util::io::ReaderStream;
use warp::reply::{Reply, Response};

use crate::compression::takes_gzip;
use crate::conditional::Prepared;

/// A file that is built in, in gzip (RFC 1952).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Embedded(&'static [u8]);

/// A file that `build.rs` packs, by its path in the repository.
macro_rules! embedded {
    ($path:expr) => {
        $crate::embedded::Embedded::packed(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/",
            $path,
            ".gz"
        )))
    };
}
pub(crate) use embedded;

impl Embedded {
    /// One that is compressed already.
    pub(crate) const fn packed(gzip: &'static [u8]) -> Self {
        Self(gzip)
    }

    /// Its bytes, made anew by each call.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut plain = Vec::new();
        if let Err(cause) = GzDecoder::new(self.0).read_to_end(&mut plain) {
            // No build leaves such a file behind.
            log::error!("a file that is built in cannot be read: {cause}");
        }
        plain
    }

    /// How many bytes it has: the last four of a gzip file say so (RFC 1952, section 2.3.1).
    fn size(self) -> Option<u32> {
        self.0.last_chunk().copied().map(u32::from_le_bytes)
    }

    /// Its bytes, a part at a time.
    fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + use<> {
        ReaderStream::with_capacity(GzipDecoder::new(self.0), PART)
    }
}

/// How much is unpacked at once, in bytes.
const PART: usize = 16 * 1024;

/// The name of a file, its media type and its content.
pub(crate) type Part = (&'static str, &'static str, Embedded);

/// Files by name, ready to be sent as they are packed; each is read for its tag once.
pub(crate) struct Files(HashMap<&'static str, (Prepared, Embedded)>);

impl Files {
    pub(crate) fn new(parts: &[Part]) -> Self {
        let file = |(name, media_type, content): &Part| {
            let packed = Bytes::from_static(content.0);
            let media_type = HeaderValue::from_static(media_type);
            (*name, (Prepared::bytes(packed, media_type), *content))
        };
        Self(parts.iter().map(file).collect())
    }

    /// A file as this client takes it; `None` where there is none of that name.
    pub(crate) fn answer(&self, name: &str, asked: &HeaderMap) -> Option<Response> {
        let (packed, content) = self.0.get(name)?;
        let mut response = packed.answer(asked);
        if response.status() == StatusCode::NOT_MODIFIED {
            return Some(response);
        }
        if takes_gzip(asked) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            // `compression` says so of all others.
            headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
        } else {
            // Few clients want it so. As it is sent, a part at a time: however many take their time, none holds
            // all of it.
            if let Some(size) = content.size() {
                response
                    .headers_mut()
                    .insert(header::CONTENT_LENGTH, size.into());
            }
            *response.body_mut() = warp::reply::stream(content.stream())
                .into_response()
                .into_body();
        }
        Some(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_what_stands_in_the_repository() {
        let catalog = embedded!("data/catalog.json").bytes();
        assert!(catalog == include_bytes!("../data/catalog.json"));
        let size = embedded!("data/catalog.json").size().unwrap();
        assert_eq!(size as usize, catalog.len());
        let broken = Embedded::packed(b"no gzip");
        assert_eq!(broken.bytes(), b"");
    }
}
