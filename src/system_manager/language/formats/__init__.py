"""Values as JSON, XML and TOML, and back."""
