[null] == [null]
