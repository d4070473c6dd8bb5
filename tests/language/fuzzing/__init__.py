"""Programs and texts nobody has thought of, for this evaluator and real Nix to disagree about.

``python -m tests.language.fuzzing --help`` runs it for as long as one likes.
"""
