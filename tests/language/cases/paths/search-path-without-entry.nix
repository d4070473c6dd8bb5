<nothing-by-this-name>
