let "a b".c = 1; in 2
