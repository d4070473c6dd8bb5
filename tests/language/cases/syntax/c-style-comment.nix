// comment
1
