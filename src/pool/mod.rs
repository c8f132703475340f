//! Files of already extracted text (JSONL, Parquet) as documents.
