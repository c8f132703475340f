//! The crawl of `fixtures/`, built from `fixtures/pages/`.

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use crate::common::warc::{Layout, Page, WarcWriter};
use crate::common::{encode, fixture, text};

/// The start of a PNG image: its signature is what readers go by.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";
const PDF: &[u8] = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n";

/// Pages of the first file: all in UTF-8, labelled so, and sent as they are.
const PLAIN_PAGES: [(&str, &str); 14] = [
    ("news-harbour.html", "https://www.marrow-bay-courier.example/news/harbour-bridge"),
    ("blog-bicycle.html", "https://slow-workshop.example/2025/02/old-bicycle"),
    ("encyclopedia-salt-marsh.html", "https://en.open-shelf.example/wiki/Salt_marsh"),
    ("docs-config.html", "https://tidewatch.example/manual/2.3/config.html"),
    ("recipe-lentil-soup.html", "https://blue-pot.example/soups/red-lentil"),
    ("product-lantern.html", "https://shop.quayside.example/lamps/QS-20417?ref=home"),
    ("forum-dripping-tap.html", "https://forum.fixers.example/plumbing/thread-8812"),
    ("links-lighthouses.html", "http://lights.example/all.html"),
    ("lorem.html", "https://studio-clay.example/"),
    ("spam-gnomes.html", "http://cheap-garden-gnomes.example/best/gnomes"),
    ("events-bullets.html", "https://valley.example/events"),
    ("script-notice.html", "https://buses.valley.example/planner"),
    ("stub.html", "https://valley.example/minutes/1987"),
    ("contact-club.html", "https://hallam-rowing.example/contact"),
];

/// A page as it was written, UTF-8.
pub(crate) fn source(file: &str) -> String {
    let path = fixture("pages").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first file: whole, with what a crawl has besides pages.
pub(crate) fn first() -> Vec<u8> {
    let mut file = WarcWriter::new(Layout::MemberPerRecord, 0);
    file.warcinfo("crawl-00000.warc.gz");
    for (at, (name, url)) in PLAIN_PAGES.into_iter().enumerate() {
        // What crawls of today make of `Content-Encoding`: the body was decoded when it was stored.
        let page = Page::html(url, source(name)).header("X-Crawler-Content-Encoding", "gzip");
        file.version = if at == 3 { "1.1" } else { "1.0" };
        file.page(&page);
    }
    file.version = "1.0";
    let missing = Page::html("https://valley.example/minutes/1986", source("stub.html"));
    file.page(&missing.status("404 Not Found"));
    let moved = Page::html("http://blue-pot.example/soups/red-lentil", "");
    file.page(
        &moved
            .status("301 Moved Permanently")
            .header("Location", "https://blue-pot.example/soups/red-lentil"),
    );
    let pdf = Page::html("https://hallam-library.example/report.pdf", PDF);
    file.page(&pdf.content_type(Some("application/pdf")));
    let image = Page::html("https://valley.example/favicon.png", PNG);
    file.page(&image.content_type(Some("image/png")));
    let plain = Page::html("https://tidewatch.example/changes.txt", source("changelog.txt"));
    file.page(&plain.content_type(Some("text/plain; charset=utf-8")));
    file.finish()
}

/// The pages of the second file that can be read, with the file each was made from.
pub(crate) fn second_pages() -> Vec<(&'static str, Page)> {
    let essay = encode::gzip_stored(source("essay-night-train.html").as_bytes());
    let report = encode::brotli_stored(source("report-library.html").as_bytes());
    let page = |file, url| (file, Page::html(url, source(file)));
    let coded = |file, url, encoding, content_type| {
        (file, Page::html(url, encoded(file, encoding)).content_type(Some(content_type)))
    };
    vec![
        page("blog-bicycle-copy.html", "https://mended-daily.example/posts/118"),
        page("news-harbour.html", "https://m.marrow-bay-courier.example/a/20250303-17"),
        coded(
            "german-moor.html",
            "https://www.hallener-bruch.example/moor",
            WINDOWS_1252,
            "text/html; charset=windows-1252",
        ),
        // The page's own `<meta>` says ISO-8859-1.
        coded(
            "french-boulangerie.html",
            "http://quai-des-tanneurs.example/boulangerie.htm",
            WINDOWS_1252,
            "text/html",
        ),
        coded(
            "russian-dacha.html",
            "http://staraya-pech.example/2025/1.html",
            WINDOWS_1251,
            "text/html; charset=windows-1251",
        ),
        coded(
            "japanese-station.html",
            "http://umi-no-eki.example/toshoshitsu.html",
            SHIFT_JIS,
            "text/html; charset=Shift_JIS",
        ),
        {
            let (file, page) = page("chinese-teahouse.html", "https://hebian.example/chaguan");
            (file, page.content_type(Some("text/html")))
        },
        page("arabic-market.html", "https://suq-alkutub.example/jumua"),
        {
            // UTF-8, whatever the server says.
            let (file, page) = page("greek-island.html", "https://faros.example/nisi");
            (file, page.content_type(Some("text/html; charset=ISO-8859-1")))
        },
        (
            "essay-night-train.html",
            Page::html("https://window-seat.example/night", encode::chunked(&essay, 700))
                .header("Content-Encoding", "gzip")
                .header("Transfer-Encoding", "chunked"),
        ),
        (
            "report-library.html",
            Page::html("https://hallam-library.example/report", report)
                .header("Content-Encoding", "br"),
        ),
        {
            let (file, page) = page("interview-beekeeper.html", "https://hedgerow.example/bees");
            (file, page.content_type(None))
        },
    ]
}

fn encoded(file: &str, encoding: &'static Encoding) -> Vec<u8> {
    let text = source(file);
    let (bytes, _, lossy) = encoding.encode(&text);
    assert!(!lossy, "{file} has characters that {} lacks", encoding.name());
    bytes.into_owned()
}

/// The second file: a corrupt response in the middle, and an end that is cut off.
pub(crate) fn second() -> Vec<u8> {
    let mut file = WarcWriter::new(Layout::MemberPerRecord, 1);
    file.warcinfo("crawl-00001.warc.gz");
    let pages = second_pages();
    let (before, after) = pages.split_at(5);
    for (_, page) in before {
        file.page(page);
    }
    let corrupt =
        Page::html("https://blue-pot.example/amp/red-lentil", source("recipe-lentil-soup.html"));
    let [request, response, metadata] = file.build_page(&corrupt);
    file.push(&request);
    file.raw(&encode::gzip_corrupt(&response));
    file.push(&metadata);
    for (at, (_, page)) in after.iter().enumerate() {
        file.version = if at == 1 { "1.1" } else { "1.0" };
        file.page(page);
    }
    let seen = Page::html("https://valley.example/events", source("events-bullets.html"));
    // The date of the response in the first file.
    file.revisit(&seen, "2025-03-04T00:03:51Z");
    let cut =
        Page::html("https://forum.fixers.example/print/8812", source("forum-dripping-tap.html"));
    let [request, response, _] = file.build_page(&cut);
    file.push(&request);
    let member = encode::gzip_stored(&response);
    file.raw(&member[..member.len() * 2 / 3]);
    file.finish()
}

/// The WET file of three pages of the first file.
pub(crate) fn wet() -> Vec<u8> {
    let mut file = WarcWriter::new(Layout::MemberPerRecord, 2);
    file.warcinfo("crawl-00000.warc.wet.gz");
    for (name, url) in &PLAIN_PAGES[..3] {
        file.conversion(url, "eng", &text::of_html(&source(name)));
    }
    file.finish()
}
