//! Writes small WARC files in the layouts that crawls have.
//!
//! Ids and dates follow from the record's number, so that a file is the same each time.

use std::fmt::Write as _;

use super::encode::{gzip, sha1_digest};

/// How records are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A gzip member each, as crawls are published.
    MemberPerRecord,
    /// One gzip member for all.
    OneMember,
    /// Not compressed.
    Plain,
}

/// What a server answers to one request.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    /// What follows `HTTP/1.1 `.
    pub(crate) status: String,
    pub(crate) content_type: Option<String>,
    /// Further header fields.
    pub(crate) headers: Vec<(String, String)>,
    /// As sent: chunked and compressed if the headers say so.
    pub(crate) body: Vec<u8>,
}

impl Page {
    /// An HTML page in UTF-8, with status 200.
    pub(crate) fn html(url: &str, body: impl Into<Vec<u8>>) -> Page {
        Page {
            url: url.into(),
            status: "200 OK".into(),
            content_type: Some("text/html; charset=utf-8".into()),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn status(mut self, status: &str) -> Page {
        self.status = status.into();
        self
    }

    pub(crate) fn content_type(mut self, content_type: Option<&str>) -> Page {
        self.content_type = content_type.map(Into::into);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Page {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Status line and header fields, with the blank line.
    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {}\r\nServer: millstone/1.0\r\n", self.status);
        let fields = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in
            self.content_type.iter().map(|value| ("Content-Type", value.as_str())).chain(fields)
        {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !self.headers.iter().any(|(name, _)| name == "Transfer-Encoding") {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head + "\r\n"
    }

    /// The whole response.
    pub(crate) fn response(&self) -> Vec<u8> {
        [self.head().as_bytes(), &self.body].concat()
    }

    fn request(&self) -> String {
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: millstone/1.0\r\n\r\n")
    }
}

/// Writes the records of one file.
pub(crate) struct WarcWriter {
    layout: Layout,
    file: u32,
    records: u32,
    /// What follows `WARC/` in the records to come; 1.1 has fractions of seconds in its dates.
    pub(crate) version: &'static str,
    warcinfo_id: Option<String>,
    out: Vec<u8>,
}

impl WarcWriter {
    /// An empty file; files of different numbers have different record ids.
    pub(crate) fn new(layout: Layout, file: u32) -> WarcWriter {
        WarcWriter { layout, file, records: 0, version: "1.0", warcinfo_id: None, out: Vec::new() }
    }

    /// The id of a record of a file, by its number from 1; `urn:uuid:…`.
    pub(crate) fn id(file: u32, record: u32) -> String {
        format!("urn:uuid:{file:08x}-0000-4000-8000-{record:012x}")
    }

    /// The date of the record written last.
    pub(crate) fn date(&self) -> String {
        let seconds = self.records * 7;
        let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
        let fraction = if self.version == "1.1" { ".250" } else { "" };
        format!("2025-03-04T{hours:02}:{minutes:02}:{:02}{fraction}Z", seconds % 60)
    }

    /// A record as bytes, not written yet, and its id.
    pub(crate) fn build(
        &mut self,
        kind: &str,
        fields: &[(&str, &str)],
        block: &[u8],
    ) -> (String, Vec<u8>) {
        self.records += 1;
        let id = WarcWriter::id(self.file, self.records);
        let mut head = format!(
            "WARC/{}\r\nWARC-Type: {kind}\r\nWARC-Date: {}\r\nWARC-Record-ID: <{id}>\r\n\
             Content-Length: {}\r\n",
            self.version,
            self.date(),
            block.len()
        );
        if let Some(warcinfo) = &self.warcinfo_id {
            let _ = write!(head, "WARC-Warcinfo-ID: <{warcinfo}>\r\n");
        }
        for (name, value) in fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head += "\r\n";
        (id, [head.as_bytes(), block, b"\r\n\r\n"].concat())
    }

    /// Writes a record in the file's layout.
    pub(crate) fn push(&mut self, record: &[u8]) {
        match self.layout {
            Layout::MemberPerRecord => self.out.extend(gzip(record)),
            Layout::OneMember | Layout::Plain => self.out.extend_from_slice(record),
        }
    }

    /// Writes bytes as they are: damage.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Builds and writes a record; its id.
    pub(crate) fn record(&mut self, kind: &str, fields: &[(&str, &str)], block: &[u8]) -> String {
        let (id, bytes) = self.build(kind, fields, block);
        self.push(&bytes);
        id
    }

    /// Writes the record that describes the file.
    pub(crate) fn warcinfo(&mut self, name: &str) {
        let block = format!(
            "isPartOf: GRISTMILL-FIXTURES\r\npublisher: gristmill\r\n\
             description: pages written for gristmill's tests, CC0-1.0\r\n\
             robots: no crawl took place\r\nformat: WARC File Format {}\r\n",
            self.version
        );
        let fields = [("Content-Type", "application/warc-fields"), ("WARC-Filename", name)];
        self.warcinfo_id = Some(self.record("warcinfo", &fields, block.as_bytes()));
    }

    /// Request, response and metadata of a page as bytes, not written yet.
    pub(crate) fn build_page(&mut self, page: &Page) -> [Vec<u8>; 3] {
        let (request_id, request) = self.build(
            "request",
            &[
                ("Content-Type", "application/http; msgtype=request"),
                ("WARC-IP-Address", "198.51.100.7"),
                ("WARC-Target-URI", &page.url),
            ],
            page.request().as_bytes(),
        );
        let response = page.response();
        let declared = page.content_type.as_deref().unwrap_or("text/html");
        let (response_id, response) = self.build(
            "response",
            &[
                ("Content-Type", "application/http; msgtype=response"),
                ("WARC-Concurrent-To", &format!("<{request_id}>")),
                ("WARC-IP-Address", "198.51.100.7"),
                ("WARC-Target-URI", &page.url),
                ("WARC-Payload-Digest", &sha1_digest(&page.body)),
                ("WARC-Block-Digest", &sha1_digest(&response)),
                ("WARC-Identified-Payload-Type", declared.split(';').next().unwrap_or_default()),
            ],
            &response,
        );
        let (_, metadata) = self.build(
            "metadata",
            &[
                ("Content-Type", "application/warc-fields"),
                ("WARC-Concurrent-To", &format!("<{response_id}>")),
                ("WARC-Target-URI", &page.url),
            ],
            b"fetchTimeMs: 212\r\n",
        );
        [request, response, metadata]
    }

    /// Writes request, response and metadata of a page.
    pub(crate) fn page(&mut self, page: &Page) {
        for record in self.build_page(page) {
            self.push(&record);
        }
    }

    /// Writes the record of a page whose payload has been seen before.
    pub(crate) fn revisit(&mut self, page: &Page, first_seen: &str) {
        const PROFILE: &str = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest";
        self.record(
            "revisit",
            &[
                ("Content-Type", "application/http; msgtype=response"),
                ("WARC-Target-URI", &page.url),
                ("WARC-Payload-Digest", &sha1_digest(&page.body)),
                ("WARC-Profile", PROFILE),
                ("WARC-Refers-To-Target-URI", &page.url),
                ("WARC-Refers-To-Date", first_seen),
            ],
            page.head().as_bytes(),
        );
    }

    /// Writes the text of a page, as WET files hold it.
    pub(crate) fn conversion(&mut self, url: &str, language: &str, text: &str) {
        self.record(
            "conversion",
            &[
                ("Content-Type", "text/plain"),
                ("WARC-Target-URI", url),
                ("WARC-Block-Digest", &sha1_digest(text.as_bytes())),
                ("WARC-Identified-Content-Language", language),
            ],
            text.as_bytes(),
        );
    }

    /// The file.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self.layout {
            Layout::OneMember => gzip(&self.out),
            Layout::MemberPerRecord | Layout::Plain => self.out,
        }
    }
}
