"""Amazon's reports and the payloads of its API."""
