{ fileSystems."/data".fsType = "ext4"; }
