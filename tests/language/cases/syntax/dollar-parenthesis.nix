$(date)
