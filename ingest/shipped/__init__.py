"""The shipped corpus: formats, reading with file and line of every fault, and checks against each other."""
