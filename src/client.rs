//! Who calls: the address at the other end of the connection, or the one that a proxy in front names.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use http::header::HeaderName;

use warp::Filter;

/// The other end of a connection; the serve loop puts it into each request.
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

impl From<ClientAddress> for IpAddr {
    fn from(ClientAddress(address): ClientAddress) -> Self {
        address
    }
}

/// Finds out who calls. Behind a proxy every connection is the proxy's, and the client stands in a
/// header. That header is believed only where it is configured: anybody can send one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientAddresses {
    header: Option<HeaderName>,
}

impl ClientAddresses {
    /// Believes this header; `None`: the connection.
    #[must_use]
    pub fn new(header: Option<HeaderName>) -> Self {
        Self { header }
    }

    /// Who calls, for limits: see [`ClientAddresses::in_full`].
    #[must_use]
    pub fn of(&self, headers: &HeaderMap, peer: Option<Peer>) -> Option<ClientAddress> {
        self.in_full(headers, peer).map(ClientAddress::from)
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
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse().ok();
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
        .map(move |headers: HeaderMap, peer| addresses.of(&headers, peer))
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
}
