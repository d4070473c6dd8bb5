"""The interactive session of ``repl``: reading, understanding, evaluating and printing what is typed."""
