"""The counter without a network: staff go on calling, and hand in what they did when it is back."""
