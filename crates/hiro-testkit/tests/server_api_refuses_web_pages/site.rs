//! A web site of somebody else, on a port of its own: it serves one page, says yes to everything, and remembers what it
//! was asked. What its page reports is passed on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use hiro_testkit::PATIENCE;
use serde_json::Value;

pub(crate) struct Site {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    reported: mpsc::Receiver<Value>,
}

struct Shared {
    page: String,
    heard: Mutex<Vec<String>>,
    reports: Mutex<mpsc::Sender<Value>>,
}

impl Site {
    /// Serves `page` at `/page` until the test ends.
    pub(crate) fn serve(page: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (reports, reported) = mpsc::channel();
        let shared = Arc::new(Shared { page, heard: Mutex::default(), reports: reports.into() });
        let of_threads = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = of_threads.clone();
                // A browser opens connections that it then says nothing on.
                thread::spawn(move || answer(stream, &shared));
            }
        });
        Self { port, shared, reported }
    }

    /// What the page reports.
    pub(crate) fn report(&self) -> Value {
        self.reported.recv_timeout(3 * PATIENCE).expect("a report of the page")
    }

    /// The requests' first lines.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, shared: &Shared) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    stream.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    shared.heard.lock().unwrap().push(first.trim_end().to_owned());
    if first.starts_with("POST /report ") {
        // The test may have given up.
        let _ = shared.reports.lock().unwrap().send(serde_json::from_slice(&body).unwrap());
    }
    let body = if first.starts_with("GET /page ") { shared.page.as_str() } else { "yes" };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.get_mut().write_all(answer.as_bytes()).ok()
}
