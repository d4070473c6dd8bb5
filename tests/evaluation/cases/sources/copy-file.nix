"${./files/script.sh}"
