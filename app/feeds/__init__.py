"""Calendar feeds: a secret address by which a calendar program follows the appointments of a person or a station."""
