"""The data: its words, its tables, and every dated look-up. Knows nothing of ingestion or of the assistant."""
