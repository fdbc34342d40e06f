//! Pages that wait and are not rung.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;
use crate::http::Connection;
use crate::person::{AGENT, authorize};

/// One begun sign-in: its path, and the cookie of the browser that began it.
pub type Ticket = (String, String);

pub async fn begun(port: u16, count: usize) -> Result<Vec<Ticket>> {
    let mut connection = Connection::open(port).await?;
    let mut tickets = Vec::with_capacity(count);
    for _ in 0..count {
        let reply = connection.ask(&authorize(port)).await?.expect(303)?;
        let path = reply.header("location").ok_or("no location")?;
        let cookie = reply.cookie("countersign-browser").ok_or("no browser cookie")?;
        tickets.push((path.to_owned(), format!("countersign-browser={cookie}")));
    }
    Ok(tickets)
}

/// A page that listens.
pub struct Waiting {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Waiting {
    /// Connected, and told how it stands.
    pub async fn open(port: u16, path: &str, cookie: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {path}/wait HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/event-stream\r\n{AGENT}Cookie: {cookie}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut waiting = Self {
            stream,
            heard: Vec::with_capacity(1024),
        };
        waiting.hears("event: state").await?;
        Ok(waiting)
    }

    /// Until this was said.
    pub async fn hears(&mut self, word: &str) -> Result<()> {
        while !self.heard.windows(word.len()).any(|w| w == word.as_bytes()) {
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return Err(format!("cut off: {}", String::from_utf8_lossy(&self.heard)).into());
            }
        }
        Ok(())
    }
}

pub struct Crowd(Vec<Waiting>);

impl Crowd {
    pub async fn waits(port: u16, tickets: &[Ticket]) -> Result<Self> {
        let mut all = Vec::with_capacity(tickets.len());
        for (path, cookie) in tickets {
            all.push(Waiting::open(port, path, cookie).await?);
        }
        Ok(Self(all))
    }

    /// Nobody was cut off meanwhile: a closed connection reads as nothing at once, an open one has nothing or a beat.
    pub fn still_waits(self) -> Result<()> {
        for waiting in self.0 {
            if matches!(waiting.stream.try_read(&mut [0; 64]), Ok(0)) {
                return Err("a page that waited was cut off".into());
            }
        }
        Ok(())
    }
}
