//! A mail server that takes every letter and remembers it.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A letter as it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivered {
    pub message_id: String,
    pub subject: String,
}

#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    delivered: Arc<Mutex<Vec<Delivered>>>,
}

impl MailServer {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, delivered: Arc::default() };
        let delivered = server.delivered.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let delivered = delivered.clone();
                // A client that dies in the middle has delivered nothing.
                tokio::spawn(async move { drop(talk(stream, &delivered).await) });
            }
        });
        server
    }

    pub fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap().clone()
    }
}

async fn talk(stream: TcpStream, delivered: &Mutex<Vec<Delivered>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 town\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let text = read_text(&mut stream).await?;
                let [message_id, subject] = ["message-id", "subject"].map(|n| header(&text, n));
                delivered.lock().unwrap().push(Delivered { message_id, subject });
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

async fn read_text(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = Vec::new();
    loop {
        let begin = text.len();
        if stream.read_until(b'\n', &mut text).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if &text[begin..] == b".\r\n" {
            text.truncate(begin);
            return Ok(String::from_utf8_lossy(&text).into_owned());
        }
    }
}

fn header(text: &str, name: &str) -> String {
    let lines = text.lines().take_while(|line| !line.is_empty());
    let found = lines.filter_map(|line| line.split_once(':'));
    let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned()).unwrap()
}
