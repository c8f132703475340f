//! Words, lines, sentences, n-grams and edited views: one definition each.
