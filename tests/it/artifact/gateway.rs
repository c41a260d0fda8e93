//! A real nginx with the emitted gateway, before servers that speak as Ollama does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use vramfit::artifact::ArtifactKind;

use super::tools::{tool, unpack};
use super::{files, sample};

const PATIENCE: Duration = Duration::from_secs(20);

/// A main configuration around an emitted one, with everything below a folder.
pub(super) fn configuration(folder: &Path, emitted: &str) -> PathBuf {
    let at = folder.display();
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {at}/{name};\n"))
        .concat();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n    access_log off;\n{places}    include {at}/{emitted};\n}}\n"
    );
    let path = folder.join("main.conf");
    std::fs::write(&path, text).expect("configuration");
    path
}

/// A request as a backend saw it.
#[derive(Debug)]
struct Seen {
    line: String,
    host: String,
    body: usize,
}

/// A server with a script: it answers the first part, waits until somebody has read it, and answers the rest.
struct Backend {
    port: u16,
    seen: Receiver<Seen>,
    /// Told when a client has the first part.
    read: Sender<()>,
    /// Whether the client had it before the rest was sent.
    streamed: Receiver<bool>,
}

impl Backend {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let ((tell, seen), (read, wait), (done, streamed)) = (channel(), channel(), channel());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A closed connection is nginx's business.
                let _ = serve(stream, &tell, &wait, &done);
            }
        });
        Self {
            port,
            seen,
            read,
            streamed,
        }
    }
}

fn serve(
    stream: TcpStream,
    tell: &Sender<Seen>,
    wait: &Receiver<()>,
    done: &Sender<bool>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let seen = request(&mut reader)?;
    let (allowed, generates) = (
        seen.host == "localhost",
        seen.line.contains("/api/generate"),
    );
    tell.send(seen).ok()?;
    let mut stream = stream;
    if !allowed {
        // Ollama refuses other names, without a word.
        return stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .ok();
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut chunk = |text: &str| {
        write!(stream, "{:x}\r\n{text}\r\n", text.len())
            .and_then(|()| stream.flush())
            .ok()
    };
    chunk("{\"response\":\"first\"}\n")?;
    if generates {
        done.send(wait.recv_timeout(PATIENCE).is_ok()).ok()?;
    }
    chunk("{\"response\":\"last\",\"done\":true}\n")?;
    stream.write_all(b"0\r\n\r\n").ok()
}

/// Reads a request with its body, which may come in chunks.
fn request(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let (mut host, mut length, mut chunked) = (String::new(), 0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "host" => host = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            "transfer-encoding" => chunked = value == "chunked",
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut read = length;
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut part = vec![0; size + 2];
        reader.read_exact(&mut part).ok()?;
        read += size;
        chunked = size > 0;
    }
    Some(Seen {
        line: line.trim_end().to_owned(),
        host,
        body: read,
    })
}

/// nginx, ended when it is dropped.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn connect(port: u16) -> TcpStream {
    let start = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
                return stream;
            }
            Err(error) => assert!(start.elapsed() < PATIENCE, "nginx: {error}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn ask(port: u16, method: &str, path: &str, body: &[u8]) -> BufReader<TcpStream> {
    let mut stream = connect(port);
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: models.example.com\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(body).expect("sent");
    BufReader::new(stream)
}

/// Reads up to a line that contains a text.
fn until(reader: &mut impl BufRead, text: &str) -> String {
    let mut all = String::new();
    while !all.contains(text) {
        let read = reader.read_line(&mut all).expect("an answer");
        assert!(read > 0, "ended before {text:?}: {all}");
    }
    all
}

fn whole(mut reader: BufReader<TcpStream>) -> String {
    let mut all = String::new();
    reader.read_to_string(&mut all).expect("an answer");
    all
}

#[test]
fn nginx_streams_and_routes_by_path_and_by_port() {
    let Some(nginx) = tool("nginx") else { return };
    let backends = [Backend::start(), Backend::start(), Backend::start()];
    let mut plan = sample::plan();
    for (service, backend) in plan.services.iter_mut().zip(&backends) {
        service.port = backend.port;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut emitted = files(&plan, ArtifactKind::Nginx, &sample::options());
    let ports = [free_port(), free_port(), free_port()];
    for (planned, port) in [8080, 8081, 8082].into_iter().zip(ports) {
        let (from, to) = (
            format!("listen 127.0.0.1:{planned};"),
            format!("listen 127.0.0.1:{port};"),
        );
        assert!(emitted[0].text.contains(&from), "{from}");
        emitted[0].text = emitted[0].text.replace(&from, &to);
    }
    unpack(folder.path(), &emitted);
    let main = configuration(folder.path(), "nginx.conf");
    let child = Command::new(nginx)
        .args(["-e", "stderr", "-p"])
        .arg(folder.path())
        .arg("-c")
        .arg(main)
        .stdin(Stdio::null())
        .spawn();
    let _nginx = Nginx(child.expect("nginx"));
    let [gateway, llama, qwen] = ports;

    // The first part arrives while the rest is still unsent; a body of 5 MB passes.
    for (port, path) in [
        (gateway, "/llama3-70b/api/generate"),
        (llama, "/api/generate"),
    ] {
        let mut answer = ask(port, "POST", path, &vec![b' '; 5_000_000]);
        let start = until(&mut answer, "first");
        assert!(
            start.starts_with("HTTP/1.1 200") && !start.contains("last"),
            "{start}"
        );
        backends[0].read.send(()).expect("a backend");
        assert!(
            backends[0]
                .streamed
                .recv_timeout(PATIENCE)
                .expect("an answer")
        );
        assert!(whole(answer).contains("last"));
        let seen = backends[0].seen.recv_timeout(PATIENCE).expect("a request");
        assert_eq!(seen.line, "POST /api/generate HTTP/1.1");
        assert_eq!((seen.host.as_str(), seen.body), ("localhost", 5_000_000));
    }

    // Replicas share a pool, and no other model's server is in it.
    for at in 0..4 {
        let (port, path) = if at % 2 == 0 {
            (gateway, "/qwen3-30b/api/tags")
        } else {
            (qwen, "/api/tags")
        };
        assert!(whole(ask(port, "GET", path, b"")).contains("last"));
    }
    let counts = backends
        .each_ref()
        .map(|backend| backend.seen.try_iter().count());
    assert_eq!(counts[0], 0);
    assert_eq!(counts[1] + counts[2], 4);
    assert!(counts[1] > 0 && counts[2] > 0, "{counts:?}");
    assert!(whole(ask(gateway, "GET", "/api/tags", b"")).starts_with("HTTP/1.1 404"));
}
