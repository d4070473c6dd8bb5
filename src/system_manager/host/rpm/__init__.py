"""What dnf and zypper share: the package database, package files and repository metadata of rpm."""
