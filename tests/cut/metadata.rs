//! What a page says of itself goes with its text.

use std::path::PathBuf;

use gristmill::config::Config;
use gristmill::cut::Request;
use gristmill::plan::Plan;
use tempfile::TempDir;

use crate::common::warc::{Layout, Page, WarcWriter};
use crate::mill::{Mill, cut_of, run_into};

#[test]
fn title_author_and_day_of_publication_are_those_of_the_run() {
    let crawl = TempDir::new().unwrap();
    let mut writer = WarcWriter::new(Layout::Plain, 1);
    let told = "<title>Grist</title><meta name=author content='Ann Miller'>\
                <meta property=article:published_time content=2013-05-17T10:00Z><p>Grist.</p>";
    writer.page(&Page::html("http://h.example/told", told));
    writer.page(&Page::html("http://h.example/untold", "<p>Grist to the mill.</p>"));
    let path = crawl.path().join("told.warc");
    std::fs::write(&path, writer.finish()).unwrap();
    let pipeline = "name = 'x'\n[extract]\nwith = 'all_text'\n".to_owned();
    let (config, faults) = Config::parse("p.toml", pipeline, PathBuf::new());
    let plan = Plan::resolve(&config, faults).unwrap_or_else(|error| panic!("{error}"));
    let mill = Mill { plan, directory: TempDir::new().unwrap() };
    run_into(&mill.plan, &[path], mill.directory.path(), 1);
    for shuffle in [false, true] {
        let (_, _, mut documents) = cut_of(&Request { shuffle, ..mill.request("raw") });
        documents.sort_by_key(|document| document.title.is_none());
        let [told, untold] = &documents[..] else { panic!("{documents:?}") };
        assert_eq!(told.title.as_deref(), Some("Grist"));
        assert_eq!(told.author.as_deref(), Some("Ann Miller"));
        assert_eq!(told.published, Some(jiff::civil::date(2013, 5, 17)));
        assert_eq!((&untold.title, &untold.author, untold.published), (&None, &None, None));
    }
}
