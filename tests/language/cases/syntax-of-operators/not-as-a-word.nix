if not true then 1 else 2
