//! An Ollama that says what a test wrote down: answers by method and path, faults included.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is sent back.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A status and a whole body.
    Body(u16, String),
    /// Lines, one chunk each, ended as HTTP wants it.
    Lines(Vec<String>),
    /// Lines, after which the connection is closed in the middle.
    Cut(Vec<String>),
    /// A body that is shorter than its announced length.
    Short(String),
    /// Lines, after which nothing comes.
    Hang(Vec<String>),
    /// The same line for as long as somebody reads it, at short intervals or at none.
    Endless(String, Duration),
    /// These bytes, head and all.
    Raw(Vec<u8>),
    /// Not HTTP.
    Garbage,
}

/// A body with status 200.
pub(crate) fn ok(body: &str) -> Reply {
    Reply::Body(200, body.to_owned())
}

/// Lines that end well.
pub(crate) fn lines(lines: &[&str]) -> Reply {
    Reply::Lines(lines.iter().map(|line| (*line).to_owned()).collect())
}

type Script = Vec<(&'static str, Reply)>;

/// A server on a port of its own.
pub(crate) struct Recorded {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Recorded {
    /// A server that gives each path its reply, or each path with a part of the request's body after a blank; anything else is 404 as Ollama's router says it.
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, heard) = (script.clone(), Arc::clone(&heard));
                std::thread::spawn(move || serve(stream, &script, &heard));
            }
        });
        Self { address, asked }
    }

    /// For `OLLAMA_HOST`.
    pub(crate) fn host(&self) -> &str {
        &self.address
    }

    /// The requests so far: path and body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn serve(mut stream: TcpStream, script: &Script, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split_whitespace().nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    heard
        .lock()
        .expect("no panic")
        .push(format!("{path} {body}"));
    let is_it = |known: &str| match known.split_once(' ') {
        Some((known, said)) => known == path && body.contains(said),
        None => known == path,
    };
    let reply = script
        .iter()
        .find(|(known, _)| is_it(known))
        .map(|(_, reply)| reply.clone())
        .unwrap_or_else(|| Reply::Body(404, "404 page not found".into()));
    match reply {
        Reply::Body(status, body) => send(&mut stream, status, &body),
        Reply::Lines(all) => chunks(&mut stream, &all, true),
        Reply::Cut(all) => chunks(&mut stream, &all, false),
        Reply::Short(body) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n";
            stream.write_all(format!("{head}{body}").as_bytes()).ok()
        }
        Reply::Hang(all) => {
            chunks(&mut stream, &all, false)?;
            std::thread::sleep(Duration::from_secs(60));
            Some(())
        }
        Reply::Endless(line, interval) => {
            chunks(&mut stream, &[], false)?;
            loop {
                chunk(&mut stream, &line)?;
                std::thread::sleep(interval);
            }
        }
        Reply::Raw(bytes) => stream.write_all(&bytes).ok(),
        Reply::Garbage => stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").ok(),
    }
}

fn send(stream: &mut TcpStream, status: u16, body: &str) -> Option<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}

fn chunks(stream: &mut TcpStream, lines: &[String], whole: bool) -> Option<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
        .ok()?;
    for line in lines {
        chunk(stream, line)?;
    }
    if whole {
        stream.write_all(b"0\r\n\r\n").ok()?;
    }
    Some(())
}

fn chunk(stream: &mut TcpStream, line: &str) -> Option<()> {
    let chunk = format!("{:x}\r\n{line}\n\r\n", line.len() + 1);
    stream.write_all(chunk.as_bytes()).ok()?;
    stream.flush().ok()
}
