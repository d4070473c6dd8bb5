"""Making store paths exist: in-process builders and the sandbox."""
