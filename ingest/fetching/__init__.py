"""Getting official files from their publishers: the only part of the program that uses the network, and only when asked to."""
