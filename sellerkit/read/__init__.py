"""Files → histories."""
