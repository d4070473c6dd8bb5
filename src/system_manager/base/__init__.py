"""What every layer needs and none owns: errors, events, files, locks, processes."""
