"${../files/script.sh}"
