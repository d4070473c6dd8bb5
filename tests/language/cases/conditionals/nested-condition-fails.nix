if true then if [ ] == [ ] then 1 + null else 2 else 3
