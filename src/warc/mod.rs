//! Bytes to WARC records to HTTP payloads.
