//! Who calls: the address at the other end of the connection, or the one that a proxy in front names.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::HeaderName;
use tokio::time::Instant;
use warp::Filter;

/// The other end of a connection; the service puts it into each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What limits by client are counted by: an IPv4 address, or the /64 network of an IPv6 one, since that
/// is what one subscriber is given (RFC 6177) and addresses in it are free to make up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientAddress(IpAddr);

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(IpAddr::V4(v4)),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }
}

/// Finds out who calls. Behind a proxy every connection is the proxy's, and the client stands in a
/// header. That header is believed only where it is configured: anybody can send one.
#[derive(Debug, Clone, Default)]
pub struct ClientAddresses {
    header: Option<HeaderName>,
    /// When it was last said that no header is believed although there seems to be a proxy.
    warned: Arc<Mutex<Option<Instant>>>,
}

/// The headers in which proxies name the client.
const PROXY_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("fly-client-ip"),
];
/// How often it is said that one of them is there and not believed.
const WARNING_INTERVAL: Duration = Duration::from_secs(60 * 60);

impl ClientAddresses {
    /// Believes this header; `None`: the connection.
    #[must_use]
    pub fn new(header: Option<HeaderName>) -> Self {
        Self {
            header,
            warned: Arc::default(),
        }
    }

    /// Who calls, for limits: see [`ClientAddresses::in_full`].
    #[must_use]
    pub fn of(&self, headers: &HeaderMap, peer: Option<Peer>) -> Option<ClientAddress> {
        self.in_full(headers, peer).map(ClientAddress::from)
    }

    /// The same for a call that is counted. Tells the log where all clients of a proxy count as one.
    #[must_use]
    pub fn counted(&self, headers: &HeaderMap, peer: Option<Peer>) -> Option<ClientAddress> {
        if let Some(header) = self.unbelieved(headers, peer) {
            log::warn!(
                "a proxy in front names the client in {header}, which is not believed: all its clients count \
                 as one. If only the proxy can reach this service, set CLIENT_ADDRESS_HEADER={header}"
            );
        }
        self.of(headers, peer)
    }

    /// Who calls. Of a list, such as `X-Forwarded-For`, the last address counts, which the nearest
    /// proxy has added; those before it are the client's own words. A configured header that is missing
    /// or holds no address leaves the connection: such a call came past the proxy.
    #[must_use]
    pub fn in_full(&self, headers: &HeaderMap, peer: Option<Peer>) -> Option<IpAddr> {
        let named = self
            .header
            .as_ref()
            .and_then(|header| headers.get_all(header).iter().next_back())
            .and_then(|value| value.to_str().ok())
            .and_then(|list| list.rsplit(',').next())
            .and_then(address);
        named
            .or(peer.map(|Peer(address)| address.ip()))
            .map(|address| address.to_canonical())
    }

    /// The header in which a proxy seems to name the client, where none is believed: then all clients
    /// of that proxy count as one. Told once an hour at most.
    fn unbelieved(&self, headers: &HeaderMap, peer: Option<Peer>) -> Option<HeaderName> {
        let Peer(peer) = peer.filter(|_| self.header.is_none())?;
        let mut present = PROXY_HEADERS.into_iter();
        let header = present.find(|header| headers.contains_key(header))?;
        if !is_nearby(peer.ip()) {
            return None;
        }
        let now = Instant::now();
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_some_and(|last| now.duration_since(last) < WARNING_INTERVAL) {
            return None;
        }
        *warned = Some(now);
        Some(header)
    }
}

impl PartialEq for ClientAddresses {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header
    }
}

impl fmt::Display for ClientAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.header {
            Some(header) => write!(f, "the header {header}"),
            None => f.write_str("their connections"),
        }
    }
}

/// An address of the same machine or network: of a proxy rather than a client. The networks of
/// carriers (RFC 6598) count, since platforms use them inside.
fn is_nearby(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let bare = bracketed.unwrap_or(text).parse().ok();
    bare.or_else(|| {
        text.parse()
            .ok()
            .map(|with_port: SocketAddr| with_port.ip())
    })
}

/// Hands a handler who calls; `None` where there is no connection, as in tests of a filter.
pub fn caller(
    addresses: ClientAddresses,
) -> impl Filter<Extract = (Option<ClientAddress>,), Error = Infallible> + Clone {
    warp::header::headers_cloned()
        .and(warp::ext::optional::<Peer>())
        .map(move |headers: HeaderMap, peer| addresses.counted(&headers, peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "192.0.2.1:4711";

    fn seen(header: Option<&'static str>, sent: &[(&'static str, &'static str)]) -> String {
        let addresses = ClientAddresses::new(header.map(HeaderName::from_static));
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        let peer = Peer(PEER.parse().unwrap());
        let ClientAddress(address) = addresses.of(&headers, Some(peer)).unwrap();
        address.to_string()
    }

    #[test]
    fn a_header_is_believed_only_where_it_is_configured() {
        let sent = [("x-real-ip", "203.0.113.9"), ("x-forwarded-for", "6.6.6.6")];
        assert_eq!(seen(None, &sent), "192.0.2.1");
        assert_eq!(seen(Some("x-real-ip"), &sent), "203.0.113.9");
        assert_eq!(seen(Some("fly-client-ip"), &sent), "192.0.2.1");
    }

    #[test]
    fn of_a_list_the_last_counts_and_what_is_no_address_does_not() {
        let header = Some("x-forwarded-for");
        let cases = [
            (&["6.6.6.6, 203.0.113.9"][..], "203.0.113.9"),
            (&["6.6.6.6", "203.0.113.9:1234"], "203.0.113.9"),
            (&["[2001:db8:1:2:3::4]:80"], "2001:db8:1:2::"),
            (&["[2001:db8:1:2:3::4]"], "2001:db8:1:2::"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
            (&["unknown"], "192.0.2.1"),
            (&[""], "192.0.2.1"),
        ];
        for (lists, wanted) in cases {
            let sent: Vec<_> = lists
                .iter()
                .map(|list| ("x-forwarded-for", *list))
                .collect();
            assert_eq!(seen(header, &sent), wanted, "{lists:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_whose_header_is_not_believed_is_told_of_once_an_hour() {
        let told = |addresses: &ClientAddresses, header: &'static str, peer: &str| {
            let headers = HeaderMap::from_iter([(
                HeaderName::from_static(header),
                "203.0.113.9".parse().unwrap(),
            )]);
            let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 4711));
            let header = addresses.unbelieved(&headers, Some(peer));
            header.map(|header| header.to_string())
        };
        for (header, peer, is_told) in [
            ("x-forwarded-for", "10.0.0.1", true),
            ("x-real-ip", "127.0.0.1", true),
            ("fly-client-ip", "fdaa::3", true),
            ("x-forwarded-for", "::ffff:100.64.0.2", true),
            ("x-forwarded-for", "100.128.0.1", false),
            // Anybody can send one.
            ("x-forwarded-for", "203.0.113.1", false),
            ("x-forwarded-for", "2001:db8::1", false),
            ("via", "10.0.0.1", false),
        ] {
            let addresses = ClientAddresses::new(None);
            let wanted = is_told.then(|| header.to_owned());
            assert_eq!(told(&addresses, header, peer), wanted, "{header} {peer}");
        }
        let addresses = ClientAddresses::new(None);
        let again = addresses.clone();
        assert!(told(&addresses, "x-real-ip", "10.0.0.1").is_some());
        assert!(told(&again, "x-real-ip", "10.0.0.1").is_none());
        tokio::time::advance(WARNING_INTERVAL).await;
        assert!(told(&again, "x-real-ip", "10.0.0.1").is_some());
        let configured = ClientAddresses::new(Some(HeaderName::from_static("x-real-ip")));
        assert!(told(&configured, "x-forwarded-for", "10.0.0.1").is_none());
    }
}
