let p = ../files/plain.txt; in "${p}" == "${p}"
