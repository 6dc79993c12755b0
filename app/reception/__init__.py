"""What is handed in at a station: its label, its condition, who has it, and how it gets back to its owner."""
