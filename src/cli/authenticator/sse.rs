//! Server-sent events, as much of them as this protocol has: named events with data (WHATWG HTML §9.2).

/// Bytes of one event.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Default)]
pub struct Reader {
    /// A line that has not ended.
    rest: Vec<u8>,
    name: String,
    data: String,
}

/// The stream has an event that is longer than any may be.
#[derive(Debug)]
pub struct TooLong;

#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub data: String,
}

impl Reader {
    /// The events that end in this piece of the stream.
    pub fn feed(&mut self, piece: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for part in piece.split_inclusive(|b| *b == b'\n') {
            self.rest.extend_from_slice(part);
            if self.rest.len() + self.data.len() > MOST_BYTES {
                return Err(TooLong);
            }
            if part.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into_owned();
                events.extend(self.line(line.trim_end_matches(['\n', '\r'])));
            }
        }
        Ok(events)
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            return (!data.is_empty()).then_some(Event { name, data });
        }
        // A comment begins with the colon, so its field has no name.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_however_the_stream_is_cut() {
        let stream =
            ": hello\n\nevent: requests\r\ndata: {\"é\":\ndata: 1}\r\n\r\n: still here\n\nid: 4\ndata:x\n\nevent: cut";
        let expected = [("requests", "{\"é\":\n1}"), ("", "x")];
        for size in 1..stream.len() {
            let mut reader = Reader::default();
            let fed = stream.as_bytes().chunks(size).map(|piece| reader.feed(piece).unwrap());
            let events: Vec<Event> = fed.flatten().collect();
            let seen: Vec<(&str, &str)> = events.iter().map(|e| (e.name.as_str(), e.data.as_str())).collect();
            assert_eq!(seen, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_stream_without_an_end_of_line_is_given_up() {
        let mut reader = Reader::default();
        let piece = [b'x'; 64 * 1024];
        assert!((0..5).any(|_| reader.feed(&piece).is_err()));
    }
}
