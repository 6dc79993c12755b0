"""What a station changes of its hours, desks and closures, and where those go who are booked then."""
