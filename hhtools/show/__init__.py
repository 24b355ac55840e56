"""Records laid out for people: what each says, how its two sides differ, as text for a terminal or as a page."""
