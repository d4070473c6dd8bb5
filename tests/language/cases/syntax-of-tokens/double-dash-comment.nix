-- comment
1
