//! Charset, HTML to text; one file per extractor.
