//! One attempt: the name is resolved once, every address of it is checked, and the connection goes to the address that was
//! checked. Nothing is followed and nothing of an answer is read but its status and how long to wait.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_web::rt;
use http_body_util::Full;
use hyper::{Request, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};
use url::{Host, Url};

use crate::{
    app::App,
    commands::exchange::deliveries::{Attempt, Batch},
    domain::exchange::networks::{Network, may_reach},
    store::exchange::deliveries::DeliveryRow,
};

/// Longest time of one attempt, from the name to the head of the answer.
const LONGEST: Duration = Duration::from_secs(10);
/// Most seconds that are believed of a Retry-After.
const LONGEST_ASKED: i64 = 86_400 * 7;

/// What sends: the certificates that the machine trusts, and where it may reach.
pub struct Sender {
    tls: TlsConnector,
    allowed: Vec<Network>,
}

impl Sender {
    /// With the certificates of the machine, and what the settings allow.
    pub fn new(app: &App) -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            tracing::warn!("this machine trusts no certificate, so that no webhook by https can be reached");
        }
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Sender { tls: TlsConnector::from(Arc::new(config)), allowed: app.config.webhook_networks.clone() }
    }

    /// Sends one message.
    pub async fn attempt(&self, app: &App, batch: &Batch, row: &DeliveryRow) -> Attempt {
        let now = app.clock.now();
        let message_id = format!("msg_{}", row.message_id);
        let signer = (batch.webhook.id, &batch.secrets(now)[..]);
        let signature = app.webhook_secrets().signatures(signer, &message_id, now.timestamp(), &row.body);
        let Ok(url) = Url::parse(&batch.webhook.url) else { return Attempt::Failed("address_invalid") };
        let head = Request::post(target(&url))
            .header(header::HOST, authority(&url))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("prospector/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", message_id)
            .header("webhook-timestamp", now.timestamp())
            .header("webhook-signature", signature);
        let Ok(request) = head.body(Full::new(Bytes::from(row.body.clone()))) else {
            return Attempt::Failed("address_invalid");
        };
        match rt::time::timeout(LONGEST, self.exchange(&url, request)).await {
            Ok(Ok(attempt)) => attempt,
            Ok(Err(code)) => Attempt::Failed(code),
            Err(_) => Attempt::Failed("timeout"),
        }
    }

    async fn exchange(&self, url: &Url, request: Request<Full<Bytes>>) -> Result<Attempt, &'static str> {
        let address = self.address(url).await?;
        // Without TLS only where the operator says so: nobody else knows what lies between.
        let named = self.allowed.iter().any(|network| network.holds(address.ip().to_canonical()));
        if url.scheme() == "http" && !named {
            return Err("address_not_allowed");
        }
        let stream = TcpStream::connect(address).await.map_err(|_| "not_connected")?;
        let _ = stream.set_nodelay(true);
        if url.scheme() == "http" {
            return asked(stream, request).await;
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => {
                ServerName::try_from(name.to_owned()).map_err(|_| "address_invalid")?
            }
            Some(Host::Ipv4(ip)) => ServerName::from(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => ServerName::from(IpAddr::V6(ip)),
            None => return Err("address_invalid"),
        };
        let stream = self.tls.connect(name, stream).await.map_err(|_| "not_trusted")?;
        asked(stream, request).await
    }

    /// Where to connect: every address of a name must be one that may be reached, or none is.
    async fn address(&self, url: &Url) -> Result<SocketAddr, &'static str> {
        let port = url.port_or_known_default().ok_or("address_invalid")?;
        let all: Vec<SocketAddr> = match url.host().ok_or("address_invalid")? {
            Host::Ipv4(ip) => vec![SocketAddr::from((ip, port))],
            Host::Ipv6(ip) => vec![SocketAddr::from((ip, port))],
            Host::Domain(name) => lookup_host((name, port)).await.map_err(|_| "name_unknown")?.collect(),
        };
        if !all.iter().all(|address| may_reach(address.ip(), &self.allowed)) {
            return Err("address_not_allowed");
        }
        all.first().copied().ok_or("name_unknown")
    }
}

/// What stands in the request line.
fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// What stands in `Host`.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

async fn asked<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Attempt, &'static str>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| "no_http")?;
    let driver = rt::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|_| "no_http");
    let attempt = answer.map(|answer| Attempt::Answered {
        status: answer.status().as_u16(),
        retry_after: answer
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok())
            .map(|seconds| chrono::Duration::seconds(seconds.clamp(0, LONGEST_ASKED))),
    });
    // The rest of the answer is nobody's concern.
    driver.abort();
    attempt
}
