"""The only layer that prints, prompts and picks exit codes."""
