builtins.hashFile "md5" ../files/nothing
