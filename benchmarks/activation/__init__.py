"""The engine beside ansible-core and pyinfra."""
