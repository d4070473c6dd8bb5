"a " + ../files/plain.txt
