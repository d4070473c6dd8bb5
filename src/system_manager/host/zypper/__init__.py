"""The package manager of openSUSE and SUSE Linux Enterprise."""
