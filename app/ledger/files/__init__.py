"""A ledger as a file: read, checked row by row, compared with what is kept, written. Pure but for the file itself."""
