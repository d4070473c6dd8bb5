builtins.hashFile "crc32" ../files/plain.txt
