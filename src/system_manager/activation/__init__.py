"""The privileged half: manifest and facts to plan, journal and changes."""
