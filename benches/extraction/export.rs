//! What `train.py` reads: arrays as flat little-endian files, names as JSON.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use gristmill::extract::Limits;
use gristmill::extract::training::{FEATURES, Page};

use crate::data::GoldPage;
use crate::score::{aligned, tokens};

/// Arrays of all pages, one behind the other. Ends are places in the array that they divide.
#[derive(Default)]
struct Arrays {
    integers: BTreeMap<&'static str, Vec<u32>>,
    features: Vec<f32>,
}

impl Arrays {
    fn push(&mut self, name: &'static str, value: usize) {
        let value = u32::try_from(value).unwrap();
        self.integers.entry(name).or_default().push(value);
    }

    fn len(&self, name: &str) -> usize {
        self.integers.get(name).map_or(0, Vec::len)
    }
}

/// Writes the pages to a directory.
pub(crate) fn write(pages: &[GoldPage], directory: &Path) {
    std::fs::create_dir_all(directory).unwrap();
    let mut arrays = Arrays::default();
    let (mut classes, mut words) = (BTreeMap::new(), BTreeMap::new());
    let mut groups = 0;
    for gold in pages {
        let page = Page::of(&gold.html, &Limits::default()).unwrap();
        add(&mut arrays, gold, &page, groups);
        groups += page.blocks.iter().map(|block| block.group as usize + 1).max().unwrap_or(0);
        classes.extend(page.class_names);
        words.extend(page.word_names);
    }
    for (name, values) in &arrays.integers {
        let mut file = BufWriter::new(File::create(directory.join(format!("{name}.u32"))).unwrap());
        values.iter().for_each(|value| file.write_all(&value.to_le_bytes()).unwrap());
    }
    let mut file = BufWriter::new(File::create(directory.join("features.f32")).unwrap());
    arrays.features.iter().for_each(|value| file.write_all(&value.to_le_bytes()).unwrap());
    let of_pages = |field: fn(&GoldPage) -> &String| pages.iter().map(field).collect::<Vec<_>>();
    let names = serde_json::json!({
        "features": FEATURES,
        "classes": classes,
        "words": words,
        "sets": of_pages(|page| &page.set),
        "groups": of_pages(|page| &page.group),
        "parts": of_pages(|page| &page.part),
    });
    std::fs::write(directory.join("names.json"), names.to_string()).unwrap();
}

fn add(arrays: &mut Arrays, gold: &GoldPage, page: &Page, groups: usize) {
    let (first_block, first_element) = (arrays.len("block_tokens"), arrays.len("element_parent"));
    let of_block: Vec<Vec<String>> = page.blocks.iter().map(|block| tokens(&block.text)).collect();
    let gold_tokens = tokens(&gold.gold);
    let is_gold = aligned(&of_block.concat(), &gold_tokens);
    let mut start = 0;
    for (block, tokens) in page.blocks.iter().zip(&of_block) {
        let end = start + tokens.len();
        arrays.push("block_tokens", tokens.len());
        arrays.push("block_gold", is_gold[start..end].iter().filter(|is_gold| **is_gold).count());
        start = end;
        arrays.push("block_element", first_element + block.element as usize);
        arrays.push("block_group", groups + block.group as usize);
        for (from, to) in block.containers {
            arrays.push("block_containers", first_block + from as usize);
            arrays.push("block_containers", first_block + to as usize);
        }
        block.words.iter().for_each(|word| arrays.push("words", *word as usize));
        arrays.push("block_words_end", arrays.len("words"));
        arrays.features.extend_from_slice(&block.features);
    }
    for element in &page.elements {
        arrays.push("element_parent", first_element + element.parent as usize);
        element.classes.iter().for_each(|class| arrays.push("classes", *class as usize));
        arrays.push("element_classes_end", arrays.len("classes"));
    }
    arrays.push("page_blocks_end", arrays.len("block_tokens"));
    arrays.push("page_gold_tokens", gold_tokens.len());
}
