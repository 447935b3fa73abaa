"""Look-ups by subject, one room a file; `corpus.codebook.Codebook` opens them."""
