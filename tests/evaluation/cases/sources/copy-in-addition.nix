"a " + ./files/plain.txt
