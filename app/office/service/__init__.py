"""What staff decide, each on record."""
