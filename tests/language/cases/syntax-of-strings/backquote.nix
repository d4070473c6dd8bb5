`date`
