"""Results made task by task, by one process or several, which a killed run leaves to be resumed."""
