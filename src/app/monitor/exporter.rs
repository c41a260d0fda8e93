//! `monitor --listen`: the page for Prometheus, looked at anew for everyone who asks.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{Monitored, Reading, servers};
use crate::error::{Error, ExpectedFormat};
use crate::render::metrics::metrics;

/// How long a question may take to arrive, and its answer to leave.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the driver may take: Prometheus itself waits 10 s.
const DRIVER: Duration = Duration::from_secs(3);
/// Bytes of a question's head that are read.
const LONGEST: usize = 8 << 10;
/// The format's name, as Prometheus asks for it.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An address to listen at: `127.0.0.1:9838`, or a port of this machine alone.
///
/// # Errors
/// If it is neither.
pub(super) fn address(text: &str) -> Result<SocketAddr, Error> {
    let port = |text: &str| {
        let port: u16 = text.trim_start_matches(':').parse().ok()?;
        Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    };
    let address = text.parse().ok().or_else(|| port(text));
    address.ok_or_else(|| Error::BadValue {
        argument: "--listen".into(),
        value: text.to_owned(),
        form: ExpectedFormat::Address,
    })
}

/// Answers until a signal ends the program; `told` is given the address once it is listened at.
///
/// # Errors
/// If it cannot be listened at.
pub(super) fn serve(
    look: &Monitored<'_>,
    address: SocketAddr,
    on_open: &mut dyn FnMut(SocketAddr),
) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    on_open(listener.local_addr()?);
    for stream in listener.incoming() {
        // Who went away again needs no answer.
        let _ = stream.and_then(|mut stream| answer(look, &mut stream));
    }
    Ok(())
}

fn answer(look: &Monitored<'_>, stream: &mut TcpStream) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = head(stream)?;
    let mut words = head.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let (status, kind, body) = match (method, path) {
        (Some("GET" | "HEAD"), "/metrics") => {
            let report = look.report(&servers::ask(&look.clients()), Reading::Now(DRIVER));
            ("200 OK", METRICS, metrics(&report))
        }
        (Some("GET" | "HEAD"), "/") => ("200 OK", "text/plain", "/metrics\n".to_owned()),
        (Some("GET" | "HEAD"), _) => ("404 Not Found", "text/plain", "/metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "text/plain", String::new()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if method != Some("HEAD") {
        stream.write_all(body.as_bytes())?;
    }
    stream.flush()
}

/// The first line of a question, read to the end of its head: who closes before has not understood the answer.
fn head(stream: &mut TcpStream) -> io::Result<String> {
    let began = Instant::now();
    let mut read = Vec::new();
    let mut part = [0; 1024];
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = PATIENCE.saturating_sub(began.elapsed());
        if left.is_zero() || read.len() > LONGEST {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part)? {
            0 => break,
            count => read.extend_from_slice(&part[..count]),
        }
    }
    let text = String::from_utf8_lossy(&read);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
