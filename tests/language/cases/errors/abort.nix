abort "giving up"
