"""The library: its functions, its module system, and what configurations become."""
